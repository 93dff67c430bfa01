"""The engine of Oncelab: exactly-once stream processing, with nothing around it."""

__version__ = "0.1.0"
