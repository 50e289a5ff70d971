"""Results: the store, the released package, and what is equal within tolerance."""
