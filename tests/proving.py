"""Proofs about any network, with a budget."""

from __future__ import annotations

from typing import Any

from deepdistill.forms import form_of_network
from deepdistill.forms.dense.argument import prove_dense
from deepdistill.verify.proof import BUDGET, Proof, attempted


def prove_program(program: Any, network: Any, budget: int = BUDGET) -> Proof | None:
    """Program ≡ network; None where no argument is known. Dense networks come as a list."""
    if isinstance(network, list):
        return attempted(lambda: prove_dense(program, network, budget))
    return form_of_network(network).prove(None, network, program, budget).network
