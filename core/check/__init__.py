"""Somebody else's node: ask it, judge its replies, and explain the first difference."""
