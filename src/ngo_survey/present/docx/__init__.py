"""The document as a Word file that people can go on editing: ``render.render``."""
