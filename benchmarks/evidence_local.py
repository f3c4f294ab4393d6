"""Tasks for ``benchmarks/evidence.py``: automata on grids, and sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.evidence_tasks import (
    Array,
    Draw,
    Elsewhere,
    Family,
    Made,
    Rng,
    Truth,
    cells,
    mixed,
    random_answer,
    uniform,
)

# Grids


def neighbours(x: Array, offsets: Sequence[tuple[int, ...]], wrap: bool) -> list[Array]:
    """The grid moved by each offset; beyond a border lie zeros."""
    found = []
    for offset in offsets:
        moved = np.roll(x, [-k for k in offset], tuple(range(x.ndim)))
        if not wrap:
            for axis, step in enumerate(offset):
                outside = slice(-step, None) if step > 0 else slice(0, -step)
                moved = moved.swapaxes(0, axis).copy()
                if step:
                    moved[outside] = 0
                moved = moved.swapaxes(0, axis)
        found.append(moved)
    return found


def elementary(number: int, wrap: bool) -> Truth:
    """Wolfram's rule of that number."""
    table = np.array([number >> k & 1 for k in range(8)])

    def truth(x: Array) -> Array:
        left, right = neighbours(x, [(-1,), (1,)], wrap)
        return np.asarray(table[4 * left + 2 * x + right])

    return truth


def life_like(born: Array, stays: Array, wrap: bool) -> Truth:
    """A rule of the eight neighbours' sum: (9,) answers for dead cells and for living ones."""
    offsets = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]

    def truth(x: Array) -> Array:
        total = np.sum(neighbours(x, offsets, wrap), axis=0)
        return np.asarray(np.where(x == 1, stays[total], born[total]))

    return truth


def with_exception(truth: Truth, wrap: bool) -> Truth:
    """The same, but 1 turned to 0 and 0 to 1 in the middle of five ones."""

    def other(x: Array) -> Array:
        five = np.prod(neighbours(x, [(k,) for k in (-2, -1, 0, 1, 2)], wrap), axis=0)
        return np.asarray(np.where(five == 1, 1 - truth(x), truth(x)))

    return other


def _line(rng: Rng) -> tuple[str, bool, str, int]:
    wrap, number = bool(rng.integers(2)), int(rng.integers(1, 255))
    border = "wrap" if wrap else "bounded"
    return f"rule {number}, {border}", wrap, f"grid({border})", number


def _other_grids(density: float, *shape: int) -> tuple[Elsewhere, ...]:
    larger = tuple(2 * n + 1 for n in shape)
    return Elsewhere("size", cells(density, *larger)), Elsewhere("patterns", cells(0.5, *shape))


def _elementary(rng: Rng) -> Made:
    title, wrap, axes, number = _line(rng)
    count = int(rng.choice([4, 12, 40]))
    where = _other_grids(0.5, 20)
    return Made(title, axes, count, elementary(number, wrap), cells(0.5, 20), where)


def _sparse(rng: Rng) -> Made:
    title, wrap, axes, number = _line(rng)
    density = float(rng.choice([0.01, 0.03, 0.08, 0.95]))
    title = f"{title}, density {density:g}"
    draw, where = cells(density, 20), _other_grids(density, 20)
    return Made(title, axes, 60, elementary(number, wrap), draw, where)


def _rare_pattern(rng: Rng) -> Made:
    title, wrap, axes, number = _line(rng)
    density = float(rng.choice([0.2, 0.3, 0.5]))
    truth = with_exception(elementary(number, wrap), wrap)
    title = f"{title}, exception for 11111, density {density:g}"
    count = int(rng.choice([10, 40]))
    return Made(title, axes, count, truth, cells(density, 20), _other_grids(density, 20))


def _life(rng: Rng) -> Made:
    wrap = bool(rng.integers(2))
    born, stays = rng.integers(0, 2, 9), rng.integers(0, 2, 9)
    border = f"grid({'wrap' if wrap else 'bounded'})"
    density = float(rng.choice([0.05, 0.3, 0.5]))
    born[0] = 0
    title = f"born {np.flatnonzero(born)}, stays {np.flatnonzero(stays)}, density {density:g}"
    where = _other_grids(density, 9, 9)
    count = int(rng.choice([6, 30]))
    truth, draw = life_like(born, stays, wrap), cells(density, 9, 9)
    return Made(f"{title}, {border}", f"{border} {border}", count, truth, draw, where)


def _random_grid(rng: Rng) -> Made:
    key, count = int(rng.integers(2**31)), int(rng.choice([2, 5, 20]))

    def truth(x: Array) -> Array:
        return np.array([random_answer(key + k, 2)(x) for k in range(len(x))])

    return Made("random labels", "grid(wrap)", count, truth, cells(0.5, 10), random=True)


def _flipped_grid(rng: Rng) -> Made:
    title, wrap, axes, number = _line(rng)
    truth, flips = elementary(number, wrap), float(rng.choice([0.002, 0.02]))
    return Made(f"{title}, flipped", axes, 40, truth, cells(0.5, 20), flips=flips)


def _constant_grid(rng: Rng) -> Made:
    k = int(rng.integers(2))
    truth: Truth = lambda x: np.full_like(x, k)  # noqa: E731
    return Made(f"each cell is {k}", "grid(wrap)", 30, truth, cells(0.3, 12))


def _states(rng: Rng) -> Made:
    """Three states: the next one where a neighbour has it; the third state is rare."""
    wrap, share = bool(rng.integers(2)), float(rng.choice([0.01, 0.1, 1.0]))

    def truth(x: Array) -> Array:
        after = (x + 1) % 3
        hit = np.any([n == after for n in neighbours(x, [(-1,), (1,)], wrap)], axis=0)
        return np.where(hit, after, x)

    draw = mixed(uniform(0, 1, 16), uniform(0, 2, 16), share)
    where = (Elsewhere("patterns", uniform(0, 2, 16)), Elsewhere("size", uniform(0, 2, 40)))
    axes = f"grid({'wrap' if wrap else 'bounded'})"
    return Made(f"cyclic of 3, third state in {share:g}, {axes}", axes, 40, truth, draw, where)


def _far(rng: Rng) -> Made:
    """Each cell becomes the parity of itself and of one far away."""
    k = int(rng.integers(2, 5))

    def truth(x: Array) -> Array:
        return np.asarray(x ^ np.roll(x, -k))

    where = (Elsewhere("size", cells(0.5, 31)),)
    return Made(f"xor with {k} further", "grid(wrap)", 40, truth, cells(0.5, 16), where)


GRID_FAMILIES: Sequence[Family] = (
    *(_elementary, _elementary, _sparse, _rare_pattern, _life, _life),
    *(_random_grid, _flipped_grid, _constant_grid, _states, _far),
)

# Sequences


def scan(start: int, step: Truth) -> Truth:
    """What a loop puts out whose state and answer are one number: ``step([state, input])``."""

    def truth(x: Array) -> Array:
        state, found = start, []
        for value in x.tolist():
            state = int(step(np.array([state, value])))
            found.append(state)
        return np.array(found)

    return truth


def delayed(x: Array, k: int) -> Array:
    """The sequence so many steps later, zeros first."""
    return np.concatenate([np.zeros(min(k, len(x)), np.int64), x[: max(0, len(x) - k)]])


def _longer(draw: Draw) -> tuple[Elsewhere, ...]:
    def twice(rng: Rng, count: int) -> Array:
        return np.concatenate([draw(rng, count), draw(rng, count)], axis=1)

    return (Elsewhere("size", twice),)


def _loop(rng: Rng) -> tuple[str, Truth]:
    """A loop over bits."""
    k, which = int(rng.integers(2, 6)), int(rng.integers(8))
    found: tuple[tuple[str, Truth], ...] = (
        ("parity", lambda x: np.cumsum(x) % 2),
        (f"ones modulo {k}", lambda x: np.cumsum(x) % k),
        (f"ones, at most {k}", lambda x: np.minimum(np.cumsum(x), k)),
        (f"{k - 1} steps ago", lambda x: delayed(x, k - 1)),
        ("xor with two steps ago", lambda x: x ^ delayed(x, 2)),
        ("run of ones", scan(0, lambda s: (s[0] + 1) * s[1])),
        ("any one so far", lambda x: np.maximum.accumulate(x)),
        ("ones so far", lambda x: np.cumsum(x)),
    )
    return found[which]


def _sequence(rng: Rng) -> Made:
    title, truth = _loop(rng)
    count, length = int(rng.choice([20, 60, 300])), int(rng.integers(8, 21))
    draw = cells(0.5, length)
    return Made(title, "sequence", count, truth, draw, _longer(draw))


def _few_sequences(rng: Rng) -> Made:
    title, truth = _loop(rng)
    draw = cells(0.5, int(rng.integers(4, 9)))
    count = int(rng.integers(3, 12))
    return Made(f"{title}, few", "sequence", count, truth, draw, _longer(draw))


def _saturating(rng: Rng) -> Made:
    """Counts up on 1 and down on 0 between 0 and a limit that is rarely met."""
    top, count = int(rng.integers(3, 9)), int(rng.choice([20, 60, 200]))
    truth = scan(0, lambda s: min(top, s[0] + 1) if s[1] else max(0, s[0] - 1))
    draw = cells(0.5, 10)
    where = (*_longer(draw), Elsewhere("patterns", cells(0.9, 10)))
    return Made(f"up and down to {top}", "sequence", count, truth, draw, where)


def _rare_run(rng: Rng) -> Made:
    """A loop whose answer is 0 after so many ones in a row, which hardly occur."""
    title, truth = _loop(rng)
    k = int(rng.integers(4, 7))

    def other(x: Array) -> Array:
        full = np.prod([delayed(x, j) for j in range(k)], axis=0)
        return np.where(full == 1, 0, truth(x))

    density = float(rng.choice([0.2, 0.35, 0.5]))
    draw = cells(density, 15)
    where = (*_longer(draw), Elsewhere("patterns", cells(0.9, 15)))
    title = f"{title}, but 0 after {k} ones, density {density:g}"
    return Made(title, "sequence", 60, other, draw, where)


def _random_sequence(rng: Rng) -> Made:
    key, count = int(rng.integers(2**31)), int(rng.choice([4, 10, 40]))

    def truth(x: Array) -> Array:
        return np.array([random_answer(key, 2)(x[: t + 1]) for t in range(len(x))])

    return Made("random labels", "sequence", count, truth, cells(0.5, 8), random=True)


def _flipped_sequence(rng: Rng) -> Made:
    title, truth = _loop(rng)
    return Made(f"{title}, flipped", "sequence", 60, truth, cells(0.5, 12), flips=0.01)


def _constant_sequence(rng: Rng) -> Made:
    k = int(rng.integers(2))
    truth: Truth = lambda x: np.full_like(x, k)  # noqa: E731
    return Made(f"always {k}", "sequence", 40, truth, cells(0.5, 10))


def _numbers(rng: Rng) -> Made:
    """Loops over numbers, among them some of which large ones are rare."""
    high, which = int(rng.choice([3, 9, 20])), int(rng.integers(4))
    k = int(rng.integers(1, high))
    found: tuple[tuple[str, Truth], ...] = (
        ("greatest so far", lambda x: np.maximum.accumulate(x)),
        ("sum so far", lambda x: np.cumsum(x)),
        (f"above {k}", lambda x: (x > k).astype(np.int64)),
        ("difference", lambda x: x - delayed(x, 1)),
    )
    title, truth = found[which]
    draw = mixed(uniform(0, high, 10), uniform(0, 3 * high, 10), 0.02)
    where = (*_longer(draw), Elsewhere("values", uniform(0, 5 * high, 10)))
    return Made(f"{title}, 0 to {high}", "sequence", 100, truth, draw, where)


SEQUENCE_FAMILIES: Sequence[Family] = (
    *(_sequence, _sequence, _few_sequences, _saturating, _rare_run),
    *(_random_sequence, _flipped_sequence, _constant_sequence, _numbers),
)
