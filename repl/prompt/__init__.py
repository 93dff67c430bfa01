"""The prompt: the loop, its keys, what completes a line, and what is kept while it runs."""
