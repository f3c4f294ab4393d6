"""MLPs of a small transformer compressed: ``python -m benchmarks.transformers [--seeds 0 1 2]``.

Each MLP of a character transformer (``benchmarks/transformers_model``) is told by few products
(``dd.distill_module(..., family="products")``), put in its place, and its constants are refined in
the whole network. Beside them stand nothing at all, an affine map and a smaller MLP with as many
parameters, fitted on the same rows with as many steps and refined by the same code. Told are the
perplexity on text that nobody was trained on, in per cent more than the network's own: with each
block alone, and with all of them before and after refining (of the largest size the first block
alone); and how many per cent more tokens a second the network reads then (a forward pass, all
variants of a size in turns, the least time of each). ``--weights`` is a folder in which trained
networks are kept.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

import deepdistill as dd
from benchmarks.transformers_model import (
    BLOCKS,
    STEPS,
    WIDTH,
    CharacterText,
    Pair,
    Transformer,
    cross_entropy,
    help_text,
    pairs,
    perplexity,
    trained,
)
from deepdistill.modules.refine import refined
from deepdistill.modules.surrogate_module import SurrogateModule
from deepdistill.modules.swapping import SwappedBlock, block_to_swap, in_place

SIZES = (0, 12, 24, 64, 128)  # products; 0: nothing, and an affine map
ALONE = 128  # from so many on only the first block, the easiest, is told
ROWS, BATCHES = 16000, 8
FITTING, FIT_BATCH, FIT_RATE = 600, 512, 0.01
EPOCHS, EPOCH, WINDOWS, CHOOSING = 5, 50, 16, 10
RATES = 0.02, 0.004  # of all blocks together, and of one alone
ROUNDS = 15
PATHS = tuple(f"blocks.{k}.mlp" for k in range(BLOCKS))


@dataclass(frozen=True, slots=True)
class MlpNumbers:
    """All numbers of an MLP of so many hidden units."""

    hidden: int
    values: tuple[float, ...]

    def constants(self) -> tuple[float, ...]:
        return self.values

    def refilled(self, constants: Sequence[float]) -> MlpNumbers:
        return replace(self, values=tuple(constants))


class MlpControl(SurrogateModule[MlpNumbers]):
    """A smaller MLP in the place of the block's: the control, with constants as surrogates have."""

    def sizes(self) -> list[tuple[int, ...]]:
        hidden = self.program.hidden
        return [(hidden, WIDTH), (hidden,), (WIDTH, hidden), (WIDTH,)]

    def parts(self, constants: torch.Tensor) -> list[torch.Tensor]:
        sizes = self.sizes()
        whole = torch.split(constants, [torch.Size(one).numel() for one in sizes])
        return [part.reshape(size) for part, size in zip(whole, sizes, strict=True)]

    def numbers(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        first, shift, second, offset = self.parts(self.constants.to(tensors[0].dtype))
        inner = functional.gelu(functional.linear(tensors[0], first, shift))
        return functional.linear(inner, second, offset)

    def scale(self) -> torch.Tensor:
        found = self.constants.detach().clone()
        for part in self.parts(found):
            part.fill_(max(1e-6, float(part.square().mean().sqrt())))
        return found


class Nothing(nn.Module):
    """The control that answers zero."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(x)


@dataclass(frozen=True, slots=True, eq=False)
class Fresh:
    """Windows of the learned text, other ones in each pass."""

    text: torch.Tensor
    seeds: Iterator[int]

    def __iter__(self) -> Iterator[Pair]:
        return pairs(self.text, EPOCH, next(self.seeds), WINDOWS)


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of surrogate in the network of a seed; increases of perplexity in per cent."""

    seed: int
    surrogate: str
    constants: int
    alone: tuple[float, ...]
    whole: float | None
    refined: float | None
    faster: float

    def __str__(self) -> str:
        def told(value: float | None) -> str:
            return "" if value is None else f"{value:+.1f}"

        alone = " / ".join(map(told, self.alone))
        return (
            f"| {self.seed} | {self.surrogate} | {self.constants:,} | {alone} | "
            f"{told(self.whole)} | {told(self.refined)} | "
            f"{self.faster:+.0f} |"
        )


COLUMNS = "seed", "surrogate", "constants a block", "each alone", "all", "refined", "tokens/s"


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The network of a seed with what it is judged by."""

    seed: int
    model: Transformer
    text: CharacterText
    own: float
    inputs: tuple[torch.Tensor, ...]
    labels: tuple[torch.Tensor, ...]

    def swapped(self, place: int, surrogate: nn.Module) -> SwappedBlock:
        """A control for the place of an MLP."""
        block = block_to_swap(self.model, PATHS[place])
        ends = ([-1e9] * WIDTH, [1e9] * WIDTH)
        return SwappedBlock(surrogate, block, "formula", ends, range(WIDTH))  # type: ignore[arg-type]

    def loss(self, stack: Sequence[tuple[int, Any]]) -> float:
        """The increase of perplexity in per cent with surrogates in these places."""
        with ExitStack() as places:
            enter(self, places, stack)
            return 100 * (perplexity(self.model, self.text.judging) / self.own - 1)

    def windows(self) -> tuple[Fresh, list[Pair]]:
        """The batches that constants are refined with, and those that choose among epochs."""
        cut = len(self.text.learned) // 20
        choosing = list(pairs(self.text.learned[:cut], CHOOSING, 999 + self.seed, WINDOWS))
        fresh = Fresh(self.text.learned[cut:], iter(range(1000 * (self.seed + 1), sys.maxsize)))
        return fresh, choosing


def enter(study: Study, places: ExitStack, stack: Sequence[tuple[int, Any]]) -> None:
    """Put surrogates in their places, until the stack is left."""
    for place, one in stack:
        if isinstance(one, nn.Module):
            if isinstance(one, Nothing):
                block = study.model.blocks[place]
                own = block.mlp
                block.mlp = one
                places.callback(setattr, block, "mlp", own)
            else:
                places.enter_context(in_place(study.model, PATHS[place], study.swapped(place, one)))
        else:
            places.enter_context(one.swapped(study.model))


def products_for(study: Study, place: int, products: int) -> Any:
    """What the package makes of a block."""
    return dd.distill_module(
        study.model,
        PATHS[place],
        list(study.inputs),
        labels=list(study.labels),
        family="products",
        products=products,
        rows=ROWS,
        budget=FITTING / 1500,
        seed=study.seed,
    )


def control_for(found: Any, seed: int) -> MlpControl:
    """A smaller MLP of as many constants, fitted on the rows that the surrogate was fitted on."""
    rows = found.source.rows
    x, y = (torch.from_numpy(one[~rows.held]).float() for one in (rows.x, rows.y))
    hidden = round((found.complexity - WIDTH) / (2 * WIDTH + 1))
    torch.manual_seed(seed)
    draw = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(WIDTH, hidden), nn.GELU(), nn.Linear(hidden, WIDTH))
    optimizer = torch.optim.Adam(net.parameters(), FIT_RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, FITTING)
    size = y.std()
    for _ in range(FITTING):
        picked = torch.randint(len(x), (FIT_BATCH,), generator=draw)
        optimizer.zero_grad()
        ((net(x[picked]) - y[picked]) / size).square().mean().backward()
        optimizer.step()
        schedule.step()
    values = torch.cat([one.detach().double().reshape(-1) for one in net.parameters()])
    numbers = MlpNumbers(hidden, tuple(values.tolist()))
    return MlpControl(numbers, found.source.face, range(WIDTH))


def refine(study: Study, stack: Sequence[tuple[int, Any]]) -> None:
    """Constants of surrogates trained in place, those of controls by the same code."""
    first, rest = stack[0][1], [one for _, one in stack[1:]]
    rate, (fresh, choosing) = RATES[0 if rest else 1], study.windows()
    if not isinstance(first, nn.Module):
        first.refine(
            study.model,
            cross_entropy,
            fresh,
            epochs=EPOCHS,
            rate=rate,
            falling=True,
            together=rest,
            judging=choosing,
        )
        return
    with ExitStack() as places:
        enter(study, places, stack)
        controls = [one for _, one in stack]
        found = refined(study.model, controls, cross_entropy, fresh, EPOCHS, rate, True, choosing)
    for one, constants in zip(controls, found, strict=True):
        one.refill(one.program.refilled(constants))


def copied(one: Any) -> Any:
    """The same surrogate, to be refined by itself."""
    if isinstance(one, MlpControl):
        return MlpControl(one.program, one.face, range(WIDTH))
    return type(one)(one.source, one.sizes, one.program, one.at_hand, one.certificate)


def tokens(study: Study, stacks: Sequence[Sequence[tuple[int, Any]]]) -> list[float]:
    """Seconds of a forward pass with each in place, the least of rounds that take turns."""
    x = torch.cat(study.inputs[:2])
    least = [float("inf")] * len(stacks)
    for _ in range(ROUNDS):
        for k, stack in enumerate(stacks):
            with ExitStack() as places, torch.no_grad():
                enter(study, places, stack)
                start = time.perf_counter()
                study.model(x)
                least[k] = min(least[k], time.perf_counter() - start)
    return least


def lines_of(
    seed: int, text: CharacterText, weights: Path | None, steps: int, sizes: Sequence[int]
) -> Iterator[Line]:
    """The lines of one seed."""
    model = trained(text, seed, weights, steps)
    given = list(pairs(text.learned, BATCHES, seed + 100))
    own = perplexity(model, text.judging)
    study = Study(seed, model, text, own, *map(tuple, zip(*given, strict=True)))
    print(f"seed {seed}: perplexity {own:.3f} of the network itself", file=sys.stderr, flush=True)
    for products in sizes:
        blocks = range(1) if products >= ALONE else range(BLOCKS)
        kinds = list(kinds_of(study, products, blocks))
        seconds = tokens(study, [(), *(stack for _, _, stack in kinds)])
        for (name, size, stack), spent in zip(kinds, seconds[1:], strict=True):
            alone = [study.loss([one]) for one in stack]
            whole = study.loss(stack) if len(stack) > 1 else None
            after = None
            if size:
                refine(study, stack)
                after = study.loss(stack)
            faster = 100 * (seconds[0] / spent - 1)
            yield Line(seed, name, size, tuple(alone), whole, after, faster)


def kinds_of(
    study: Study, products: int, blocks: Sequence[int]
) -> Iterator[tuple[str, int, list[tuple[int, Any]]]]:
    """What is put in the places of these blocks: name, constants a block, surrogates."""
    found = [(k, products_for(study, k, products)) for k in blocks]
    size = found[0][1].complexity
    if not products:
        yield "nothing", 0, [(k, Nothing()) for k in blocks]
        yield "affine map", size, found
        return
    yield f"{products} products", size, found
    control = [(k, control_for(one, study.seed)) for k, one in found]
    count = len(control[0][1].constants)
    yield f"MLP of {control[0][1].program.hidden} units", count, control


def study(
    seeds: Sequence[int] = (0, 1, 2),
    weights: Path | None = None,
    steps: int = STEPS,
    sizes: Sequence[int] = SIZES,
) -> list[Line]:
    """Print a line for each surrogate of each seed, and return them."""
    torch.set_num_threads(1)
    text = help_text()
    print(f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|", flush=True)
    found = []
    for seed in seeds:
        for line in lines_of(seed, text, weights, steps, sizes):
            print(line, flush=True)
            found.append(line)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="products")
    given = parser.parse_args(arguments)
    study(given.seeds, given.weights, given.steps, given.sizes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
