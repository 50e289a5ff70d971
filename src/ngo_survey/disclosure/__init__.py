"""Disclosure control: which figures of which tables can be released without exposing anybody."""
