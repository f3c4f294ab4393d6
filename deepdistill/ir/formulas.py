"""Several formulas of the same inputs, with the parts that they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .constants import free_constants, with_constants
from .expr import Expr, Var, walk
from .program import Let
from .types import Scalar


@dataclass(frozen=True, slots=True)
class Formulas:
    """Functions of the same real numbers: columns derived from the inputs, shared parts, values.

    Each name of ``derived`` and then of ``body`` is bound to what follows from the inputs and from
    those before it; ``values`` has an expression for each of the ``outputs``. The floats of body
    and values are free constants, those of ``derived`` belong to what the user wrote.
    """

    name: str
    inputs: tuple[Scalar, ...]
    outputs: tuple[Scalar, ...]
    derived: tuple[Let, ...]
    body: tuple[Let, ...]
    values: tuple[Expr, ...]

    @property
    def lets(self) -> tuple[Let, ...]:
        """All that is bound, in order."""
        return (*self.derived, *self.body)

    @property
    def free(self) -> tuple[Expr, ...]:
        """The expressions whose floats are free, in order."""
        return (*(let.value for let in self.body), *self.values)

    def constants(self) -> tuple[float, ...]:
        """The free constants from left to right."""
        return tuple(value for expr in self.free for value in free_constants(expr))

    def refilled(self, constants: Sequence[float]) -> Formulas:
        """The same formulas with these free constants."""
        if len(constants) != len(self.constants()):
            raise ValueError(f"give {len(self.constants())} constants, not {len(constants)}")
        left = iter(constants)
        body = tuple(Let(let.name, with_constants(let.value, left)) for let in self.body)
        return replace(self, body=body, values=tuple(with_constants(e, left) for e in self.values))

    def used(self) -> Iterator[str]:
        """The names of the inputs that some value depends on."""
        seen = {node.name for expr in self.values for node in walk(expr) if isinstance(node, Var)}
        for let in reversed(self.lets):
            if let.name in seen:
                seen |= {node.name for node in walk(let.value) if isinstance(node, Var)}
        yield from (scalar.name for scalar in self.inputs if scalar.name in seen)
