"""Floor 2: from words to scores, with numpy and scipy alone."""
