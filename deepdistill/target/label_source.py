"""Rules of a table → Source: the function that gives the label, and that of the probabilities."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..ir.expr import Const, Expr, If
from ..ir.largest import sums_of_classes, values_read
from ..ir.levels import quoted
from ..ir.names import fresh
from ..ir.program import Formula
from ..ir.rounding import rounded
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
    probability: str,
    origin: Provenance,
    strict: bool = False,
    layout: TableLayout = PLAIN_LAYOUT,
) -> str:
    """The source of the solver module: standard library only.

    ``labels`` gives the place of a label, ``probability`` is the text of the function beside it.
    """
    names = labels.output.levels
    target = labels.output.title or labels.output.name
    body = label_function(labels, _promise(target, names))
    return formula_module(
        {
            **module_fields(labels, origin, strict, layout),
            "summary": docstring(f"Rules for {target}."),
            "body": f"{body}\n\n\n{probability}",
        }
    )


def shares_of_cases(cases: Formula, known: Sequence[Case]) -> str:
    """The function of probabilities; ``cases`` gives the place of what is ``known``."""
    names = cases.output.levels
    places = _places(missing_first(cases))
    case_texts = [
        docstring(f"- {known[k].counts}", hanging="      ")
        if k not in places[after:]
        else f"- those of return {after + places[after:].index(k) + 1}"
        for after, k in enumerate(places, 1)
    ]
    head = f"{_shares_promise(cases)} Behind the returns, in their order, stand these rows:"
    return guarded(
        replace(cases, name=PROBABILITY),
        _with_list(head, case_texts),
        decided(cases, lambda k: _shares(names, known[k].probabilities)),
    )


def shares_of_sums(labels: Formula, worth: float, least: float, known: Sequence[Case]) -> str:
    """The function of probabilities that grow with the exponentials of the sums of classes.

    One of a sum is ``worth`` so many nats; no probability is less than ``least``.
    """
    names = labels.output.levels
    share = rounded(1 - least * len(names))
    body = _scores(labels, lambda k: _label(names[k]))
    assert body is not None, "each label has a sum"
    scores, highest, powers, total, label, score, power = _names_of_sums(labels)
    factor = "" if worth == 1 else f"{worth!r} * "
    for line in (
        f"{highest} = max({scores}.values())",
        f"{powers} = {{{{{label}: math.exp({factor}({score} - {highest})) "
        f"for {label}, {score} in {scores}.items()}}}}",
        f"{total} = sum({powers}.values())",
        f"return {{{{{label}: {least!r} + {share!r} * {power} / {total} "
        f"for {label}, {power} in {powers}.items()}}}}",
    ):
        body += block(line)
    head = (
        f"{_shares_promise(labels)} They grow with the exponentials of the scores. Behind the "
        "labels and their probabilities stand these rows:"
    )
    texts = [docstring(f"- {one.counts}", hanging="      ") for one in known]
    return guarded(replace(labels, name=PROBABILITY), _with_list(head, texts), body)


def _shares_promise(labels: Formula) -> str:
    return f"Return the probability of each value of {labels.output.title or labels.output.name}."


def _with_list(head: str, texts: Sequence[str]) -> str:
    """A docstring of some words and a list."""
    lines = [docstring(head), "", *(line.replace("\n", "\n    ") for line in texts)]
    return "\n    ".join(lines).replace("\n    \n", "\n\n") + "\n    "


def name_of_scores(labels: Formula) -> str:
    """What the function of the labels calls the sums of classes."""
    return _names_of_sums(labels)[0]


def _names_of_sums(labels: Formula) -> list[str]:
    """Names of what probabilities are made from, unlike those of the inputs."""
    taken = {labels.name, *(scalar.name for scalar in labels.inputs)}
    taken |= {let.name for let in values_read(labels, sums_of_classes(labels) or [])}
    words = ("scores", "highest", "powers", "total", "label", "score", "power")
    return [fresh(word, taken) for word in words]


def _scores(formula: Formula, leaf: Callable[[int], ast.expr]) -> list[ast.stmt] | None:
    """A mapping from labels to their sums, where the first largest one is the answer."""
    sums = sums_of_classes(formula)
    if sums is None:
        return None
    lowering = lowering_of(formula, Lowering)
    before = assigned(lowering, values_read(formula, sums))
    by_label = ast.Dict([leaf(k) for k in range(len(sums))], [lowering.tree(one) for one in sums])
    return [*before, *block(f"{_names_of_sums(formula)[0]} = {{}}", by_label)]


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
    if (scores := _scores(formula, leaf)) is not None:
        name = _names_of_sums(formula)[0]
        return [*scores, *block(f"return max({name}, key={name}.get)")]

    def ending(expr: Expr) -> ast.expr:
        assert isinstance(expr, Const) and isinstance(expr.value, int), "a place is a constant"
        return leaf(expr.value)

    value = missing_first(formula)
    return [*assigned(lowering, formula.body), *returned(lowering, value, ending)]


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
    result: list[tuple[str, int | None]] = []
    for line in _short_lines(cases, lambda k: ast.Name(f"END_{k}")):
        words, _, place = line.partition("return END_")
        result.append((words, int(place) if place else None))
    return result


def decision_lines(labels: Formula) -> list[str]:
    """The lines that give the label, without the function around them."""
    names = labels.output.levels
    return _short_lines(labels, lambda k: _label(names[k]))


def _short_lines(formula: Formula, leaf: Callable[[int], ast.expr]) -> list[str]:
    body = [f"    {line}" for line in lines(decided(formula, leaf))]
    text = formatted("\n".join([f"def {formula.name}():", *body]), _SHORT_LINE)
    return [line.removeprefix("    ") for line in text.splitlines()[1:]]


def label_text(labels: Formula) -> str:
    """The function that gives the label, by itself."""
    target = labels.output.title or labels.output.name
    text = label_function(labels, _promise(target, labels.output.levels))
    return formatted(text.removeprefix("@_guarded\n"), LINE_LENGTH)
