"""What a person sees: the command line, the prompt, and every picture they draw."""
