"""Cross-tabulations: declared tables in, tidy estimates out, safe to release."""
