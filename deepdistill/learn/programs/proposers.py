"""Who proposes programs: one line each, asked in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ...data.pairs import PairProblem
from ...data.running import Run
from .automaton_programs import propose_automata
from .enumeration.proposing import enumerated, enumerated_further
from .enumeration.reduced import propose_rows, propose_rows_further
from .feature_answers import propose_conditions
from .modular import propose_remainders
from .proposal import Proposal
from .stacks import propose_stacks
from .step_programs import propose_steps

Proposer: TypeAlias = Callable[[PairProblem, Run], Iterator[Proposal]]
"""Yields candidates as they are found, better ones later; ``run.check()`` cuts it off."""

PROPOSERS: tuple[Proposer, ...] = (
    propose_remainders,
    propose_conditions,
    propose_automata,
    propose_stacks,
    propose_steps,
    propose_rows,
    enumerated,
    propose_rows_further,
    enumerated_further,
)
