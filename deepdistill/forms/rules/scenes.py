"""Rules in a report: what stands behind each of their ends, and how often they are right."""

from __future__ import annotations

from ...drawing.parts import Part, PartTable
from ..subject import Subject
from .network import RuleNetwork
from .support import interval


def scenes(subject: Subject) -> list[Part]:
    """The rows behind each end of the rules."""
    network: RuleNetwork = subject.network
    names = tuple(map(str, network.output.levels))
    rows = []
    for k, (shares, support) in enumerate(
        zip(network.probabilities, network.supports, strict=True)
    ):
        place = f"{network.sums[k]} points" if network.sums else f"end {k + 1}"
        best = max(range(len(names)), key=lambda c: shares[c])
        low, high = interval(support.untouched[best], sum(support.untouched) or 1)
        rows.append(
            (
                place,
                names[best],
                f"{shares[best]:.3g}",
                f"{support.learned[best]} of {sum(support.learned)}",
                f"{support.untouched[best]} of {sum(support.untouched)}",
                f"{low:.2g} to {high:.2g}" if sum(support.untouched) else "",
            )
        )
    head = ("Where", network.output.title, "Probability", "Rows learned from", "Rows held out",
            "95 % of held out")  # fmt: skip
    return [PartTable("What stands behind each end of the rules", head, tuple(rows))]


def quality(subject: Subject) -> list[Part]:
    """The classes and the errors."""
    network: RuleNetwork = subject.network
    known = network.rows
    rows = tuple(
        (str(name), f"{count:,}")
        for name, count in zip(network.output.levels, known.labels, strict=True)
    )
    errors = (
        ("rows learned from", f"{known.missed:,} of {known.count:,} wrong"),
        ("rows held out", f"{known.wrong:,} of {known.untouched:,} wrong"),
        ("log loss a row", f"{known.loss:.3g}"),
        ("log loss of the classes' shares", f"{known.plain:.3g}"),
    )
    return [
        PartTable("The classes", (network.output.title, "Rows"), rows),
        PartTable("The errors", ("Of", "Figure"), errors),
    ]
