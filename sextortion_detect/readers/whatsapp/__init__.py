"""WhatsApp: the entries of an export, and the dates that begin them."""
