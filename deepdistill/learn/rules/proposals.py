"""All that is proposed for some rows: paths of models that grow, one path a proposer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...data.running import Run
from ...units.rules import RuleModel
from .bins import BinnedRows, Bins
from .rows import RuleRows, RuleSettings
from .trees import sequence_of, tree_path

_NODES_A_SPLIT = 8
_MOST_SPLITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Models over the codes of ``bins`` that grow step by step.

    Paths of one ``source`` and ``variant`` for other rows have the same steps.
    """

    source: str
    variant: str
    bins: Bins
    models: list[RuleModel]

    @property
    def key(self) -> str:
        return f"{self.source}/{self.variant}"


def paths(part: BinnedRows, rows: RuleRows, settings: RuleSettings, run: Run) -> Iterator[Path]:
    """The paths of all proposers for one part of the rows of a table."""
    most = _MOST_SPLITS
    if settings.max_complexity is not None:
        most = min(most, settings.max_complexity // _NODES_A_SPLIT + 1)
    depth = settings.max_conditions
    if depth == 0 or not most:
        return
    run.check()
    yield Path("tree", "", part.bins, sequence_of(tree_path(part, most, depth), most))
