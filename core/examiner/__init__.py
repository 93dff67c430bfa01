"""Tests a node that somebody else wrote, and explains the first wrong reply."""
