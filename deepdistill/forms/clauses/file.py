"""Networks over clauses as files: plain JSON, every value checked on reading."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ...data.problem import InputError
from ...units.archive import FORMAT, archive, integers, one_format, port, port_json, stored
from .network import ClauseNetwork, Lean

_LONGEST_CURVE = 2**12


def clauses_bytes(network: ClauseNetwork) -> bytes:
    """The file of a network over clauses."""
    lean = network.lean
    spec = {
        "format": FORMAT,
        "kind": "clauses",
        "inputs": [port_json(one) for one in network.inputs],
        "output": port_json(network.output),
        "ratio": [lean.over, lean.under],
        "hopes": [lean.leans_false, lean.undecided, lean.leans_true],
        "curve": list(network.curve),
    }
    return archive(spec, [], stored)


def clauses_network(spec: Any, arrays: dict[str, NDArray[Any]]) -> ClauseNetwork:
    one_format(spec, {"format", "kind", "inputs", "output", "ratio", "hopes", "curve"})
    if arrays:
        raise InputError("it holds arrays that belong to no unit group")
    if not isinstance(spec["inputs"], list) or len(spec["inputs"]) != 1:
        raise InputError("it needs one input, a formula")
    formula, output = port(spec["inputs"][0]), port(spec["output"])
    ratio, hopes = integers(spec["ratio"], "ratio"), integers(spec["hopes"], "hopes")
    curve = integers(spec["curve"], "curve")
    if [axis.kind for axis in formula.axes] != ["set", "set"] or formula.domain.values != range(
        -1, 2
    ):
        raise InputError("its input is not a formula: two set axes of -1, 0 and 1")
    if len(ratio) != 2 or not 1 <= ratio[1] <= ratio[0] <= 1000:
        raise InputError("its ratio is not one of two small numbers, the larger one first")
    if len(hopes) != 3 or not 0 <= min(hopes) <= max(hopes) <= 1000:
        raise InputError("its hopes are not three small numbers")
    if not 1 <= len(curve) <= _LONGEST_CURVE or min(curve) < 0:
        raise InputError("its curve is not a list of weights")
    lean = Lean(ratio[0], ratio[1], hopes[0], hopes[1], hopes[2])
    return ClauseNetwork((formula,), output, lean, curve)
