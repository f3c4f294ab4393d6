"""Data thrift: the fewest training grids from which each method plays an automaton exactly.

    python benchmarks/automata.py [--quick] [--seed N]

Each method learns from the same growing list of before/after grids (20 cells, or 9 x 10). It
passes with the first number of grids for which every draw of the data is answered without one
wrong cell: on a grid 50 times longer along each axis, or, where the method has a fixed size, on
held-out grids of the training size. Neural fits have a limit of optimizer steps (so that a seed
gives the same table everywhere) and of processor time, and every row of the table has a time limit,
so a row may end with "> N". Needs deepdistill, scikit-learn and torch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from deepdistill.data import catalogue
from deepdistill.data.problem import InputError, Problem

PROBLEMS = ("rule30", "rule110", "life", "wireworld")
COUNTS = (1, 2, 3, 5, 8, 12, 20, 32, 50, 80, 120, 200, 320, 500, 800)
QUICK_COUNTS = (2, 5, 12, 32, 80, 200)
TIMES_LARGER = 50
HELD_OUT = 100

Cells = NDArray[np.int64]
Solver = Callable[[Cells], Cells]
"""Grids with the sample axis first, and the next grids."""


@dataclass(frozen=True, slots=True)
class Limit:
    """When a neural fit ends at the latest: optimizer steps and seconds of processor time."""

    steps: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """One automaton, with one draw of grids to learn from and to be judged on."""

    problem: Problem
    x: Cells
    y: Cells
    held_out: tuple[Cells, Cells]
    large: tuple[Cells, Cells]
    limit: Limit
    seed: int

    @property
    def states(self) -> int:
        return len(self.problem.inputs[0].domain)


@dataclass(frozen=True, slots=True)
class Fit:
    """A solver, whether the method vouches for it, and whether the time limit cut its training."""

    solve: Solver
    certified: bool = False
    cut_short: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """``learn(task, n)`` fits a solver to the first ``n`` grids."""

    name: str
    learn: Callable[[Task, int], Fit]
    fixed_size: bool = False


@dataclass(slots=True)
class Row:
    """What one method reached on one automaton."""

    fewest: int | None = None
    tried: int = 0
    seconds: float = 0.0
    stopped: bool = False
    cut_short: int = 0
    wrongly_certified: int = 0


def draw_task(problem: Problem, grids: int, limit: Limit, seed: int, draw: int) -> Task:
    """The grids of one draw; fewer grids are always the first ones of the same list."""
    rng = np.random.default_rng([seed, draw])
    oracle = problem.oracle
    assert oracle is not None

    def labelled(count: int, shape: tuple[int, ...]) -> tuple[Cells, Cells]:
        cells = [problem.draw(rng, shape)[0] for _ in range(count)]
        return np.stack(cells), np.stack([oracle(grid) for grid in cells])

    shape = problem.training_shapes[0]
    held_out = labelled(HELD_OUT, shape)
    large = labelled(1, tuple(TIMES_LARGER * size for size in shape))
    x, y = labelled(grids, shape)
    return Task(problem, x, y, held_out, large, limit, seed + draw)


# deepdistill


def learn_distilled(task: Task, n: int) -> Fit:
    """What deepdistill makes of a user's pairs; only here and below is its API used."""
    import deepdistill as dd

    axes = " ".join(map(str, task.problem.inputs[0].axes))
    result = dd.distill(dd.Problem.from_arrays(task.x[:n], task.y[:n], axes=axes, name="grids"))

    def solve(x: Cells) -> Cells:
        return np.array([result.solve(grid.tolist()) for grid in x])

    return Fit(solve, certified=bool(result.certificate.ok))


def distill_stages(problem: Problem) -> dict[str, float]:
    """Seconds of each stage for the built-in problem with all its grids."""
    import deepdistill as dd

    return dict(dd.distill(problem).seconds)


# Decision trees


def learn_tree_on_grid(task: Task, n: int) -> Fit:
    """Each output cell from all cells of the grid."""
    tree = DecisionTreeClassifier(random_state=task.seed)
    tree.fit(task.x[:n].reshape(n, -1), task.y[:n].reshape(n, -1))
    return Fit(lambda x: np.asarray(tree.predict(x.reshape(len(x), -1))).reshape(x.shape))


def neighborhoods(x: Cells) -> Cells:
    """The cells within one step of each cell, one row a cell."""
    axes = tuple(range(1, x.ndim))
    offsets = np.ndindex(*(3,) * len(axes))
    shifted = [np.roll(x, [1 - k for k in offset], axes) for offset in offsets]
    return np.stack(shifted, axis=-1).reshape(x.size, -1)


def learn_tree_on_neighborhood(task: Task, n: int) -> Fit:
    """Each cell from its neighbourhood, which this method is told."""
    tree = DecisionTreeClassifier(random_state=task.seed)
    tree.fit(neighborhoods(task.x[:n]), task.y[:n].ravel())
    return Fit(lambda x: np.asarray(tree.predict(neighborhoods(x))).reshape(x.shape))


# Neural networks


def one_hot(x: Cells, states: int) -> torch.Tensor:
    """Channels after the sample axis, as convolutions expect them."""
    return nn.functional.one_hot(torch.from_numpy(x), states).movedim(-1, 1).float()


def train(net: nn.Module, task: Task, n: int) -> Fit:
    """Adam on batches of 32 until every batch is answered with confidence or a limit is reached."""
    inputs, targets = one_hot(task.x[:n], task.states), torch.from_numpy(task.y[:n])
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    deadline = time.process_time() + task.limit.seconds
    steps, confident = 0, False
    while not confident and steps < task.limit.steps and time.process_time() < deadline:
        order, worst = torch.randperm(n), 0.0
        for start in range(0, n, 32):
            batch = order[start : start + 32]
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(inputs[batch]), targets[batch])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            steps += 1
            worst = max(worst, loss.item())
        confident = worst < 1e-3

    def solve(x: Cells) -> Cells:
        with torch.no_grad():
            return np.asarray(net(one_hot(x, task.states)).argmax(dim=1).numpy())

    return Fit(solve, cut_short=not confident)


def learn_mlp(task: Task, n: int) -> Fit:
    """Two hidden layers of 256 on the flattened grid."""
    torch.manual_seed(task.seed)
    shape = task.x.shape[1:]
    cells = int(np.prod(shape))
    net = nn.Sequential(
        nn.Flatten(),
        nn.Linear(task.states * cells, 256),
        nn.ReLU(),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Linear(256, task.states * cells),
        nn.Unflatten(1, (task.states, *shape)),
    )
    return train(net, task, n)


def learn_cnn(task: Task, n: int) -> Fit:
    """Two layers of 64 filters of width 3 with circular padding, then one of width 1."""
    torch.manual_seed(task.seed)
    convolution: Any = nn.Conv1d if task.x.ndim == 2 else nn.Conv2d
    net = nn.Sequential(
        convolution(task.states, 64, 3, padding=1, padding_mode="circular"),
        nn.ReLU(),
        convolution(64, 64, 3, padding=1, padding_mode="circular"),
        nn.ReLU(),
        convolution(64, task.states, 1),
    )
    return train(net, task, n)


DEEPDISTILL = Method("deepdistill", learn_distilled)
BASELINES = (
    Method("decision tree, whole grid", learn_tree_on_grid, fixed_size=True),
    Method("decision tree, neighbourhood given", learn_tree_on_neighborhood),
    Method("MLP, whole grid", learn_mlp, fixed_size=True),
    Method("CNN, circular padding", learn_cnn),
)


def is_exact(method: Method, task: Task, n: int, row: Row) -> bool:
    """Whether no cell is wrong where the method is judged; unusable data counts as a failure."""
    try:
        fit = method.learn(task, n)
    except InputError:
        return False
    x, y = task.held_out if method.fixed_size else task.large
    exact = bool(np.array_equal(fit.solve(x), y))
    row.cut_short += fit.cut_short and not exact
    row.wrongly_certified += fit.certified and not exact
    return exact


def fewest_grids(
    method: Method, tasks: list[Task], counts: tuple[int, ...], row_seconds: float
) -> Row:
    """The first count for which every draw is answered exactly, within the time of a row."""
    row = Row()
    start = time.perf_counter()
    for n in counts:
        row.tried = n
        exact = all(is_exact(method, task, n, row) for task in tasks)
        row.seconds = time.perf_counter() - start
        if exact:
            row.fewest = n
            break
        if row.seconds > row_seconds:
            row.stopped = n != counts[-1]
            break
    return row


def table(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns of equal width; the first line is the heading."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for k, line in enumerate(lines):
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).strip()
        if k == 0:
            yield "  ".join("-" * width for width in widths)


def remarks(row: Row) -> str:
    """What qualifies a row: limits that were reached and certificates that were wrong."""
    found = []
    if row.stopped:
        found.append("row limit reached")
    if row.cut_short:
        found.append(f"failed fits at their limit: {row.cut_short}")
    if row.wrongly_certified:
        found.append(f"wrong answers certified: {row.wrongly_certified}")
    return ", ".join(found)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer counts, one draw, short limits")
    parser.add_argument("--seed", type=int, default=0, help="seed of grids and fits (default 0)")
    parser.add_argument("--draws", type=int, help="draws that must all be exact (default 3)")
    parser.add_argument("--fit-steps", type=int, help="limit of a neural fit (default 2000)")
    parser.add_argument("--fit-seconds", type=float, help="the same in seconds (default 60)")
    parser.add_argument("--row-seconds", type=float, help="limit of a table row (default 240)")
    parser.add_argument("--problems", nargs="+", default=list(PROBLEMS), metavar="NAME")
    parser.add_argument("--baselines-only", action="store_true", help="leave deepdistill out")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    quick = options.quick
    counts = QUICK_COUNTS if quick else COUNTS
    draws = options.draws or (1 if quick else 3)
    limit = Limit(
        options.fit_steps or (600 if quick else 2000), options.fit_seconds or (15 if quick else 60)
    )
    row_seconds = options.row_seconds or (60 if quick else 240)
    methods = BASELINES if options.baselines_only else (DEEPDISTILL, *BASELINES)
    torch.set_num_threads(1)  # the nets are small, and one thread makes their limits comparable
    print(
        f"seed {options.seed}, exact on all of {draws} draws; limits: {limit.steps} steps and "
        f"{limit.seconds:g} s a neural fit, {row_seconds:g} s a row\n"
    )

    lines = [("automaton", "method", "fewest grids", "judged on", "seconds", "remarks")]
    for name in options.problems:
        problem = catalogue.find(name)
        shape = problem.training_shapes[0]
        large = " x ".join(str(TIMES_LARGER * size) for size in shape)
        small = " x ".join(map(str, shape))
        tasks = [
            draw_task(problem, max(counts), limit, options.seed, draw) for draw in range(draws)
        ]
        for method in methods:
            row = fewest_grids(method, tasks, counts, row_seconds)
            judged = f"{HELD_OUT} grids of {small} (size fixed)" if method.fixed_size else large
            fewest = str(row.fewest) if row.fewest is not None else f"> {row.tried}"
            seconds = f"{row.seconds:.1f}"
            lines.append((name, method.name, fewest, judged, seconds, remarks(row)))
            print(f"  {name}, {method.name}: {fewest}", flush=True)
    print("\n" + "\n".join(table(lines)))

    if not options.baselines_only:
        stages = {name: distill_stages(catalogue.find(name)) for name in options.problems}
        columns = list(dict.fromkeys(stage for row in stages.values() for stage in row))
        timed = [("seconds per stage of deepdistill", *columns, "total")]
        for name, spent in stages.items():
            cells = [f"{spent.get(stage, 0):.2f}" for stage in columns]
            timed.append((name, *cells, f"{sum(spent.values()):.2f}"))
        print("\n" + "\n".join(table(timed)))


if __name__ == "__main__":
    main()
