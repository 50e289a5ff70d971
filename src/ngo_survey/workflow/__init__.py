"""The table of stages, the rules made of it, and where every number came from."""

from pathlib import Path

#: The rules of the program, which the `Snakefile` of a study includes.
SNAKEFILE = str(Path(__file__).parent / "rules" / "Snakefile")
