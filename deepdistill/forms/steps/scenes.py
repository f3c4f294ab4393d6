"""Steps in a report: what stands behind each of them, and how far off they are."""

from __future__ import annotations

from ...drawing.parts import Part, PartTable
from ...units.rules import leaves
from ..subject import Subject
from .network import StepNetwork


def scenes(subject: Subject) -> list[Part]:
    """The rows behind each step."""
    network: StepNetwork = subject.network
    numbers = network.output.levels
    rows = tuple(
        (
            f"{numbers[leaf.value]:g}",
            f"{one.low:.4g} to {one.high:.4g}",
            f"{one.learned:,}",
            f"{one.within:,} of {one.untouched:,}",
        )
        for leaf, one in zip(leaves(network.model.trees[0]), network.supports, strict=True)
    )
    head = (network.output.title, "Nine in ten rows have", "Rows learned from",
            "Rows held out that do")  # fmt: skip
    return [PartTable("What stands behind each step", head, rows)]


def quality(subject: Subject) -> list[Part]:
    """How far off the numbers are."""
    network: StepNetwork = subject.network
    known = network.rows
    rows = [
        ("rows learned from", f"{known.count:,}"),
        ("rows held out", f"{known.untouched:,}"),
        (f"held out and off by more than {known.tolerance:.3g}", f"{known.wrong:,}"),
        ("mean absolute error of the steps", f"{known.error:.3g}"),
        ("mean absolute error of the mean alone", f"{known.plain:.3g}"),
        ("share of the mean's squared error that is saved", f"{known.skill:.3g}"),
    ]
    if known.interval >= 0:
        rows.append(("half width of a prediction interval at 95 %", f"{known.interval:.3g}"))
    return [PartTable("The errors", ("Of", "Figure"), tuple(rows))]
