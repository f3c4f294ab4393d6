"""The targets beside the readable solver: what one is, and one line here for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol

from ..ir.errors import InputError
from ..ir.program import Formula, Program

TARGETS = ("deepdistill.target.numpy",)
"""Where the targets are, each a module with an object named TARGET."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A program to write, and what its text tells besides.

    ``summary`` says what it computes. Outside ``limits``, a range for each input of a formula, it
    refuses; ``least`` is the smallest shape that it takes, ``alike`` are pairs of axes that must
    have the same size.
    """

    program: Program | Formula
    summary: str = ""
    limits: tuple[tuple[float, float], ...] = ()
    least: tuple[int, ...] = ()
    alike: tuple[tuple[int, int], ...] = ()


class NotWritten(InputError):
    """A target has no words for a part of a program; the sentence names it."""


class SolverTarget(Protocol):
    """A language or style that programs are written in, and the file that holds them.

    ``write`` gives a Python module with a function ``solve`` that takes and returns what the
    readable solver does, lists or arrays, and raises ``ValueError`` for inputs that it is not for.
    It raises :class:`NotWritten` rather than write something else than the program.
    """

    name: str
    file: str

    def write(self, subject: Exported) -> str: ...


@cache
def _target(module: str) -> SolverTarget:
    target: SolverTarget = import_module(module).TARGET
    return target


def targets() -> tuple[SolverTarget, ...]:
    """All targets, in order."""
    return tuple(map(_target, TARGETS))


def find_target(name: str) -> SolverTarget:
    """The target of that name; :class:`InputError` where there is none."""
    for target in targets():
        if target.name == name:
            return target
    raise InputError(f"there is no target {name[:40]!r}: use {_names()}")


def find_targets(names: Sequence[str]) -> list[SolverTarget]:
    """The targets of these names, each once."""
    return [find_target(name) for name in dict.fromkeys(names)]


def _names() -> str:
    return " or ".join(target.name for target in targets())
