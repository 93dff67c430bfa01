"""Every schedule: what must hold under it, and the shortest one under which it does not."""
