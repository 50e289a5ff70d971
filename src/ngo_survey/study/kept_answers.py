"""Which contact details and answers in words a study needs: all others stay in the export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def kept_answers(block: Mapping[str, Any]) -> list[str]:
    """Return the questions that a group of respondents declares a use for, in the order of names.

    Those that ``sources.keep`` names, whose words are coded (``cleaning.coding``, ``op: coded``),
    and without which an interview is not complete (``cleaning.key_questions``). Questions of other
    kinds among them are kept in any case.

    Parameters
    ----------
    block: the block of a group of respondents, as the configuration has it.
    """
    cleaning = block.get("cleaning", {})
    named = {*block.get("sources", {}).get("keep", ())}
    named |= {f"{question}_other" for question in cleaning.get("coding", {})}
    named |= {rule["of"] for rule in block.get("derive", {}).values() if rule["op"] == "coded"}
    for entry in cleaning.get("key_questions", ()):
        named |= {entry} if isinstance(entry, str) else set(entry)
    return sorted(named)
