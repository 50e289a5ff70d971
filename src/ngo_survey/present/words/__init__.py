"""How each language says numbers, lists and plurals: one file a language in ``numbers``."""
