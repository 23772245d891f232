"""Floor 1: from raw text to words with exact positions in the original."""
