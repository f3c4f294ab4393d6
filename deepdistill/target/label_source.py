"""Rules of a table → Source: the function that gives the label, and that of the probabilities."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..ir.expr import Call, Const, Expr, If, Var
from ..ir.levels import quoted
from ..ir.program import Formula
from ..ir.types import PLAIN_LAYOUT, Level, TableLayout
from .branches import assigned, returned
from .formula_source import described_inputs, formula_module, guarded, lowering_of, module_fields
from .layout import formatted
from .lower import Lowering
from .missing_first import missing_first
from .python import block, built, lines, statement_nodes
from .source import LINE_LENGTH, Provenance, docstring, render

PROBABILITY = "probability"
_SHORT_LINE = 84


@dataclass(frozen=True, slots=True)
class Case:
    """What is known where rules come to one end: each label's probability, and rows that show it.

    ``counts`` says in words how many rows of each label came there.
    """

    probabilities: tuple[float, ...]
    counts: str


def label_function(labels: Formula, described: str) -> str:
    """The function that gives the label."""
    names = labels.output.levels
    return guarded(labels, docstring(described), decided(labels, lambda k: _label(names[k])))


def label_solver(
    labels: Formula,
    cases: Formula,
    known: Sequence[Case],
    origin: Provenance,
    strict: bool = False,
    layout: TableLayout = PLAIN_LAYOUT,
) -> str:
    """The source of the solver module: standard library only.

    ``labels`` gives the place of a label, ``cases`` that of what is ``known``.
    """
    names = labels.output.levels
    target = labels.output.title or labels.output.name
    body = label_function(labels, _promise(target, names))
    places = _places(missing_first(cases))
    case_texts = [
        docstring(f"- {known[k].counts}", hanging="      ")
        if k not in places[after:]
        else f"- those of return {after + places[after:].index(k) + 1}"
        for after, k in enumerate(places, 1)
    ]
    head = docstring(
        f"Return the probability of each value of {target}. Behind the returns, in their order, "
        "stand these rows:"
    )
    lines = [head, "", *(line.replace("\n", "\n    ") for line in case_texts)]
    shares = guarded(
        replace(cases, name=PROBABILITY),
        "\n    ".join(lines).replace("\n    \n", "\n\n") + "\n    ",
        decided(cases, lambda k: _shares(names, known[k].probabilities)),
    )
    return formula_module(
        {
            **module_fields(labels, origin, strict, layout),
            "summary": docstring(f"Rules for {target}."),
            "body": f"{body}\n\n\n{shares}",
        }
    )


def _places(expr: Expr) -> list[int]:
    """The places of the ends, as their returns stand in the function."""
    match expr:
        case If(_, then, otherwise):
            return [*_places(then), *_places(otherwise)]
        case Const(int() as place):
            return [place]
        case _:
            raise TypeError(f"{expr} is no end of rules")


def label_test(
    labels: Formula,
    origin: Provenance,
    layout: TableLayout = PLAIN_LAYOUT,
    likeliest: bool = True,
) -> str:
    """The source of the test that lands beside the solver.

    It asks for labels that are ``likeliest``, where they are.
    """
    return render(
        "test_rules.py.j2",
        {
            "names": tuple(scalar.name for scalar in labels.inputs),
            "columns": tuple(
                list(s.levels) if s.levels else (s.domain.low, s.domain.high)
                for s in described_inputs(labels)
            ),
            "labels": labels.output.levels,
            "likeliest": likeliest,
            "shares": True,
            "marks": layout.marks,
            "examples": tuple(origin.examples),
        },
    )


def decided(formula: Formula, leaf: Callable[[int], ast.expr]) -> list[ast.stmt]:
    """The statements that decide; ``leaf`` writes what stands at a place of the answers."""
    lowering = lowering_of(formula, Lowering)
    if (sums := sums_of_classes(formula)) is not None:
        keys = [leaf(place) for place in range(len(sums))]
        scores = ast.Dict(keys, [lowering.tree(one) for one in sums])
        return [*block("scores = {}", scores), *block("return max(scores, key=scores.get)")]

    def ending(expr: Expr) -> ast.expr:
        assert isinstance(expr, Const) and isinstance(expr.value, int), "a place is a constant"
        return leaf(expr.value)

    value = missing_first(formula)
    return [*assigned(lowering, formula.body), *returned(lowering, value, ending)]


def sums_of_classes(formula: Formula) -> list[Expr] | None:
    """The sum of each place of an answer, where that is the first one with the largest sum."""
    match formula.value:
        case If(Call("eq", (_, Var(name))), Const(0), _):
            named = {let.name: let.value for let in formula.body}
        case _:
            return None
    match named.get(name):
        case Call("max", sums):
            pass
        case _:
            return None
    value: Expr = Const(len(sums) - 1)
    for place in reversed(range(len(sums) - 1)):
        value = If(Call("eq", (sums[place], Var(name))), Const(place), value)
    if value != formula.value:
        return None
    return [named.get(one.name, one) if isinstance(one, Var) else one for one in sums]


def _label(level: Level) -> ast.expr:
    return ast.Name(quoted(level)) if isinstance(level, str) else built(repr(level))


def _shares(names: Sequence[Level], probabilities: Sequence[float]) -> ast.expr:
    """A mapping from labels to probabilities in three digits."""
    digits = _digits(probabilities)
    return ast.Dict([_label(name) for name in names], [built(repr(p)) for p in digits])


def _digits(probabilities: Sequence[float]) -> list[float]:
    """Three digits each, 1 in all: what is left over goes to the largest."""
    rounded = [float(f"{p:.3g}") for p in probabilities]
    largest = max(range(len(rounded)), key=lambda k: rounded[k])
    rest = sum(p for k, p in enumerate(rounded) if k != largest)
    rounded[largest] = float(f"{1 - rest:.12g}")
    return rounded


def _promise(target: str, names: Sequence[Level]) -> str:
    texts = [quoted(name) if isinstance(name, str) else repr(name) for name in names[:6]]
    if len(names) > 6:
        texts[5:] = [f"one of {len(names) - 5} more"]
    return f"Return {target}: {', '.join(texts[:-1])} or {texts[-1]}."


def decision_nodes(labels: Formula) -> int:
    """The size of the statements that give the label, the function around them left out."""
    return statement_nodes(decided(labels, lambda k: built(repr(f"label {k}"))))


def lines_to_ends(cases: Formula) -> list[tuple[str, int | None]]:
    """The lines that lead to each end of the rules, and the place of the end behind ``return``."""
    body = [f"    {line}" for line in lines(decided(cases, lambda k: ast.Name(f"END_{k}")))]
    text = formatted("\n".join([f"def {cases.name}():", *body]), _SHORT_LINE)
    result: list[tuple[str, int | None]] = []
    for line in text.splitlines()[1:]:
        words, _, place = line.removeprefix("    ").partition("return END_")
        result.append((words, int(place) if place else None))
    return result


def label_text(labels: Formula) -> str:
    """The function that gives the label, by itself."""
    target = labels.output.title or labels.output.name
    text = label_function(labels, _promise(target, labels.output.levels))
    return formatted(text.removeprefix("@_guarded\n"), LINE_LENGTH)
