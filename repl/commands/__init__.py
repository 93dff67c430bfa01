"""The commands of the prompt, a module for each group."""
