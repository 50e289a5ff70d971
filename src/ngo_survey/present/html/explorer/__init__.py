"""The explorer: a reader chooses rows, columns and filter among released tables."""
