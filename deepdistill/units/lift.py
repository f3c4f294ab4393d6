"""Lift a network into the intermediate representation: exactly the sums and thresholds it has.

Each reading becomes its expression, each unit a sum or a comparison, and the network says what is
made of them. Nothing is approximated, and no size is written down.
"""

from __future__ import annotations

from typing import Protocol

from ..ir.program import Program, Statement
from ..ir.types import Port
from .site import LiftScope, Site


class Liftable(Protocol):
    """A network whose units are the same at every place.

    ``refusal`` says why it has no meaning, ``statement`` what makes its output.
    """

    @property
    def inputs(self) -> tuple[Port, ...]: ...
    @property
    def output(self) -> Port: ...
    @property
    def site(self) -> Site: ...

    def refusal(self) -> str: ...
    def statement(self, scope: LiftScope) -> Statement: ...


def lift(network: Liftable, name: str) -> Program:
    """The program that computes what ``network`` computes, at every size.

    Raises ``ValueError`` for networks without a meaning: a reading that their places do not have,
    units that do not fit, weights that are not integers (snap the network first).
    """
    if refusal := network.refusal():
        raise ValueError(refusal)
    scope = LiftScope(network.site, network.output.name)
    last = network.statement(scope)
    return Program(name, network.inputs, network.output, (*scope.statements, last))
