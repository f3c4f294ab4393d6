"""A solver module, executed from its text."""

from __future__ import annotations

import types
from typing import Any

from ..ir.errors import InputError
from .equivalence import Solve


def load_solver(source: bytes, name: str) -> Solve:
    """The function ``solve`` of a solver module, executed from its text."""
    module = types.ModuleType(name)
    try:
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        raise InputError(f"{name}.py cannot be loaded: {type(error).__name__}") from None
    solve: Any = getattr(module, "solve", None)
    if not callable(solve):
        raise InputError(f"{name}.py has no function named solve")
    return solve  # type: ignore[no-any-return]
