"""Floor 1: exported chats in, `Chat` objects out; one module an export family."""
