"""Adapters to moderation tools: thin translations of their requests and answers, nothing decided twice."""
