"""Cleaning: a stated order of rules, each logged; what cannot stay goes to quarantine."""
