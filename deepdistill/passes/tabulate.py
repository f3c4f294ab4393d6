"""Tabulate a position's answer over the regions that it reads, for reachable values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from ..ir.evaluate import Scope, evaluate_expr
from ..ir.expr import Call, Const, Expr, Inside, Read, walk
from ..ir.linear import LinearForm
from ..ir.program import Map, Program
from ..ir.types import Port
from .decide.table import Feature, Ints, TruthTable, decides
from .linear import Atom, linear_form
from .naming import name_measures
from .regions import WORTH_COUNTING, Measure, Region, inside_counts, regions

MOST_ROWS = 300_000


@dataclass(frozen=True, slots=True, eq=False)
class Tabulated:
    """A position's answer as a table, and what each of its features measures."""

    table: TruthTable
    measures: tuple[Measure, ...]
    exprs: tuple[Expr, ...]


def tabulate(program: Program, rule: Map) -> Tabulated | None:
    """The table of ``rule``, or None where it is too large or reads in a form not understood.

    Exact: rows are all values that the regions can take together, and each row's answer is what
    the program's own statements compute from the sums of that row.
    """
    forms: dict[str, LinearForm[Atom]] = {}
    for let in rule.body:
        form = linear_form(_threshold(let.value) or let.value, rule.index)
        if form is not None:
            forms[let.name] = form
        elif _reads(let.value):
            return None
    if _reads(rule.value) or any(_counts_outside(f, program) for f in forms.values()):
        return None
    all_regions = regions(tuple(forms.values()), program.inputs)
    rows = _rows(program, rule, all_regions, forms)
    if rows is None:
        return None
    values, sums = rows
    target = _answers(program, rule, dict(zip(forms, sums.T, strict=True)), len(values))
    measures, values = _summed([m for r in all_regions for m in r.measures], values, target)
    measures, values = _merged(measures, values, target, program.inputs)
    spares, spare_values = _uncounted(measures, values, program.inputs)
    measures, values = [*measures, *spares], np.column_stack([values, *spare_values])
    taken = [*(port.name for port in program.inputs), rule.name, *rule.index, program.name]
    names = name_measures(measures, program.inputs, taken)
    fixed = {port.name for port in program.inputs if port.is_fixed}
    features = tuple(
        Feature(
            name,
            tuple(int(v) for v in np.unique(column)),
            (m.port, m.offsets[0][0]) if m.port in fixed and len(m.offsets[0]) == 1 else None,
            spare=m in spares,
        )
        for name, m, column in zip(names, measures, values.T, strict=True)
    )
    distinct, first = np.unique(values, axis=0, return_index=True)
    exprs = tuple(m.expr(rule.index, m.port in fixed) for m in measures)
    tested = _as_weights(sums[first], distinct)
    table = TruthTable(features, distinct, target[first], tested)
    return Tabulated(table, tuple(measures), exprs)


def _as_weights(sums: Ints, rows: Ints) -> tuple[tuple[int, ...], ...]:
    """Integer weights of the columns for each sum that is exactly such a combination of them."""
    table = np.column_stack([rows, np.ones(len(rows), dtype=np.int64)])
    solution, *_ = np.linalg.lstsq(table.astype(np.float64), sums.astype(np.float64))
    weights = np.rint(solution).astype(np.int64)
    exact = (table @ weights == sums).all(axis=0)
    return tuple(tuple(map(int, column[:-1])) for column in weights.T[exact])


def _reads(expr: Expr) -> bool:
    return any(isinstance(node, Read | Inside) for node in walk(expr))


def _counts_outside(form: LinearForm[Atom], program: Program) -> bool:
    """Whether an indicator is 1 outside a border, where a read gives 0."""
    return any(
        atom.kind == "indicator"
        and atom.value == 0
        and any(axis.kind != "fixed" and not axis.wrap for axis in program.port(atom.port).axes)
        for atom in form.terms
    )


def _threshold(expr: Expr) -> Expr | None:
    """The sum of a threshold unit ``int(sum >= 0)``."""
    match expr:
        case Call("int", (Call("ge", (total, Const(0))),)):
            return total
        case _:
            return None


def _rows(
    program: Program, rule: Map, all_regions: tuple[Region, ...], forms: dict[str, LinearForm[Atom]]
) -> tuple[Ints, Ints] | None:
    """Reachable values of all measures (rows × measures) and of all sums (rows × sums)."""
    like = program.port(rule.like)
    sees_border = any(m.inside for region in all_regions for m in region.measures)
    bounded = [sees_border and not axis.wrap for axis in like.axes]
    constants = np.array([form.constant for form in forms.values()], dtype=np.int64)
    tables, totals = [], []
    count = 0
    for cells in inside_counts(all_regions, bounded):
        states = [region.states(n) for region, n in zip(all_regions, cells, strict=True)]
        count += prod(len(values) for values, _ in states)
        if count > MOST_ROWS:
            return None
        values = np.zeros((1, 0), dtype=np.int64)
        sums = constants[None]
        for more, added in states:
            values = np.column_stack(
                [np.repeat(values, len(more), axis=0), np.tile(more, (len(values), 1))]
            )
            sums = (sums[:, None, :] + added[None, :, :]).reshape(-1, len(constants))
        tables.append(values)
        totals.append(sums)
    return np.concatenate(tables), np.concatenate(totals)


def _answers(program: Program, rule: Map, sums: dict[str, Ints], count: int) -> Ints:
    """The rule's value on every row, by the reference interpreter on each distinct case."""
    columns = []
    for let in rule.body:
        if let.name in sums:
            bound = sums[let.name]
            columns.append((bound >= 0).astype(np.int64) if _threshold(let.value) else bound)
    if not columns:
        columns = [np.zeros(count, dtype=np.int64)]
    cases, member = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    known = [let.name for let in rule.body if let.name in sums]
    answers = []
    for case in cases:
        scope = Scope((), {})
        scope.names.update(zip(known, map(int, case), strict=False))
        for let in rule.body:
            if let.name not in sums:
                scope.names[let.name] = evaluate_expr(let.value, scope)
        answers.append(evaluate_expr(rule.value, scope))
    return np.array(answers, dtype=np.int64)[member.ravel()]


def _summed(measures: list[Measure], values: Ints, target: Ints) -> tuple[list[Measure], Ints]:
    """Add the numbers up instead of counting each value where only their sum matters."""
    for name, offsets in dict.fromkeys((m.port, m.offsets) for m in measures):
        counts = [
            k
            for k, m in enumerate(measures)
            if (m.port, m.offsets) == (name, offsets) and m.values is not None
        ]
        if len(counts) < 2 or any(len(measures[k].values or ()) > 1 for k in counts):
            continue
        total = sum(values[:, k] * (measures[k].values or (0,))[0] for k in counts)
        others = [k for k in range(len(measures)) if k not in counts]
        columns = np.column_stack([values[:, others], total])
        if decides(columns, target):
            measures = [*(measures[k] for k in others), Measure(name, offsets)]
            values = columns
    return measures, values


def _merged(
    measures: list[Measure], values: Ints, target: Ints, ports: Sequence[Port]
) -> tuple[list[Measure], Ints]:
    """Join regions of different weights where only their sum matters to the answer.

    The network may weigh two cells differently and still treat them alike; the table shows it.
    """
    bits = {port.name for port in ports if port.domain.is_bits}
    kinds: dict[tuple[str, tuple[int, ...] | None, bool], list[int]] = {}
    for k, m in enumerate(measures):
        kinds.setdefault((m.port, m.values, m.inside), []).append(k)
    groups: list[list[int]] = []
    for key, members in kinds.items():
        partition: list[list[int]] = []
        for k in members:
            for group in partition:
                if _exchangeable(values, target, group[0], k):
                    group.append(k)
                    break
            else:
                partition.append([k])
        for group in partition:
            cells = sum(len(measures[k].offsets) for k in group)
            whole = len(group) > 1 and (cells >= WORTH_COUNTING or key[0] not in bits)
            groups.extend([group] if whole else [[k] for k in group])
    groups.sort()
    columns = (
        np.column_stack([values[:, group].sum(axis=1) for group in groups]) if groups else values
    )
    if not decides(columns, target):
        return measures, values
    joined = [
        measures[group[0]]
        if len(group) == 1
        else Measure(
            measures[group[0]].port,
            tuple(sorted(o for k in group for o in measures[k].offsets)),
            measures[group[0]].values,
            measures[group[0]].inside,
        )
        for group in groups
    ]
    return joined, columns


def _exchangeable(values: Ints, target: Ints, a: int, b: int) -> bool:
    """Whether the answer depends on these two columns through their sum only."""
    others = [k for k in range(values.shape[1]) if k not in (a, b)]
    return decides(np.column_stack([values[:, others], values[:, a] + values[:, b]]), target)


def _uncounted(
    measures: list[Measure], values: Ints, ports: Sequence[Port]
) -> tuple[list[Measure], list[Ints]]:
    """Counts of the values that the others leave over, for rules that are about just those."""
    by_name = {port.name: port for port in ports}
    spares, columns = [], []
    for name, offsets in dict.fromkeys((m.port, m.offsets) for m in measures):
        counts = [
            k
            for k, m in enumerate(measures)
            if (m.port, m.offsets) == (name, offsets) and m.values is not None
        ]
        port = by_name[name]
        counted = {value for k in counts for value in measures[k].values or ()}
        left = tuple(value for value in port.domain.values if value not in counted)
        if len(counts) > 1 and left and all(axis.wrap for axis in port.axes):
            spares.append(Measure(name, offsets, left))
            columns.append(len(offsets) - values[:, counts].sum(axis=1))
    return spares, columns
