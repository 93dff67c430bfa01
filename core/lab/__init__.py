"""A processor in a world that fails: the source that feeds it, and every way to break it."""
