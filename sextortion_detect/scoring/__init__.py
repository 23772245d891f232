"""Floor 4: whole tables judged block by block, in a way that outlives a crash."""
