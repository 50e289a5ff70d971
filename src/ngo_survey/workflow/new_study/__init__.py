"""A study from an export: what its columns seem to be, as a form and a configuration to correct."""
