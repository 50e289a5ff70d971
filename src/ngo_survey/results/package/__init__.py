"""The data package: every released result as tidy files with a description for machines."""
