"""Lift a network over items into the intermediate representation: exactly the sums it compares.

Each feature becomes a read, a sum along a line, or a count of pairs; each unit a comparison; the
head a loop over the items. Nothing is approximated, and no size is written down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from ..ir.expr import (
    Call,
    Const,
    Expr,
    First,
    Inside,
    Read,
    Size,
    Total,
    Var,
    call,
)
from ..ir.linear import bounded, weighted_sum
from ..ir.names import fresh
from ..ir.program import Fill, Let, Program, Statement
from ..ir.rewrite import substitute
from .items import (
    Added,
    Each,
    Feature,
    InsideItem,
    ItemNetwork,
    ItemSum,
    Length,
    Line,
    Mirror,
    Number,
    Others,
    Pick,
    Place,
    Some,
    Turn,
    Unit,
)

_RELATIONS = {"less": "lt", "equal": "eq", "greater": "gt"}


def lift_items(network: ItemNetwork, name: str) -> Program:
    """The program that computes what ``network`` computes, at every size.

    Raises ``ValueError`` for networks without a meaning: a feature that the items do not have, a
    pick of linear units or among items along two axes, an input that wraps around.
    """
    return _Lift(network).program(name)


@dataclass(slots=True)
class _Lift:
    network: ItemNetwork
    arrays: dict[Number | Line, str] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    @property
    def port(self) -> str:
        return self.network.inputs[0].name

    @property
    def depth(self) -> int:
        return len(self.network.inputs[0].axes)

    def fresh(self, name: str) -> str:
        taken = {self.network.output.name, *(port.name for port in self.network.inputs)}
        return fresh(name, taken | set(self.arrays.values()))

    def index(self, axis: int) -> str:
        """The coordinate of the item (or of a place on its line) along an axis of the input."""
        return self.fresh("ijklmn"[axis])

    @property
    def other(self) -> str:
        return self.fresh("other")

    @property
    def turn(self) -> str:
        return self.fresh("turn")

    def program(self, name: str) -> Program:
        network = self.network
        if any(axis.wrap for axis in network.inputs[0].axes):
            raise ValueError("the items of an input that wraps around are not supported")
        result = self.answer()
        return Program(name, network.inputs, network.output, (*self.statements, result))

    def answer(self) -> Statement:
        network, head = self.network, self.network.head
        output = network.output.name
        match head:
            case Each():
                if not network.axes:
                    return Let(output, self.number())
                names = tuple(self.index(axis) for axis in network.axes)
                sizes = tuple(Size(self.port, axis) for axis in network.axes)
                return Fill(output, names, sizes, self.number())
            case Added(scale, bias):
                return Let(output, weighted_sum([(scale, self.over_items(self.number()))], bias))
            case Some(negated):
                count = self.over_items(call("int", self.condition()))
                some = call("eq", count, Const(0)) if negated else call("ge", count, Const(1))
                return Let(output, call("int", some))
            case Pick():
                return self.pick(head)
            case _:
                assert_never(head)

    def pick(self, head: Pick) -> Statement:
        """One search, or one for each element of the output."""
        network = self.network
        if len(network.axes) != 1:
            raise ValueError("an item can be picked along one axis only")
        (axis,) = network.axes
        here, size = self.index(axis), Size(self.port, axis)
        condition, value = self.condition(), self.feature(head.gives)
        if head.last:  # the last item is the first one from the end
            end = call("sub", size, call("add", Var(here), Const(1)))
            condition, value = (substitute(expr, {here: end}) for expr in (condition, value))
        found = First(here, Const(0), size, condition, value)
        if not network.turns:
            return Let(network.output.name, found)
        return Fill(network.output.name, (self.turn,), (size,), found)

    def over_items(self, value: Expr) -> Expr:
        for axis in reversed(self.network.axes):
            value = Total(self.index(axis), Const(0), Size(self.port, axis), value)
        return value

    def number(self) -> Expr:
        """What Each and Added take from an item."""
        units = self.network.units
        linear = [unit for unit in units if isinstance(unit, ItemSum)]
        if linear and len(units) > 1:
            raise ValueError("a linear unit stands alone")
        if linear:
            return self.weighted(linear[0].weights, linear[0].bias)
        return call("int", self.condition())

    def condition(self) -> Expr:
        """Whether any unit fires at the item."""
        tests = []
        for unit in self.network.units:
            if not isinstance(unit, Unit):
                raise ValueError("a linear unit does not fire: use it with Each or Added")
            tests.append(bounded(self.weighted(unit.weights), unit.low, unit.high))
        if not tests:
            return Const(0)
        return tests[0] if len(tests) == 1 else Call("or", tuple(tests))

    def weighted(self, weights: tuple[int, ...], bias: int = 0) -> Expr:
        pairs = zip(weights, self.network.features, strict=True)
        return weighted_sum([(w, self.feature(feature)) for w, feature in pairs if w], bias)

    def feature(self, feature: Feature) -> Expr:
        network = self.network
        match feature:
            case Number() | InsideItem() | Mirror():
                if network.axes != tuple(range(self.depth)):
                    raise ValueError(
                        "only the single places of the input have numbers of their own"
                    )
                return self.at_place(feature)
            case Line(value):
                read: Expr = Read(self.port, self.own_place())
                read = read if value is None else call("int", call("eq", read, Const(value)))
                for axis in reversed(range(self.depth)):
                    if axis not in network.axes:
                        read = Total(self.index(axis), Const(0), Size(self.port, axis), read)
                return read
            case Length(axis):
                return Size(self.port, axis)
            case Place(axis):
                if axis not in network.axes:
                    raise ValueError(f"the items have no place along axis {axis}")
                return Var(self.index(axis))
            case Turn():
                if not network.turns:
                    raise ValueError("only a sequence of picks has turns")
                return Var(self.turn)
            case Others():
                return self.others(feature)
            case _:
                assert_never(feature)

    def own_place(self) -> tuple[Expr, ...]:
        return tuple(Var(self.index(axis)) for axis in range(self.depth))

    def at_place(self, feature: Number | InsideItem | Mirror) -> Expr:
        own = self.own_place()
        match feature:
            case Mirror(axis):
                end = call("sub", Size(self.port, axis), call("add", own[axis], Const(1)))
                return Read(self.port, (*own[:axis], end, *own[axis + 1 :]))
            case Number(offset) | InsideItem(offset):
                place = tuple(_plus(k, step) for k, step in zip(own, offset, strict=True))
            case _:
                assert_never(feature)
        inside, read = Inside(self.port, place), Read(self.port, place)
        match feature:
            case InsideItem():
                return inside
            case Number(_, None):
                return read
            case Number(_, int(value)):
                test = call("eq", read, Const(value))
                beyond = value == 0 and any(offset)  # where a read gives 0 too
                return call("int", call("and", inside, test) if beyond else test)
            case _:
                raise AssertionError(feature)

    def others(self, feature: Others) -> Expr:
        """Pairs of items counted; an item is neither smaller nor larger than itself."""
        if len(self.network.axes) != 1:
            raise ValueError("items are compared along one axis only")
        (axis,) = self.network.axes
        array, size = self.array(feature.of), Size(self.port, axis)
        own, other = Var(self.index(axis)), self.other
        relation = _RELATIONS[feature.relation]
        test = call("int", call(relation, Read(array, (Var(other),)), Read(array, (own,))))
        match feature.order:
            case "before":
                return Total(other, Const(0), own, test)
            case "after":
                return Total(other, _plus(own, 1), size, test)
            case "any":
                count = Total(other, Const(0), size, test)
                return _plus(count, -1) if feature.relation == "equal" else count
            case _:
                assert_never(feature.order)

    def array(self, of: Number | Line) -> str:
        """The name of the array that holds that feature of every item."""
        if of == Number((0,)) and self.depth == 1:
            return self.port
        if of not in self.arrays:
            value = self.feature(of)
            name = self.fresh("sums" if isinstance(of, Line) and of.value is None else "values")
            (axis,) = self.network.axes
            size = Size(self.port, axis)
            self.arrays[of] = name
            self.statements.append(Fill(name, (self.index(axis),), (size,), value))
        return self.arrays[of]


def _plus(expr: Expr, step: int) -> Expr:
    return call("add", expr, Const(step)) if step else expr
