"""What is known of each end of the rules: its rows, their purity, whether a row can come there.

An end that some row of the table reached is reached; of the others z3 says whether any row of the
columns' ranges, levels and missing values can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import z3

from ...verify.evidence import untouched_bound
from ...verify.proof.session import Session
from .argument import columns_of, end_of
from .column_terms import real
from .network import RuleNetwork
from .support import end_name

_BUDGET = 4_000_000  # of z3's work, for all ends together


@dataclass(frozen=True, slots=True)
class EndFacts:
    """One end: its place in words, its label, and the rows that came there.

    ``right`` of ``held_out`` rows have the label; ``low`` and ``high`` hold their share at 95 %.
    ``reached`` is by ``rows``, else by what is ``possible`` for a prover, or ``never``, or
    ``unknown``.
    """

    where: str
    label: str
    probability: float
    learned: tuple[int, ...]
    untouched: tuple[int, ...]
    right: int
    held_out: int
    low: float
    high: float
    reached: str

    def as_json(self) -> dict[str, Any]:
        """The fields as they stand in the certificate."""
        return {
            "where": self.where,
            "label": self.label,
            "probability": self.probability,
            "learned": list(self.learned),
            "untouched": list(self.untouched),
            "purity": self.right / self.held_out if self.held_out else None,
            "interval": [self.low, self.high],
            "reached": self.reached,
        }


def end_facts(network: RuleNetwork) -> list[EndFacts]:
    """The facts of each end, in the order of the probabilities."""
    session = Session(_BUDGET, about="no row comes to this end")
    facts = []
    for k, (answer, shares, support) in enumerate(
        zip(network.answers, network.probabilities, network.supports, strict=True)
    ):
        held, right = sum(support.untouched), support.untouched[answer]
        if network.model.scores is not None and not held + sum(support.learned):
            continue  # a band of chances without rows is no rule
        facts.append(
            EndFacts(
                end_name(network, k),
                str(network.output.levels[answer]),
                shares[answer],
                support.learned,
                support.untouched,
                right,
                held,
                round(1 - untouched_bound(held - right, held), 4) if held else 0.0,
                round(untouched_bound(right, held), 4) if held else 1.0,
                "rows" if held + sum(support.learned) else _reached(network, k, session),
            )
        )
    return facts


def _reached(network: RuleNetwork, end: int, session: Session) -> str:
    """Whether some row in the ranges of the columns can come to an end."""
    columns, given = columns_of(network)
    for scalar, column in zip(network.inputs, columns, strict=True):
        if not scalar.levels:
            given += [column.value >= real(scalar.domain.low)]
            given += [column.value <= real(scalar.domain.high)]
    verdict, _ = session.valid(z3.Not(end_of(network, columns) == end), given)
    return {"valid": "never", "invalid": "possible", "unknown": "unknown"}[verdict]


def exclusive(network: RuleNetwork) -> str:
    """Why no two rules contradict each other."""
    if network.model.scores is not None:
        return (
            "the class with the largest sum decides, the first of equals: no two rules contradict "
            "each other"
        )
    if network.sums:
        return (
            "all rules that hold add their points, and the limits of the sum part it: no rule "
            "overrules another one"
        )
    return (
        "the first condition that holds decides, so each row comes to one end: no two rules "
        "contradict each other"
    )
