"""What a report is about: a result of some form, as its form is to draw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..data.record import Record
from ..verify.certificate import Certificate


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A result: its solver, where that comes from, and what was checked.

    ``task`` is what was distilled, as far as it is known; ``lift`` makes the program of the solver
    again (None where that cannot be done), which takes a while: once, and only where it is drawn.
    """

    certificate: Certificate
    code: str
    solve: Callable[..., Any]
    record: Record
    network: Any
    task: Any = None
    lift: Callable[[], Any] = lambda: None

    @property
    def name(self) -> str:
        return self.certificate.problem

    @property
    def seed(self) -> int:
        return self.certificate.seed

    @property
    def program(self) -> Any:
        """The program of the solver, None where it cannot be made again."""
        return self.lift()
