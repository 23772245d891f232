"""Floor 4: what leads to somebody or belongs in a report: how it is found, listed, hidden, and shown the right way."""
