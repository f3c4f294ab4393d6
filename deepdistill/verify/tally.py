"""What is known about one claim so far, while the judge collects evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .certificate import Claim, Status
from .equivalence import Wrong

Shape = tuple[int, ...]


@dataclass(slots=True)
class Tally:
    """Examples that were run, their sizes, the first difference and notes in words.

    ``notes`` say what was checked, and are left out where it failed; ``always`` stand in any case.
    """

    examples: int = 0
    sizes: list[Shape] = field(default_factory=list)
    wrong: Wrong | None = None
    status: Status = "sampled"
    notes: list[str] = field(default_factory=list)
    always: list[str] = field(default_factory=list)

    def add(self, count: int, sizes: Iterable[Shape]) -> None:
        self.examples += count
        self.sizes += [size for size in sorted(sizes) if size not in self.sizes]

    def claim(self) -> Claim:
        """The claim with its status, or failed where something is wrong."""
        sizes = tuple(self.sizes)
        if self.wrong is None:
            note = "; ".join([*self.notes, *self.always])
            return Claim(self.status, self.examples, sizes, None, note)
        counterexample = self.wrong.as_json()
        return Claim("failed", self.examples, sizes, counterexample, "; ".join(self.always))
