"""What is ready on this machine: the engines of formulas, provers, and what could be had."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from ..data.parallel import workers
from .symbolic.operon import Operon
from .symbolic.pysr import HOW_TO_GET_IT, why_not

_PACKAGES = (
    ("torch", "trains networks", ""),
    ("z3-solver", "proves", ""),
    ("cvc5", "proves once more what --smt writes", "pip install cvc5"),
    ("distributed", "distill_many on a cluster", 'pip install "deepdistill[cluster]"'),
)


def standings() -> Iterator[tuple[str, str]]:
    """Names and what is told of each; nothing is downloaded, and Julia is not started."""
    yield "Python", f"{platform.python_version()}, {workers(-1)} of {os.cpu_count()} processors"
    for name, use, remedy in _PACKAGES:
        try:
            yield name, f"ready ({version(name)}): {use}"
        except PackageNotFoundError:
            yield name, f"missing: {use}; {remedy}"
    yield "sparse engine", "ready: finds formulas, part of deepdistill"
    ready = Operon.ready()
    yield "Operon", "ready: finds formulas" if ready else "missing: pip install pyoperon"
    reason = why_not()
    yield (
        "PySR",
        "ready: finds formulas" if reason is None else f"missing: {reason}; {HOW_TO_GET_IT}",
    )
