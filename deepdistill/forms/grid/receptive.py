"""The receptive field of a local rule as variables: what one position of a grid can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import z3

from ...ir.types import Port
from ...verify.proof.encode import Term

Offset = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """The variables of one position: what can be read from it, and what lies inside."""

    ports: Mapping[str, Port]
    values: dict[tuple[str, Offset], Term] = field(default_factory=dict)
    flags: dict[tuple[int, int], Term] = field(default_factory=dict)

    def value(self, port: str, offset: Offset) -> Term:
        """What stands at an offset from the position (in a fixed port: at a place)."""
        name = f"{port}[{', '.join(map(str, offset))}]"
        return self.values.setdefault((port, offset), z3.Int(name))

    def inside(self, port: str, offset: Offset) -> Term:
        """Whether an offset lies inside the port's array, or around its wrapping end."""
        axes = self.ports[port].axes
        return z3.And(
            *(
                self.flag(d, k)
                for d, (axis, k) in enumerate(zip(axes, offset, strict=True))
                if not axis.wrap
            )
        )

    def flag(self, axis: int, k: int) -> Term:
        """Whether the position plus ``k`` lies between the ends of an axis."""
        if k == 0:
            return z3.BoolVal(True)
        return self.flags.setdefault((axis, k), z3.Bool(f"inside {axis} {k}"))

    def assumptions(self) -> list[Term]:
        """What holds at every position of every grid."""
        known = []
        for (port, _), term in self.values.items():
            domain = self.ports[port].domain
            known += [domain.low <= term, term <= domain.high]
        for axis, k in list(self.flags):
            step = 1 if k > 0 else -1
            for between in range(step, k, step):
                known.append(z3.Implies(self.flag(axis, between + step), self.flag(axis, between)))
        return known


def described(seen: ReceptiveField) -> str:
    fixed = sum(seen.ports[port].is_fixed for port, _ in seen.values)
    cells = len(seen.values) - fixed
    described = f"{cells} cell{'' if cells == 1 else 's'}"
    return described + (f" and {fixed} further inputs" if fixed else "")


def case_of(seen: ReceptiveField, value: Callable[[Term], int]) -> dict[str, int]:
    """What is read where the sides differ, by the value of each variable.

    What lies outside is left out.
    """

    def there(port: str, offset: Offset) -> bool:
        places = enumerate(zip(seen.ports[port].axes, offset, strict=True))
        return seen.ports[port].is_fixed or all(
            axis.wrap or k == 0 or value(seen.flag(d, k)) for d, (axis, k) in places
        )

    case = {str(t): value(t) for key, t in sorted(seen.values.items()) if there(*key)}
    port, grid = next((p, q) for p, q in seen.ports.items() if not q.is_fixed)
    for (axis, k), flag in seen.flags.items():  # a place whose value nobody reads, but that exists
        if value(flag):
            place = ", ".join(str(k if d == axis else 0) for d in range(len(grid.axes)))
            case.setdefault(f"{port}[{place}]", grid.domain.low)
    return case


def of_model(model: Any) -> Callable[[Term], int]:
    """The value of a variable in a model."""

    def value(term: Term) -> int:
        answer = model.eval(term, model_completion=True)
        return int(z3.is_true(answer) if z3.is_bool(answer) else answer.as_long())

    return value
