"""Proofs: is the program the network, for every input of every size?

Each argument has two independent encodings, one of the program's expressions and one of the
network's own definition, and says in its docstring what it takes for granted. Nothing here looks at
a solver: that the rendered text computes what the program says is what the judges sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import z3

from ...data.problem import Problem
from ...forms.dense.network import DenseNetwork
from ...forms.dense.sized import SizedNetwork
from ...forms.grid.network import GridNetwork
from ...forms.sequence.network import PrefixNetwork, RecurrentNetwork
from ...ir.program import Program
from ...units.items import ItemNetwork
from .encode import NotEncoded
from .session import BUDGET, Proof

__all__ = ["BUDGET", "Proof", "Proofs", "prove", "prove_program"]


@dataclass(frozen=True, slots=True)
class Proofs:
    """What was tried: ``network``: program ≡ network; ``oracle``: program ≡ oracle.

    None where no argument is known for the form.
    """

    network: Proof | None = None
    oracle: Proof | None = None


def prove(problem: Problem | None, network: Any, program: Program, budget: int = BUDGET) -> Proofs:
    """Prove what can be proved about a program and the network and problem that it came from."""
    found = prove_program(program, network, budget)
    proved = found is not None and found.status == "proved"
    if problem is None or not proved or not isinstance(network, GridNetwork):
        return Proofs(found)
    from ...forms.grid.local_oracle import prove_oracle

    return Proofs(found, prove_oracle(problem, network))


def prove_program(program: Program, network: Any, budget: int = BUDGET) -> Proof | None:
    """Program ≡ network, for all inputs; None where no argument is known for the network.

    Dense networks are given as a list of them, of different sizes.
    """
    try:
        return _prove(program, network, budget)
    except NotEncoded as error:
        return Proof("unknown", "", reason=f"no encoding of {error}")
    except z3.Z3Exception:
        return Proof("unknown", "", reason="z3 gave up")


def _prove(program: Program, network: Any, budget: int) -> Proof | None:
    match network:
        case GridNetwork():
            from ...forms.grid.argument import prove_grid

            return prove_grid(program, network, budget)
        case ItemNetwork():
            from .items import prove_items

            return prove_items(program, network, budget)
        case RecurrentNetwork() | PrefixNetwork():
            from ...forms.sequence.argument.scan import prove_scan

            return prove_scan(program, network, budget)
        case SizedNetwork() | [DenseNetwork(), *_]:
            from ...forms.dense.argument import prove_dense

            return prove_dense(program, network, budget)
        case _:
            return None
