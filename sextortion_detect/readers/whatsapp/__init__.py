"""WhatsApp: the entries of an export, the dates that begin them, and what the app itself writes among them."""
