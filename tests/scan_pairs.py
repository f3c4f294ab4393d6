"""Programs and networks over sequences with the same answers that carry different things."""

from __future__ import annotations

from recurrent_strategies import network_of
from sequence_networks import BITS, R2, S2, A, B, R, S, X, choose, lin, only

from deepdistill.forms.sequence.network import RecurrentNetwork
from deepdistill.ir.expr import Const, Expr, If, Read, Total, Var, call
from deepdistill.ir.program import Let, Map, Program, Scan
from deepdistill.ir.types import Integers
from deepdistill.units.gates import Cell
from deepdistill.units.readings import Lag, Product, StepFeature

SMALL, LARGE = Integers(-9, 9), Integers(-500, 500)
Pair = tuple[Program, RecurrentNetwork]


def v(name: str) -> Expr:
    return Var(name)


def c(value: int) -> Expr:
    return Const(value)


def add(*parts: Expr) -> Expr:
    return call("add", *parts)


def net(
    domain: Integers,
    features: list[StepFeature],
    initial: list[int],
    updates: list[Cell],
    *outputs: Cell,
    channels: int = 1,
) -> RecurrentNetwork:
    return network_of(
        domain, channels, tuple(features), tuple(initial), tuple(updates), tuple(outputs)
    )


def loop(
    network: RecurrentNetwork,
    state: dict[str, int],
    body: list[tuple[str, Expr]],
    *values: Expr,
    element: tuple[str, ...] = ("x",),
) -> Program:
    """A program of one loop over the network's input."""
    start = tuple(Let(name, Const(value)) for name, value in state.items())
    lets = tuple(Let(name, value) for name, value in body)
    scan = Scan(network.output.name, network.inputs[0].name, element, start, lets, values)
    return Program("mine", network.inputs, network.output, (scan,))


def places(network: RecurrentNetwork, value: Expr, *body: Let) -> Program:
    """A program of one comprehension over the places ``t`` of the network's input."""
    rule = Map(network.output.name, network.inputs[0].name, ("t",), body, value)
    return Program("mine", network.inputs, network.output, (rule,))


def before(steps: int) -> Expr:
    """The element that many places back."""
    return Read("numbers", (add(v("t"), c(-steps)),))


LARGEST = [choose(([(lin(1, -1, 0), 0, None)], lin(1, 0, 0)), lin(0, 1, 0))]
FLAGGED = [
    choose(
        ([(lin(0, 0, 0, 1), 0, 0)], lin(1, 0, 0, 0)),
        ([(lin(1, -1, 0, 0), 0, None)], lin(1, 0, 0, 0)),
        lin(0, 1, 0, 0),
    ),
    only(0, 0, 0, 0, b=1),
]


def _remainder(domain: Integers) -> Pair:
    """A remainder where the network carries the whole sum."""
    network = net(domain, [X, R, R2], [0], [only(1, 1, 0)], only(0, 0, 1, m=15))
    return loop(
        network, {"r": 0}, [("r", call("mod", add(v("x"), v("r")), c(15)))], v("r")
    ), network


def _quotient() -> Pair:
    """Long division where the network carries the whole sum."""
    network = net(Integers(0, 15), [X, R], [0], [only(1, 1)], only(1, 1, d=15))
    body = [
        ("s", add(v("x"), v("r"))),
        ("q", add(v("q"), call("floordiv", v("s"), c(15)))),
        ("r", call("mod", v("s"), c(15))),
    ]
    return loop(network, {"q": 0, "r": 0}, body, v("q")), network


def _other_start() -> Pair:
    network = net(LARGE, [X, R, R2], [-1000], LARGEST, only(0, 0, 1))
    return loop(network, {"m": -500}, [("m", call("max", v("x"), v("m")))], v("m")), network


def _flag() -> Pair:
    """The first element told by a flag, against a count."""
    network = net(LARGE, [X, R, R2, S], [0, 0], FLAGGED, only(0, 0, 1, 0))
    larger = If(call("ge", v("n"), c(1)), call("max", v("x"), v("m")), v("x"))
    body = [("m", larger), ("n", add(v("n"), c(1)))]
    return loop(network, {"m": 0, "n": 0}, body, v("m")), network


def _saturating(most: int) -> Pair:
    """A count that stops, against one that does not."""
    network = net(
        BITS,
        [X, R, R2],
        [0],
        [only(1, 1, 0)],
        choose(([(lin(0, 0, 1), most, None)], lin(0, 0, 0, b=1)), lin(0, 0, 0)),
    )
    body = [("s", call("min", c(most), add(v("s"), v("x"))))]
    return loop(network, {"s": 0}, body, call("int", call("ge", v("s"), c(most)))), network


def _registers() -> RecurrentNetwork:
    return net(LARGE, [X, R, S], [0, 0], [only(1, 0, 0), only(0, 1, 0)], only(1, 1, 1))


def _window() -> Pair:
    """A window, against registers that hold its elements."""
    network = _registers()
    return places(network, add(before(0), before(1), before(2))), network


def _summed() -> Pair:
    network = _registers()
    start = call("max", c(0), call("sub", v("t"), c(2)))
    value = Total("k", start, v("end"), Read("numbers", (v("k"),)))
    return places(network, value, Let("end", add(v("t"), c(1)))), network


def _product() -> Pair:
    network = net(LARGE, [X, Lag(1), Product(X, Lag(1))], [], [], only(0, 0, 1))
    body = [("a", call("mul", v("p"), v("x"))), ("p", v("x"))]
    return loop(network, {"p": 0}, body, v("a")), network


def _every_second() -> Pair:
    """A toggle of 7 and 3, against one of 1 and 0."""
    adds = choose(([(lin(0, 1, 0, 0, 0), 1, 1)], lin(1, 0, 0, 1, 0)), lin(0, 0, 0, 1, 0))
    network = net(
        Integers(0, 99),
        [X, R, R2, S, S2],
        [1, 0],
        [only(0, -1, 0, 0, 0, b=1), adds],
        only(0, 0, 0, 0, 1),
    )
    summed = If(call("eq", v("e"), c(7)), add(v("s"), v("x")), v("s"))
    body = [("s", summed), ("e", call("sub", c(10), v("e")))]
    return loop(network, {"e": 7, "s": 0}, body, v("s")), network


def _triangular() -> Pair:
    """n (n + 1) / 2 in closed form, against a sum."""
    network = net(
        BITS,
        [X, R, R2, S, S2],
        [0, 0],
        [only(0, 1, 0, 0, 0, b=1), only(0, 0, 1, 1, 0)],
        only(0, 0, 0, 0, 1),
    )
    value = call("floordiv", call("mul", v("n"), add(v("n"), c(1))), c(2))
    return loop(network, {"n": 0}, [("n", add(v("n"), c(1)))], value), network


def _two_channels() -> Pair:
    """Two counters, against their difference; two answers."""
    network = net(
        SMALL,
        [A, B, R, S, R2, S2],
        [0, 5],
        [only(1, 0, 1, 0, 0, 0), only(0, 1, 0, 1, 0, 0)],
        only(0, 0, 0, 0, 1, -1),
        only(0, 0, 0, 0, 0, 1),
        channels=2,
    )
    body = [
        ("d", add(v("d"), call("sub", v("a"), v("b")))),
        ("n", add(v("n"), v("b"))),
    ]
    return loop(network, {"d": -5, "n": 5}, body, v("d"), v("n"), element=("a", "b")), network


PAIRS: dict[str, Pair] = {
    "remainder": _remainder(Integers(0, 15)),
    "remainder of signed numbers": _remainder(Integers(-50, 50)),
    "quotient": _quotient(),
    "other start": _other_start(),
    "flag": _flag(),
    "saturating": _saturating(3),
    "saturating late": _saturating(60),
    "window": _window(),
    "sum over places": _summed(),
    "product": _product(),
    "every second": _every_second(),
    "triangular": _triangular(),
    "two channels": _two_channels(),
}
