"""What the rows tell about each breakpoint of a formula, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...ir.borders import comparisons
from ...ir.expr import Call, Const, Expr, If, Var
from ...ir.program import Formula
from ...ir.text import expr_text
from ..symbolic.arrays import Columns, Floats, values

_STEP = 1e-9  # of a column's range, to each side of a breakpoint
_JUMP = 1e-6  # of the spread of the answers
_ROWS = 50
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class BorderNotes:
    """Sentences for the certificate, and the comparisons whose own side no row decides."""

    notes: tuple[str, ...]
    undecided: tuple[Call, ...]


def border_notes(law: Formula, x: Floats, y: Floats) -> BorderNotes:
    """How each breakpoint is known: by continuity, from a row at it, or only between two rows."""
    if not isinstance(law.value, If):
        return BorderNotes((), ())
    names = [scalar.name for scalar in law.inputs]
    spread = float(np.std(y))
    columns = {name: x[:, k] for k, name in enumerate(names)}
    meet: list[str] = []
    notes: list[str] = []
    undecided: list[Call] = []
    error = float(np.sqrt(np.mean((_values(law, columns) - y) ** 2)))
    exact = error <= _EXACT * spread
    for comparison in comparisons(law.value):
        left, right = comparison.args
        if comparison.op in ("eq", "ne"):
            continue
        with np.errstate(all="ignore"):
            side = values(left, columns) - values(right, columns)
        place = _place(left, right)
        if _is_continuous(law, comparison, x, names, spread):
            meet.append(place)
            continue
        if not exact:
            undecided.append(comparison)
            notes.append(f"jumps at {place}")
        elif (side == 0).any():
            notes.append(f"jumps at {place}, which part holds there a row tells")
        else:
            undecided.append(comparison)
            shift = float(right.value) if isinstance(right, Const) else 0.0  # type: ignore[arg-type]
            below, above = side[side < 0], side[side > 0]
            between = (
                f"known to lie between {shift + float(below.max()):.6g} and "
                f"{shift + float(above.min()):.6g}, the simplest number there"
                if len(below) and len(above)
                else "beyond all rows"
            )
            part = "below" if comparison.op in ("le", "gt") else "above"
            notes.append(
                f"jumps at {place}: {between}; which part holds exactly there no row tells, the "
                f"one {part} was taken"
            )
    if meet:
        notes.insert(0, f"its parts meet at {', '.join(meet)}")
    if not exact:
        notes.append("not exact on the rows, so breakpoints are known to within that error only")
    return BorderNotes(tuple(notes[:6]), tuple(undecided))


def _place(left: Expr, right: Expr) -> str:
    if isinstance(left, Var) and isinstance(right, Const):
        return f"{left.name} = {right.value}"
    return f"{expr_text(left)} = {expr_text(right)}"


def _values(law: Formula, columns: Columns) -> Floats:
    known = dict(columns)
    for let in law.body:
        known[let.name] = np.array(values(let.value, known))
    with np.errstate(all="ignore"):
        return np.asarray(values(law.value, known))


def _is_continuous(
    law: Formula, comparison: Call, x: Floats, names: list[str], spread: float
) -> bool:
    """Whether the formula's value stays as it is when a row crosses the breakpoint."""
    rows = x[:: max(1, len(x) // _ROWS)]
    columns = {name: rows[:, k] for k, name in enumerate(names)}
    left, right = comparison.args
    with np.errstate(all="ignore"):
        side = values(left, columns) - values(right, columns)
    for k, name in enumerate(names):
        step = _STEP * float(np.ptp(x[:, k]))
        further = {**columns, name: columns[name] + 1.0}
        with np.errstate(all="ignore"):
            slope = values(left, further) - values(right, further) - side
        if step == 0 or not (np.abs(slope) > 1e-12).all():
            continue
        at = columns[name] - side / slope
        low, high = (_values(law, {**columns, name: at + way * step}) for way in (-1, 1))
        with np.errstate(all="ignore"):
            return bool((np.abs(high - low) <= _JUMP * spread).all())
    return False
