"""Formulas read back from the files of results."""

from __future__ import annotations

from deepdistill.data.problem import InputError
from deepdistill.forms.files import read_network
from deepdistill.forms.formula.network import Floats, TableFormula
from deepdistill.ir.program import Formula


def read_formula(data: bytes, what: str) -> tuple[Formula, tuple[Floats, Floats]]:
    """A formula and its held-out rows."""
    network = read_network(data, what)
    if not isinstance(network, TableFormula):
        raise InputError(f"{what} holds no formula")
    return network.formula, network.rows
