"""What is known about one claim so far, while the judge collects evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .certificate import Claim, Status
from .equivalence import Difference, Function

Shape = tuple[int, ...]


@dataclass(slots=True)
class Tally:
    """Examples that were run, their sizes, the first difference and notes in words."""

    examples: int = 0
    sizes: list[Shape] = field(default_factory=list)
    wrong: Difference | None = None
    notes: list[str] = field(default_factory=list)

    def add(self, count: int, sizes: Iterable[Shape]) -> None:
        self.examples += count
        self.sizes += [size for size in sorted(sizes) if size not in self.sizes]

    def claim(self, status: Status) -> Claim:
        """The claim with this status, or failed where something is wrong."""
        sizes, note = tuple(self.sizes), "; ".join(self.notes)
        if self.wrong is None:
            return Claim(status, self.examples, sizes, None, note)
        return Claim("failed", self.examples, sizes, self.wrong.as_json())


class Evidence:
    """What a solver is compared with, and what is known about each of the three claims."""

    def __init__(self, network: Function, program: Function | None, oracle: Function | None):
        self.network, self.program, self.oracle = network, program, oracle
        self.faithful, self.scalable, self.correct = Tally(), Tally(), Tally()

    def judges(self, trained: bool) -> list[tuple[str, Function, Tally]]:
        """What the solver is compared with, and for which claim."""
        result = [("network", self.network, self.faithful if trained else self.scalable)]
        if self.program is not None:
            result.append(("program", self.program, self.faithful))
        if self.oracle is not None:
            result.append(("oracle", self.oracle, self.correct))
        return result
