"""The document as a tagged PDF: ``render.render``."""
