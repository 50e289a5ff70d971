"""The reproduce room: what makes what, whether it still does, and where a number came from."""
