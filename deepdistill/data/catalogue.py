"""Find the built-in problems: the files of ``problems/``, each exporting ``NAMES`` and ``find``.

The package never imports ``problems``; it reads the folder that stands beside it in a checkout and
inside it in an installed wheel.
"""

from __future__ import annotations

import difflib
import importlib.util
from functools import lru_cache
from types import ModuleType

from ..ir.resources import resource_folder
from .laws import Law
from .problem import InputError, Problem


@lru_cache(maxsize=1)
def _families() -> tuple[ModuleType, ...]:
    modules = []
    for path in sorted(resource_folder("problems").glob("[a-z]*.py")):
        spec = importlib.util.spec_from_file_location(f"deepdistill_problems_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        modules.append(module)
    return tuple(modules)


def names() -> tuple[str, ...]:
    """The names of all built-in problems."""
    return tuple(name for family in _families() for name in family.NAMES)


def patterns() -> tuple[tuple[str, str], ...]:
    """Families of names that :func:`find` knows besides, each with a sentence."""
    return tuple(pair for family in _families() for pair in family.PATTERNS.items())


def laws() -> tuple[Law, ...]:
    """The built-in laws: problems whose inputs and answer are real numbers."""
    return tuple(law for family in _families() for law in getattr(family, "LAWS", ()))


def find_law(name: str) -> Law | None:
    """The built-in law of that name."""
    return next((law for law in laws() if law.name == name), None)


def find(name: str) -> Problem:
    """The built-in problem of that name; :class:`InputError` suggests near ones otherwise."""
    for family in _families():
        problem: Problem | None = family.find(name)
        if problem is not None:
            return problem
    known = [*names(), *(law.name for law in laws())]
    near = difflib.get_close_matches(name, known, n=3)
    near = near or difflib.get_close_matches(name, [form for form, _ in patterns()], n=1)
    hint = f"did you mean {' or '.join(near)}?" if near else "`deepdistill list` names them all"
    raise InputError(f"there is no built-in problem {name!r}: {hint}")
