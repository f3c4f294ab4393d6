"""How quick formulas are in the place of a network: ``python -m benchmarks.surrogates``.

One line for each width of a network of two hidden layers and each formula, on batches of 10^4 rows:
milliseconds of both (the least of several runs that take turns, on ``--threads``), and their ratio.
The aim is a ratio above 1 from width 64 on.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import torch
from torch import nn

from deepdistill.ir.formulas import Formulas
from deepdistill.ir.infix import parse_infix
from deepdistill.ir.types import Reals, Scalar
from deepdistill.modules.face import AnswerPart, BlockFace
from deepdistill.modules.formula_module import FormulaModule

ROWS, ROUNDS = 10_000, 15
NAMES = ("dx", "dy", "q")
TEXTS = (
    "2.5 * dx * q",
    "0.5 * dx * (1.0 - 1.0 / hypot(dx, dy))",
    "1.5 * sin(2.0 * dx) * exp(-0.5 * abs(dy)) + 0.25 * tanh(q * dx) - log(1.0 + square(dy))",
)


def module_of(text: str) -> FormulaModule:
    """The module of one formula of the columns."""
    value, _ = parse_infix(text, NAMES)
    inputs = tuple(Scalar(name, Reals(-3.0, 3.0)) for name in NAMES)
    formulas = Formulas("law", inputs, (Scalar("y", Reals(-9.0, 9.0)),), (), (), (value,))
    face = BlockFace(("x",), (("x", len(NAMES)),), (), "tensor", (AnswerPart("", 1),))
    return FormulaModule(formulas, face, (0,))


def network_of(width: int) -> nn.Module:
    layers = [nn.Linear(len(NAMES), width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()]
    return nn.Sequential(*layers, nn.Linear(width, 1))


def milliseconds(modules: Sequence[nn.Module], x: torch.Tensor) -> list[float]:
    """The least time of each, in turns."""
    least = [float("inf")] * len(modules)
    for _ in range(ROUNDS):
        for k, module in enumerate(modules):
            start = time.perf_counter()
            module(x)
            least[k] = min(least[k], 1e3 * (time.perf_counter() - start))
    return least


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a formula is slower than a network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--widths", type=int, nargs="+", default=[64, 128, 256])
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args(arguments)
    widths = given.widths
    torch.set_num_threads(given.threads)
    torch.manual_seed(0)
    x, slow = torch.randn(ROWS, len(NAMES)), 0
    print(f"{'width':>5}  {'network ms':>10}  {'formula ms':>10}  {'ratio':>6}  formula")
    with torch.no_grad():
        for width in widths:
            for text in TEXTS:
                theirs, ours = milliseconds([network_of(width), module_of(text)], x)
                slow += theirs < ours
                print(f"{width:5}  {theirs:10.2f}  {ours:10.2f}  {theirs / ours:6.1f}  {text}")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
