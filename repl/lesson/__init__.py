"""A lesson at the prompt: the guide beside it, and `oncelab lesson`."""
