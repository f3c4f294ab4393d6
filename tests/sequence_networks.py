"""Recurrent networks written by hand for the sequence problems, as a trainer may find them."""

from __future__ import annotations

from collections.abc import Sequence

from recurrent_strategies import network_of

from deepdistill.forms.sequence.network import RecurrentNetwork
from deepdistill.ir.types import Integers
from deepdistill.units.gates import AffineUnit, Cell, Gate, Piece
from deepdistill.units.readings import Lag, Register, StepFeature

BITS = Integers(0, 1)
WIDE = Integers(-100, 99)
Bound = tuple[AffineUnit, int | None, int | None]


def lin(*weights: int, b: int = 0, d: int = 1, m: int = 0) -> AffineUnit:
    return AffineUnit(weights, b, d, m)


def only(*weights: int, b: int = 0, d: int = 1, m: int = 0) -> Cell:
    """A cell of one linear unit."""
    return Cell((), (Piece((), AffineUnit(weights, b, d, m)),))


def choose(*branches: tuple[Sequence[Bound], AffineUnit] | AffineUnit) -> Cell:
    """A decision list: each value with the gates that must fire for it."""
    gates: list[Gate] = []
    pieces: list[Piece] = []
    for branch in branches:
        if isinstance(branch, AffineUnit):
            pieces.append(Piece((), branch))
            continue
        wanted = []
        for total, low, high in branch[0]:
            wanted.append((len(gates), True))
            gates.append(Gate(total, low, high))
        pieces.append(Piece(tuple(wanted), branch[1]))
    return Cell(tuple(gates), tuple(pieces))


def _net(
    domain: Integers,
    channels: int,
    features: Sequence[StepFeature],
    initial: Sequence[int],
    updates: Sequence[Cell],
    outputs: Sequence[Cell],
) -> RecurrentNetwork:
    return network_of(
        domain, channels, tuple(features), tuple(initial), tuple(updates), tuple(outputs)
    )


X, A, B = Lag(), Lag(0, 0), Lag(0, 1)
R, S = Register(0), Register(1)
R2, S2 = Register(0, True), Register(1, True)


def _finite(
    domain: Integers,
    follow: Sequence[Sequence[int]],
    answers: Sequence[Sequence[int]],
    codes: Sequence[int],
    channels: int = 1,
) -> RecurrentNetwork:
    """A table of states and inputs as one piece for each pair: what a finite learner gives.

    ``codes`` numbers the states. Inputs count in mixed radix, the first channel slowest.
    """
    width = domain.high - domain.low + 1
    features = [*(Lag(0, c) for c in range(channels)), R]
    updates, outputs = [], []
    for s, row in enumerate(follow):
        for k, after in enumerate(row):
            digits = [
                domain.low + k // width ** (channels - 1 - c) % width for c in range(channels)
            ]
            here = [*digits, codes[s]]
            gates = [
                (lin(*(int(j == i) for j in range(channels + 1))), value, value)
                for i, value in enumerate(here)
            ]
            zero = [0] * (channels + 1)
            updates.append((gates, lin(*zero, b=codes[after])))
            outputs.append((gates, lin(*zero, b=answers[s][k])))
    nothing = lin(*[0] * (channels + 1))
    update, output = choose(*updates, nothing), choose(*outputs, nothing)
    return _net(domain, channels, features, [codes[0]], [update], [output])


def _modular(modulus: int, codes: Sequence[int], domain: Integers) -> RecurrentNetwork:
    values = domain.values
    follow = [[(s + v) % modulus for v in values] for s in range(modulus)]
    return _finite(domain, follow, follow, codes)


def _digits(base: int) -> RecurrentNetwork:
    """Addition of two numbers, least significant digit first, its states coded 5 and 2."""
    pairs = [(a, b) for a in range(base) for b in range(base)]
    follow = [[(a + b + c) // base for a, b in pairs] for c in (0, 1)]
    answers = [[(a + b + c) % base for a, b in pairs] for c in (0, 1)]
    return _finite(Integers(0, base - 1), follow, answers, (5, 2), channels=2)


NETWORKS: dict[str, RecurrentNetwork] = {
    "binary_addition": _digits(2),
    "binary_subtraction": _finite(
        BITS, [[0, 1, 0, 0], [1, 1, 0, 1]], [[0, 1, 1, 0], [1, 0, 0, 1]], (0, 1), channels=2
    ),
    "binary_increment": _net(
        BITS,
        1,
        [X, R],
        [1],
        [choose(([(lin(1, 1), 2, None)], lin(0, 0, b=1)), lin(0, 0))],
        [choose(([(lin(1, 1), 1, 1)], lin(0, 0, b=1)), lin(0, 0))],
    ),
    "compare": _net(
        BITS,
        2,
        [A, B, R, R2],
        [0],
        [
            choose(
                ([(lin(1, -1, 0, 0), 1, None)], lin(0, 0, 0, 0, b=1)),
                ([(lin(1, -1, 0, 0), None, -1)], lin(0, 0, 0, 0, b=2)),
                lin(0, 0, 1, 0),
            )
        ],
        [only(0, 0, 0, 1)],
    ),
    "base3_addition": _net(
        Integers(0, 2),
        2,
        [A, B, R],
        [0],
        [choose(([(lin(1, 1, 1), 3, None)], lin(0, 0, 0, b=1)), lin(0, 0, 0))],
        [only(1, 1, 1, m=3)],
    ),
    "base6_addition": _net(
        Integers(0, 5), 2, [A, B, R], [0], [only(1, 1, 1, d=6)], [only(1, 1, 1, m=6)]
    ),
    "multiply_by_3": _finite(BITS, [[0, 1], [0, 2], [1, 2]], [[0, 1], [1, 0], [0, 1]], (0, 2, 1)),
    "divide_by_3": _finite(BITS, [[0, 1], [2, 0], [1, 2]], [[0, 0], [0, 1], [1, 1]], (1, 2, 0)),
    "add_mod_3": _modular(3, (0, 2, 1), Integers(0, 9)),
    "add_mod_5": _net(Integers(0, 9), 1, [X, R, R2], [0], [only(1, 1, 0, m=5)], [only(0, 0, 1)]),
    "parity": _finite(BITS, [[0, 1], [1, 0]], [[0, 1], [1, 0]], (1, 0)),
    "parity_last2": _net(BITS, 1, [X, Lag(1)], [], [], [only(1, 1, m=2)]),
    "alternating_last3": _net(
        BITS,
        1,
        [X, Lag(1), Lag(2)],
        [],
        [],
        [
            choose(
                ([(lin(1, -1, 1), 2, 2)], lin(0, 0, 0, b=1)),
                ([(lin(1, -1, 1), -1, -1)], lin(0, 0, 0, b=1)),
                lin(0, 0, 0),
            )
        ],
    ),
    "bitwise_xor": _net(BITS, 2, [A, B], [], [], [only(1, 1, m=2)]),
    "bit_shift_right": _net(BITS, 1, [Lag(1)], [], [], [only(1)]),
    "previous_equals_current": _net(
        WIDE, 1, [X, Lag(1)], [], [], [choose(([(lin(1, -1), 0, 0)], lin(0, 0, b=1)), lin(0, 0))]
    ),
    "even": _net(WIDE, 1, [X], [], [], [choose(([(lin(1, m=2), 0, 0)], lin(0, b=1)), lin(0))]),
    "perfect_square": _net(
        Integers(0, 19),
        1,
        [X],
        [],
        [],
        [
            choose(
                ([(lin(1), 0, 1)], lin(0, b=1)),
                ([(lin(1), 4, 4)], lin(0, b=1)),
                ([(lin(1), 9, 9)], lin(0, b=1)),
                ([(lin(1), 16, 16)], lin(0, b=1)),
                lin(0),
            )
        ],
    ),
    "abs_current": _net(WIDE, 1, [X], [], [], [choose(([(lin(1), 0, None)], lin(1)), lin(-1))]),
    "abs_diff": _net(
        WIDE, 1, [X, Lag(1)], [], [], [choose(([(lin(1, -1), None, -1)], lin(-1, 1)), lin(1, -1))]
    ),
    "previous_1": _net(WIDE, 1, [Lag(1)], [], [], [only(1)]),
    "previous_3": _net(WIDE, 1, [Lag(3)], [], [], [only(1)]),
    "sum_last2": _net(WIDE, 1, [X, Lag(1)], [], [], [only(1, 1)]),
    "sum_last5": _net(WIDE, 1, [Lag(k) for k in range(5)], [], [], [only(1, 1, 1, 1, 1)]),
    "diff_last2": _net(WIDE, 1, [X, Lag(1)], [], [], [only(1, -1)]),
    "running_sum": _net(WIDE, 1, [X, R], [0], [only(1, 1)], [only(1, 1)]),
    "running_min": _net(
        WIDE,
        1,
        [X, R, R2],
        [99],
        [choose(([(lin(1, -1, 0), None, 0)], lin(1, 0, 0)), lin(0, 1, 0))],
        [only(0, 0, 1)],
    ),
    "count_evens": _net(
        WIDE,
        1,
        [X, R, R2],
        [0],
        [choose(([(lin(1, 0, 0, m=2), 0, 0)], lin(0, 1, 0, b=1)), lin(0, 1, 0))],
        [only(0, 0, 1)],
    ),
    "majority_0_1": _net(
        BITS,
        1,
        [X, R, R2],
        [0],
        [choose(([(lin(1, 0, 0), 1, None)], lin(0, 1, 0, b=1)), lin(0, 1, 0, b=-1))],
        [choose(([(lin(0, 0, 1), 1, None)], lin(0, 0, 0, b=1)), lin(0, 0, 0))],
    ),
    "balanced_parenthesis": _net(
        BITS,
        1,
        [X, R, R2],
        [0],
        [
            choose(
                ([(lin(0, 1, 0), None, -1)], lin(0, 1, 0)),
                ([(lin(1, 0, 0), 1, None)], lin(0, 1, 0, b=-1)),
                lin(0, 1, 0, b=1),
            )
        ],
        [choose(([(lin(0, 0, 1), 0, 0)], lin(0, 0, 0, b=1)), lin(0, 0, 0))],
    ),
    # as a Hankel matrix gives it: what comes next without input, and what after that
    "gravity": _net(
        Integers(0, 9),
        1,
        [X, R, S],
        [-1, -3],
        [only(2, 0, 1), only(3, -1, 2, b=-1)],
        [only(1, 1, 0)],
    ),
    "magnetic": _net(
        Integers(-9, 9),
        2,
        [A, B, *(Register(k) for k in range(4)), *(Register(k, True) for k in range(4))],
        [0, 0, 0, 0],
        [
            only(1, 0, 1, -1, 0, 0, 0, 0, 0, 0),
            only(0, 1, 1, 1, 0, 0, 0, 0, 0, 0),
            only(1, 0, 1, -1, 1, 0, 0, 0, 0, 0),
            only(0, 1, 1, 1, 0, 1, 0, 0, 0, 0),
        ],
        [only(0, 0, 0, 0, 0, 0, 0, 0, 1, 0), only(0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
    ),
    "dithering": _net(Integers(0, 15), 1, [X, R], [0], [only(1, 1, m=15)], [only(1, 1, d=15)]),
}
