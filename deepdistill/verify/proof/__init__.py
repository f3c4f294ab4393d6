"""Proofs: is the program the network, for every input of every size?

Each argument has two independent encodings, one of the program's expressions and one of the
network's own definition, and says in its docstring what it takes for granted. Nothing here looks at
a solver: that the rendered text computes what the program says is what the judges sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import z3

from .encode import NotEncoded
from .session import BUDGET, Proof

__all__ = ["BUDGET", "Proof", "Proofs", "attempted"]


@dataclass(frozen=True, slots=True)
class Proofs:
    """What was tried: ``network``: program ≡ network; ``oracle``: program ≡ oracle.

    None where no argument is known for the form.
    """

    network: Proof | None = None
    oracle: Proof | None = None


def attempted(argument: Callable[[], Proof]) -> Proof:
    """What an argument comes to; unknown, with the reason, where it cannot be carried out."""
    try:
        return argument()
    except NotEncoded as error:
        return Proof("unknown", "", reason=f"no encoding of {error}")
    except z3.Z3Exception as error:
        if "memory" in str(error):
            raise MemoryError from None
        return Proof("unknown", "", reason="z3 gave up")
