"""Trends: official series, one concept each, projected only where they allow it."""
