"""A survey as a program."""

__version__ = "0.1.0"
