"""A lesson at the prompt: found, opened, and the guide that walks beside the session."""
