"""What stands behind each step in words: rows, what most of them have, and those held out."""

from __future__ import annotations

from ...units.rules import leaves
from .network import StepNetwork


def described_steps(network: StepNetwork) -> list[str]:
    """``5.2: nine in ten of 38 rows have 4.9 to 5.7, 11 of 12 held out do``, a text each leaf."""
    numbers = network.output.levels
    texts = []
    for leaf, known in zip(leaves(network.model.trees[0]), network.supports, strict=True):
        rows = f"{known.learned:,} row{'' if known.learned == 1 else 's'}"
        alike = known.low == known.high
        ends = f"{known.low:.4g}" if alike else f"{known.low:.4g} to {known.high:.4g}"
        text = f"{numbers[leaf.value]!r}: nine in ten of {rows} have {ends}"
        if known.untouched:
            text += f", {known.within} of {known.untouched} held out do"
        texts.append(text if known.untouched else f"{text}, none held out")
    return texts
