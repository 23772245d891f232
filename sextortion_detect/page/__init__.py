"""Floor 4: a conversation as one HTML file, its curve of the risk, and the files of a whole scan."""
