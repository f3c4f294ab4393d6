"""Who proposes programs: one line each, asked in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ...data.pairs import PairProblem
from ...data.running import Run
from .enumeration.search import enumerated
from .proposal import Proposal

Proposer: TypeAlias = Callable[[PairProblem, Run], Iterator[Proposal]]
"""Yields candidates as they are found, better ones later; ``run.check()`` cuts it off."""

PROPOSERS: tuple[Proposer, ...] = (enumerated,)
