"""The search: tries every schedule within bounds, and finds a shortest one that breaks a rule."""
