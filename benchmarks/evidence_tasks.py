"""Tasks for ``benchmarks/evidence.py``: lists and pictures, and what all tasks have in common.

A task is made from a seed. It knows its own oracle and draws inputs like those that it shows, and
others: of other sizes, with values that were not shown, with patterns that were rare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

import deepdistill as dd

Array: TypeAlias = NDArray[Any]
Rng: TypeAlias = np.random.Generator
Draw: TypeAlias = Callable[[Rng, int], Array]
Truth: TypeAlias = Callable[[Array], Any]
Topic: TypeAlias = Literal["size", "values", "patterns"]


@dataclass(frozen=True, slots=True, eq=False)
class Elsewhere:
    """Inputs that are not like those shown, and in which way they are not."""

    topic: Topic
    draw: Draw


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One thing to learn.

    ``learn`` takes a time limit in seconds and gives a result. ``truth`` is the right answer to one
    input, ``noise`` what a label may be instead of it; ``draw`` gives inputs like the ``shown``
    ones. ``answer`` asks the solver. Numbers within ``right`` of the truth are right;
    ``margin`` says how far the sums for an input are from a tie.
    """

    kind: str
    number: int
    title: str
    shown: int
    learn: Callable[[float], Any]
    truth: Truth
    draw: Draw
    elsewhere: tuple[Elsewhere, ...] = ()
    noise: Callable[[Rng, Any], Any] | None = None
    answer: Callable[[Any, Array], Any] = lambda result, x: result.solve(x.tolist())
    right: float = 0.0
    margin: Callable[[Array], float] | None = None
    random: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.number}"


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a family of tasks is made of, before any input is drawn."""

    title: str
    axes: str
    count: int
    truth: Truth
    draw: Draw
    elsewhere: tuple[Elsewhere, ...] = ()
    flips: float = 0.0
    """The share of labels, or of their cells, that are not the true ones."""
    random: bool = False


Family: TypeAlias = Callable[[Rng], Made]


def from_arrays(kind: str, number: int, made: Made, rng: Rng) -> Task:
    """The task of pairs of arrays."""
    x = made.draw(rng, made.count)
    true = [np.asarray(made.truth(one)) for one in x]
    states = np.unique(np.concatenate([label.ravel() for label in true]))

    def flipped(rng: Rng, label: Any) -> Any:
        array = np.array(label)
        where = rng.random(array.shape) < made.flips
        steps = rng.integers(1, max(2, len(states)), array.shape)
        others = states[(np.searchsorted(states, array) + steps) % len(states)]
        return np.where(where, others, array)

    y = np.stack([flipped(rng, label) if made.flips else label for label in true])
    x, first = np.unique(x, axis=0, return_index=True)  # the same input twice may have two labels
    order = rng.permutation(len(x))
    x, y = x[order], y[first[order]]

    def learn(seconds: float) -> Any:
        problem = dd.Problem.from_arrays(x, y, axes=made.axes, name="task")
        return dd.distill(problem, time_limit=seconds)

    return Task(
        kind,
        number,
        made.title,
        len(x),
        learn,
        made.truth,
        made.draw,
        made.elsewhere,
        flipped if made.flips else None,
        random=made.random,
    )


def random_answer(key: int, answers: int) -> Truth:
    """An answer for each input that has nothing to do with it, always the same one."""

    def truth(x: Array) -> int:
        digest = blake2b(np.asarray(x, np.int64).tobytes(), key=key.to_bytes(8, "big")).digest()
        return digest[0] % answers

    return truth


def uniform(low: int, high: int, *shape: int) -> Draw:
    """Integers from ``low`` to ``high``, both included."""
    return lambda rng, count: rng.integers(low, high + 1, (count, *shape))


def cells(density: float, *shape: int) -> Draw:
    """Bits of which so many are 1."""
    return lambda rng, count: (rng.random((count, *shape)) < density).astype(np.int64)


def mixed(often: Draw, rarely: Draw, share: float) -> Draw:
    """One in so many inputs is drawn in another way."""

    def draw(rng: Rng, count: int) -> Array:
        x, other = often(rng, count), rarely(rng, count)
        where = rng.random(count) < share
        x[where] = other[where]
        return x

    return draw


def quantile(truth: Callable[[Array], float], draw: Draw, share: float, rng: Rng) -> int:
    """A limit above which the value lies for about that share of the inputs."""
    values = sorted(float(truth(x)) for x in draw(rng, 400))
    return int(min(values[int((1 - share) * 399)], values[-1] - 1))


# Lists

Value: TypeAlias = Callable[[Array], int]
VALUES: tuple[tuple[str, Value], ...] = (
    ("sum", lambda x: int(x.sum())),
    ("max", lambda x: int(x.max())),
    ("min", lambda x: int(x.min())),
    ("range", lambda x: int(x.max() - x.min())),
    ("second largest", lambda x: int(np.sort(x.ravel())[-2])),
    ("different numbers", lambda x: len(np.unique(x))),
)


def _rule(rng: Rng, draw: Draw, high: int) -> tuple[str, Truth]:
    """A question about a list."""
    which = int(rng.integers(8))
    if which == 0:
        k = int(rng.integers(high + 1))
        return f"contains {k}", lambda x: int((x == k).any())
    if which == 1:
        k = int(rng.integers(high))
        return f"how many are above {k}", lambda x: int((x > k).sum())
    if which == 2:
        return "all different", lambda x: int(len(np.unique(x)) == x.size)
    if which == 3:
        name, value = VALUES[int(rng.integers(1, 4))]
        return name, value
    name, value = VALUES[int(rng.integers(6))]
    c = quantile(value, draw, float(rng.uniform(0.3, 0.7)), rng)
    return f"{name} > {c}", lambda x: int(value(x) > c)


def _sizes(low: int, high: int, n: int) -> tuple[Elsewhere, ...]:
    return tuple(Elsewhere("size", uniform(low, high, k)) for k in (n - 2, n + 1, 2 * n))


def _plain(rng: Rng) -> Made:
    n, high = int(rng.integers(4, 9)), int(rng.choice([9, 20, 50]))
    draw = uniform(0, high, n)
    title, truth = _rule(rng, draw, high)
    return Made(title, "set", 300, truth, draw, _sizes(0, high, n))


def _few(rng: Rng) -> Made:
    n, high = int(rng.integers(4, 9)), 20
    draw = uniform(0, high, n)
    title, truth = _rule(rng, draw, high)
    return Made(f"{title}, few", "set", int(rng.integers(8, 40)), truth, draw, _sizes(0, high, n))


def _random_labels(rng: Rng) -> Made:
    n, answers = int(rng.integers(4, 9)), int(rng.choice([2, 2, 3]))
    count = int(rng.choice([8, 12, 20, 40, 100]))
    truth = random_answer(int(rng.integers(2**31)), answers)
    return Made("random labels", "set", count, truth, uniform(0, 20, n), random=True)


def _flipped(rng: Rng) -> Made:
    draw = uniform(0, 20, 6)
    title, truth = _rule(rng, draw, 20)
    return Made(f"{title}, flipped", "set", 300, truth, draw, flips=float(rng.choice([0.02, 0.1])))


def _gap(rng: Rng) -> Made:
    """Sums that come near the limit are not shown."""
    n, high = 6, int(rng.choice([20, 50, 200]))
    c, width = n * high // 2, n * high // int(rng.choice([8, 20, 50]))
    base = uniform(0, high, n)

    def draw(rng: Rng, count: int) -> Array:
        x = base(rng, 8 * count + 50)
        return x[np.flatnonzero(abs(x.sum(axis=1) - c) > width)[:count]]

    def between(rng: Rng, count: int) -> Array:
        x = base(rng, 60 * count)
        return x[np.flatnonzero(abs(x.sum(axis=1) - c) <= width)[:count]]

    return Made(
        f"sum > {c} with a gap of {width}",
        "set",
        300,
        lambda x: int(x.sum() > c),
        draw,
        (Elsewhere("values", between),),
    )


def _one_of_many(rng: Rng) -> Made:
    draw = uniform(0, 20, 6)
    value_name, value = VALUES[int(rng.integers(4))]
    c = quantile(value, draw, float(rng.choice([0.004, 0.01, 0.02])), rng)
    return Made(f"{value_name} > {c}, rare", "set", 300, lambda x: int(value(x) > c), draw)


def _exception(rng: Rng) -> Made:
    """A rule that is another one where one number occurs, which it rarely does."""
    often, rare = uniform(0, 15, 6), 16
    title, truth = _rule(rng, often, 15)

    def other(rng: Rng, count: int) -> Array:
        x = often(rng, count)
        x[np.arange(count), rng.integers(6, size=count)] = rare
        return x

    def exceptional(x: Array) -> int:
        return 0 if (x == rare).any() else int(truth(x))

    draw = mixed(often, other, float(rng.choice([0.002, 0.01, 0.05])))
    where = (Elsewhere("values", other),)
    return Made(f"{title}, but 0 where {rare} occurs", "set", 300, exceptional, draw, where)


def _outlier(rng: Rng) -> Made:
    often = uniform(0, 20, 6)
    title, truth = _rule(rng, often, 20)
    draw = mixed(often, uniform(0, 5000, 6), 0.01)
    return Made(f"{title}, outliers", "set", 300, truth, draw)


def _constant(rng: Rng) -> Made:
    k, n = int(rng.integers(3)), int(rng.integers(3, 8))
    count = int(rng.choice([20, 300]))
    return Made(f"always {k}", "set", count, lambda x: k, uniform(0, 20, n))


def _unseen(rng: Rng) -> Made:
    """Some of the numbers that later occur were never shown."""
    shown = np.setdiff1d(np.arange(31), rng.choice(31, 8, replace=False))
    base = uniform(0, 30, 5)
    title, truth = _rule(rng, base, 30)

    def draw(rng: Rng, count: int) -> Array:
        return rng.choice(shown, (count, 5))

    where = (Elsewhere("values", base), Elsewhere("values", uniform(-30, 60, 5)))
    return Made(f"{title}, numbers left out", "set", 300, truth, draw, where)


def _lists(rng: Rng) -> Made:
    n, high = int(rng.integers(4, 8)), int(rng.choice([9, 20, 99]))
    draw, which = uniform(0, high, n), int(rng.integers(4))
    k = int(rng.integers(1, high))
    found: tuple[tuple[str, Truth], ...] = (
        ("sorted", np.sort),
        ("sorted downwards", lambda x: np.sort(x)[::-1]),
        (f"which are above {k}", lambda x: (x > k).astype(np.int64)),
        ("ranks", lambda x: (x[:, None] > x).sum(axis=1)),
    )
    title, truth = found[which]
    count = int(rng.choice([20, 100, 300]))
    return Made(title, "set", count, truth, draw, _sizes(0, high, n))


# Pictures


def _question(rng: Rng, draw: Draw) -> tuple[str, Truth]:
    """A question whose answers differ for pictures that are drawn so."""
    for _ in range(20):
        title, truth = _any_question(rng)
        answers = [int(truth(x)) for x in draw(np.random.default_rng(0), 100)]
        if max(map(answers.count, answers)) <= 90:
            break
    return title, truth


def _any_question(rng: Rng) -> tuple[str, Truth]:
    which, k = int(rng.integers(7)), int(rng.integers(2, 5))
    found: tuple[tuple[str, Truth], ...] = (
        ("more ones than zeros", lambda x: int(2 * x.sum() > x.size)),
        ("a full row", lambda x: int(x.all(axis=1).any())),
        (f"{k} in a row", lambda x: int(_run(x, k))),
        ("a two by two block", lambda x: int(_block(x))),
        ("how many ones", lambda x: int(x.sum())),
        (f"a row of at least {k}", lambda x: int((x.sum(axis=1) >= k).any())),
        ("an empty row", lambda x: int((x.sum(axis=1) == 0).any())),
    )
    return found[which]


def _run(x: Array, k: int) -> bool:
    """Whether so many ones lie side by side."""
    found = [x[:, step : x.shape[1] - k + 1 + step] for step in range(k)]
    return bool(np.prod(found, axis=0).any())


def _block(x: Array) -> bool:
    return bool((x[1:, 1:] * x[1:, :-1] * x[:-1, 1:] * x[:-1, :-1]).any())


def _picture(rng: Rng) -> Made:
    n, density = int(rng.integers(4, 7)), float(rng.choice([0.3, 0.5, 0.7]))
    draw = cells(density, n, n)
    title, truth = _question(rng, draw)
    count = int(rng.choice([40, 300, 300]))
    where = (Elsewhere("size", cells(density, n + 1, n + 1)), Elsewhere("size", cells(0.5, n, 2)))
    return Made(title, PICTURE, count, truth, draw, where)


def _random_picture(rng: Rng) -> Made:
    count = int(rng.choice([8, 12, 30, 100]))
    truth = random_answer(int(rng.integers(2**31)), 2)
    return Made("random labels", PICTURE, count, truth, cells(0.5, 5, 5), random=True)


def _flipped_picture(rng: Rng) -> Made:
    title, truth = _question(rng, cells(0.5, 5, 5))
    return Made(f"{title}, flipped", PICTURE, 300, truth, cells(0.5, 5, 5), flips=0.03)


def _rare_picture(rng: Rng) -> Made:
    density = float(rng.choice([0.05, 0.12, 0.9]))
    title, truth = _question(rng, cells(density, 5, 5))
    where = (Elsewhere("patterns", cells(0.5, 5, 5)),)
    return Made(f"{title}, density {density:g}", PICTURE, 300, truth, cells(density, 5, 5), where)


def _picture_exception(rng: Rng) -> Made:
    """Another rule where the corner and the cells around it are all 1."""
    title, truth = _question(rng, cells(0.5, 5, 5))
    return Made(
        f"{title}, but 0 with a full corner",
        PICTURE,
        300,
        lambda x: 0 if x[:2, :2].all() else int(truth(x)),
        cells(0.5, 5, 5),
    )


PICTURE = "grid(bounded) grid(bounded)"
LIST_FAMILIES: Sequence[Family] = (
    *(_plain, _plain, _few, _random_labels, _flipped, _gap),
    *(_one_of_many, _exception, _outlier, _constant, _unseen, _lists),
)
PICTURE_FAMILIES: Sequence[Family] = (
    *(_picture, _picture, _random_picture, _flipped_picture, _rare_picture, _picture_exception),
)
