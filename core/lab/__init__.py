"""The laboratory: a processor and its source, and commands that use them and make them fail."""
