"""Floor 5: the workshop, where a model is fitted, measured and described. Needs the extra `train`."""
