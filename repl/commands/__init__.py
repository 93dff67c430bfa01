"""The commands of the prompt: the laboratory's, and a module for each group of the others."""
