"""A formula for each output of a block, from the rows of its calls; several share their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.tables import checked
from ..ir.expr import Call, Const, Expr, Var, walk
from ..ir.formulas import Formulas
from ..ir.program import Let
from ..ir.rewrite import substitute
from ..ir.types import Reals, Scalar
from .columns import NamedColumns
from .values import values_of

if TYPE_CHECKING:
    from ..formula.symbolic.losses import RowErrors
    from ..formula.table_search import SearchSettings
    from ..modules.calls import BlockCalls
    from .rotate import Mixing

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

_FEW_BATCHES = 4  # from so many on whole batches are held out
_HELD = 4  # of which one in so many


@dataclass(frozen=True, slots=True)
class FrontRow:
    """A formula that could be chosen: its size in nodes, its loss on fitted rows.

    That is the mean squared error unless another one was asked for, which is told in squared units.
    """

    complexity: int
    loss: float
    expr: Expr


@dataclass(frozen=True, slots=True, eq=False)
class OutputSearch:
    """What was found for one output.

    ``place`` is its place in the answer of the block, ``expr`` the chosen formula of the named
    columns and ``front`` all that could be chosen, the smallest first. ``teacher_error`` is the
    standard error of the network that the search was given or told by the front, None where it
    reckoned with none.
    """

    name: str
    place: int
    expr: Expr
    complexity: int
    front: tuple[FrontRow, ...]
    teacher_error: float | None = None

    @property
    def loss(self) -> float:
        """The loss of the chosen formula on the fitted rows."""
        return min(row.loss for row in self.front if row.expr == self.expr)

    def chosen(self, complexity: int) -> OutputSearch:
        """The best formula of at most so many nodes; the smallest where none is so small."""
        fitting = [row for row in self.front if row.complexity <= complexity] or [self.front[0]]
        best = min(fitting, key=lambda row: (row.loss, row.complexity))
        return replace(self, expr=best.expr, complexity=best.complexity)


@dataclass(frozen=True, slots=True, eq=False)
class CallRows:
    """The rows of a block's calls: columns by name, answers (rows, outputs), who judges.

    ``x`` (rows, inputs) is what the block was given; ``held`` (rows,) says which rows judge, and
    ``judges`` in words what they are; ``call`` counts the calls they come from.
    """

    x: Floats
    y: Floats
    call: Counts
    held: NDArray[np.bool_]
    judges: str


def rows_of(calls: BlockCalls, places: Sequence[int], seed: int) -> CallRows:
    """The rows with one in four held out: whole batches, or calls, or rows of the only call."""
    batches = len(np.unique(calls.batch))
    rng = np.random.default_rng([seed, 43])
    if batches >= _FEW_BATCHES:
        groups, what = calls.batch, "batches"
    elif calls.calls > 1:
        groups, what = calls.call, "calls"
    else:
        groups, what = np.arange(len(calls.x)), "rows"
    kinds = rng.permutation(np.unique(groups))
    picked, rows = [], 0
    for kind in kinds[:-1].tolist():
        if _HELD * rows >= len(groups):
            break
        picked.append(kind)
        rows += int((groups == kind).sum())
    held = np.isin(groups, picked)
    if what == "rows":
        judges = f"{int(held.sum()):,} rows of the only call that was captured"
    else:
        count = len(np.unique(calls.call[held]))
        several = f"{count:,} call{'' if count == 1 else 's'} of {calls.calls:,}"
        judges = f"{int(held.sum()):,} rows of {several}, none of which was fitted"
    return CallRows(calls.x, calls.y[:, list(places)], calls.call, held, judges)


def search_output(
    rows: CallRows,
    columns: NamedColumns,
    table: Mapping[str, Floats],
    k: int,
    output: tuple[str, int],
    settings: SearchSettings,
) -> OutputSearch:
    """The formula of output ``k``, called and placed as ``output`` says."""
    from ..formula.symbolic.losses import RowErrors
    from ..formula.symbolic.program import readable
    from ..formula.table_search import search_table

    name, place = output
    fitted = np.flatnonzero(~rows.held)
    x = np.stack([table[column] for column in columns.spoken], axis=1)
    y = rows.y[:, k]
    if np.ptp(y) == 0:
        value = Const(float(y[0]))
        return OutputSearch(name, place, value, 1, (FrontRow(1, 0.0, value),))
    given = checked(x, y, columns.spoken, name)
    search = search_table(given, "part", fitted, settings)
    expr = readable(inlined(search.law.body, search.law.value))
    fits = [readable(fit.expr) for fit in search.front]
    weights = None if settings.weights is None else settings.weights[fitted]
    errors = RowErrors(settings.loss, None if weights is None else weights / weights.mean())
    inner = {column: values[fitted] for column, values in table.items()}
    chosen = output_of(output, [expr, *fits], inner, y[fitted], errors)
    return chosen if search.noise is None else replace(chosen, teacher_error=search.noise**0.5)


def output_of(
    output: tuple[str, int],
    exprs: Sequence[Expr],
    columns: Mapping[str, Floats],
    y: Floats,
    errors: RowErrors,
) -> OutputSearch:
    """The first of these formulas for answers (rows,), and those that no smaller one beats."""
    from ..target.formula_source import expression_text
    from ..target.python import nodes

    name, place = output

    def row(expr: Expr) -> FrontRow:
        with np.errstate(all="ignore"):
            loss = errors.of(values_of(expr, columns, len(y)) - y)
        return FrontRow(nodes(expression_text(expr)), loss, expr)

    law = exprs[0]
    rows = [row(expr) for expr in dict.fromkeys(exprs)]
    rows = [one for one in rows if np.isfinite(one.loss)]
    result: list[FrontRow] = []
    for one in sorted(rows, key=lambda one: (one.complexity, one.loss)):
        if one.expr == law or not result or one.loss < min(r.loss for r in result):
            result.append(one)
    size = next(row.complexity for row in result if row.expr == law)
    return OutputSearch(name, place, law, size, tuple(result))


def inlined(body: Sequence[Let], value: Expr) -> Expr:
    """A value with what is bound before it in the place of its names."""
    known: dict[str, Expr] = {}
    for let in body:
        known[let.name] = substitute(let.value, known)
    return substitute(value, known)


def joined(
    name: str,
    columns: NamedColumns,
    ends: tuple[Floats, Floats],
    searched: Sequence[OutputSearch],
    answers: Sequence[str],
    y: Floats,
    mixing: Mixing | None = None,
) -> Formulas:
    """The chosen formulas as one program for answers (rows, outputs); parts they share are named.

    ``ends`` are the least and the greatest of each input; with a ``mixing`` what was searched are
    mixes, of which the answers are sums.
    """
    from ..formula.symbolic.program import readable, shared

    results = tuple(
        Scalar(answer, Reals(float(column.min()), float(column.max())), answer)
        for answer, column in zip(answers, y.T, strict=True)
    )
    wanted = {name for one in searched for name in _names(one.expr)}
    derived: list[Let] = []
    for let in reversed(columns.lets):
        if let.name in wanted:
            derived.insert(0, let)
            wanted |= _names(let.value)
    taken = {name, "math", "json", "sys", "solve", *columns.names, *answers}
    taken |= {one.name for one in searched} | {let.name for let in columns.lets}
    body, values = shared(Call("list", tuple(readable(one.expr) for one in searched)), taken)
    assert isinstance(values, Call)
    inputs, outputs = columns.scalars(*ends), values.args
    if mixing is not None:
        body += [Let(one.name, value) for one, value in zip(searched, outputs, strict=True)]
        outputs = tuple(
            _sum([one.name for one in searched], weights, offset)
            for weights, offset in zip(mixing.back.T.tolist(), mixing.offset.tolist(), strict=True)
        )
    return Formulas(name, inputs, results, tuple(derived), tuple(body), outputs)


def _sum(names: Sequence[str], weights: Sequence[float], offset: float) -> Expr:
    """A weighted sum of variables."""
    parts: list[Expr] = [
        Call("mul", (Const(weight), Var(name)))
        for name, weight in zip(names, weights, strict=True)
        if weight
    ]
    parts += [Const(offset)] if offset or not parts else []
    return parts[0] if len(parts) == 1 else Call("add", tuple(parts))


def _names(expr: Expr) -> set[str]:
    return {node.name for node in walk(expr) if isinstance(node, Var)}
