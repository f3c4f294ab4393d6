"""The function of probabilities beside that of the labels."""

from __future__ import annotations

from ...ir.program import Formula
from ...target.label_source import shares_of_cases, shares_of_sums
from .lift import lift_cases
from .network import RuleNetwork
from .support import cases


def probability(network: RuleNetwork, labels: Formula) -> str:
    """Its text: a row for each end of the rules, or what the sums of classes give."""
    known, scores = cases(network), network.model.scores
    if scores is None:
        return shares_of_cases(lift_cases(network, network.output.name), known)
    shown = zip(known, network.supports, strict=True)
    reached = [case for case, rows in shown if any((*rows.learned, *rows.untouched))]
    return shares_of_sums(labels, scores.worth, scores.least, reached)
