"""Formulas as statisticians write them, ``y ~ x * z + C(w)``, read by formulaic into our terms.

formulaic's own columns are not taken: they know neither splines whose knots follow the weights nor
parts of a whole, and effects and predictions have to make columns anew. It reads; nothing in a
formula is ever run as code.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from ngo_survey.errors import InputError, nearest
from ngo_survey.statistics.design import SurveyDesign
from ngo_survey.statistics.models.formula import FUNCTIONS, Term

if TYPE_CHECKING:
    from formulaic.parser.types import Factor
    from formulaic.parser.types import Term as Parsed

#: What may stand in a formula, as hints say it.
GRAMMAR = (
    'write "y ~ a + b", a * b, a:b, C(a), C(a, Treatment("level")), spline(a, 3), log2p1(a) '
    "or ilr(battery)"
)
#: Stands for a name between backticks where Python reads the rest.
QUOTED = "quoted_"
COMPUTED = "add it to the data, design.assign(name=...), and name the column"


def read(formula: str, design: SurveyDesign) -> tuple[str, list[Term], SurveyDesign]:
    """Return the outcome and the terms of a formula, and the design that they are read from.

    ``C(w)`` of a number makes its column categorical in the design returned.

    Raises
    ------
    InputError: what formulaic cannot read; a computed variable (``np.log(x)``, ``I(x ** 2)``); a
        model without an intercept; a product of more than two variables; a variable that stands
        both in ``C()`` and as a number.
    """
    from formulaic import Formula
    from formulaic.errors import FormulaParsingError

    try:
        parsed = Formula(formula)
        left, right = list(parsed.lhs), list(parsed.rhs)
        places = [[_factor(factor, formula) for factor in term.factors] for term in right]
        sides = [factor for term in left for factor in term.factors]
    except (FormulaParsingError, AttributeError, SyntaxError, TypeError) as error:
        raise InputError("this is no formula of a model", value=formula, hint=GRAMMAR) from error
    if len(left) != 1 or len(sides) != 1 or sides[0].eval_method.value != "lookup":
        raise InputError(
            "a formula has one column of the data before its ~",
            value=formula,
            hint='of a category that counts as 1 say event="..."; what is computed: ' + COMPUTED,
        )
    if not any(_is_intercept(term) for term in right):
        raise InputError(
            "a model without an intercept is not fitted", value=formula, hint="leave out 0 or -1"
        )
    terms = [
        _product(factors, formula)
        for factors, term in zip(places, right, strict=True)
        if not _is_intercept(term)
    ]
    called = {
        term.variable
        for factors, parts in zip(places, right, strict=True)
        for term, factor in zip(factors, parts.factors, strict=True)
        if _is_category(factor)
    }
    plain = {factor.expr for term in right for factor in term.factors if not _is_category(factor)}
    for name in sorted(called & plain):
        raise InputError(
            "a variable stands both in C() and without",
            column=name,
            hint="write C() around it wherever it stands",
        )
    return str(sides[0].expr), terms, _categorical(design, called)


def _is_intercept(term: Parsed) -> bool:
    return [factor.expr for factor in term.factors] == ["1"]


def _is_category(factor: Factor) -> bool:
    return factor.expr.replace(" ", "").startswith("C(")


def _product(factors: list[Term], formula: str) -> Term:
    if len(factors) == 1:
        return factors[0]
    if len(factors) > 2:
        raise InputError(
            "a product of more than two variables is not fitted",
            value=":".join(factor.variable for factor in factors),
            hint=f"cross two of them into one column first; found in {formula!r}",
        )
    return Term.of({"interaction": [factor.variable for factor in factors]})


def _factor(factor: Factor, formula: str) -> Term:
    """Return the term of one factor: a name, or a call that we know."""
    if factor.eval_method.value == "lookup":
        return Term(factor.expr)
    if factor.eval_method.value == "literal":
        if factor.expr != "1":
            raise InputError(
                "a formula scales nothing", value=factor.expr, hint=f"{COMPUTED}: {formula!r}"
            )
        return Term()
    try:
        function, name, rest = _call(factor.expr)
    except (AttributeError, IndexError, SyntaxError, ValueError):
        raise InputError(
            "a formula computes nothing", value=factor.expr, hint=f"{COMPUTED}; {GRAMMAR}"
        ) from None
    known = ("C", *FUNCTIONS)
    if function not in known or len(rest) != (function == "spline") + (
        function == "C" and len(rest) == 1
    ):
        raise InputError(
            "a formula has no such function",
            value=factor.expr,
            hint=f"{nearest(function, known)}; {COMPUTED}",
        )
    if function == "C":
        return Term(name, reference=str(rest[0]) if rest else None)
    if function == "spline":
        return Term(name, spline=int(rest[0]))
    if function == "log2p1":
        return Term(name, transform="log2p1")
    return Term.of({"ilr": name})


def _call(written: str) -> tuple[str, str, list[Any]]:
    """Return function, column and further arguments of a call such as ``C(region, "north")``.

    A column may have dots in its name, or any signs between backticks.
    """
    quoted = re.findall(r"`([^`]*)`", written)
    call: Any = ast.parse(re.sub(r"`[^`]*`", QUOTED, written), mode="eval").body
    named = call.args[0]
    if call.keywords or not isinstance(named, ast.Name | ast.Attribute):
        raise ValueError
    name = ast.unparse(named)
    return call.func.id, quoted[0] if name == QUOTED else name, [*map(_literal, call.args[1:])]


def _literal(node: ast.expr) -> Any:
    """Return a level or a number; ``Treatment("level")`` and ``Treatment(reference="level")``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id != "Treatment":
            raise ValueError
        (node,) = [*node.args, *(keyword.value for keyword in node.keywords)]
    return ast.literal_eval(node)


def _categorical(design: SurveyDesign, names: set[str]) -> SurveyDesign:
    """Return the design with numbers of these names as categories, in their order."""
    frame = design.frame
    numbers = [n for n in names if n in frame and pd.api.types.is_numeric_dtype(frame[n])]
    return design.assign(**{name: pd.Categorical(frame[name]) for name in numbers})
