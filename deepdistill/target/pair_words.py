"""Lowering and words for programs of inputs of any lengths, each of which has its own."""

from __future__ import annotations

import ast

from ..ir.expr import Call, Const, Expr, If, Listed, Var
from ..ir.notation import template
from ..ir.ops import OPERATIONS
from .letters import is_literal
from .lower import Lowering
from .python import built, written
from .surroundings import Surroundings
from .texts import as_text
from .words.nouns import Nouns

_EXTREMES = {"maximum": "max({}, default={})", "minimum": "min({}, default={})"}
_OPPOSITES = {"ne": "eq", "differ": "same"}
_TRUE, _FALSE = Var("True"), Var("False")


class OwnSizes(Surroundings):
    """The surroundings in a program whose inputs have sizes of their own, and symbols."""

    own_sizes = True
    empty: frozenset[str] = frozenset()  # pictures that may be

    def size_text(self, port: str, axis: int) -> str:
        text = super().size_text(port, axis)
        return f"{text} if {port} else 0" if axis and port in self.empty else text

    def is_literal(self, name: str) -> bool:
        return is_literal(name)


class PairLowering(OwnSizes, Lowering):
    """Lowers the expressions of one such program."""

    def tree(self, expr: Expr, truth: bool = False) -> ast.expr:
        match expr:
            case Call("int", (arg,)) if not self.may_be_bool(arg) and expr not in self.known:
                return built("int({})", self.tree(arg))  # of a digit, of which each is true
            case Call("total" | "maximum" | "minimum" as op, (Listed() as listed,)):
                made = self.tree(listed)
                if isinstance(made, ast.ListComp):
                    made = ast.GeneratorExp(made.elt, made.generators)
                return built(template(self.notation(op), 1), made)
            case If(
                Call("ge", (Call("length", (array,)), Const(1))),
                Call("maximum" | "minimum" as op, (same,)),
                Const() as other,
            ) if same == array:
                return built(_EXTREMES[op], self.tree(array), self.tree(other))
            case Call(
                "maximum" | "minimum" as op,
                (Call("joined", (Var(name) as array, Call("single", (Const() as other,)))),),
            ) if self.is_beyond(name, op, other):
                return built(_EXTREMES[op], self.tree(array), self.tree(other))
            case If(Call("ne" | "differ" as op, args), Var(name), Var(other)) if (
                is_literal(name) and is_literal(other) and "True" not in (name, other)
            ):
                return self.tree(If(Call(_OPPOSITES[op], args), Var(other), Var(name)))
            case If(condition, then, otherwise) if (then, otherwise) == (_TRUE, _FALSE):
                tree = self.tree(condition, truth=True)
                return tree if _is_bool(condition) else built("bool({})", tree)
            case If(Call("ge", (Call("length", (Var() as array,)), Const(1))), then, otherwise):
                branches = self.tree(then, truth), self.tree(otherwise, truth)
                return built("{} if {} else {}", branches[0], self.tree(array), branches[1])
            case _:
                return super().tree(expr, truth)

    def is_beyond(self, name: str, op: str, number: Const) -> bool:
        """Whether no element of an input lies beyond a number, which counts where there is none."""
        port = self.ports.get(name)
        if port is None or port.symbols or not isinstance(number.value, int):
            return False
        low, high = port.domain.low, port.domain.high
        return number.value <= low if op == "maximum" else number.value >= high


_OF_LISTS = {
    "length": "how many there are of {}",
    "total": "the sum of {}",
    "distinct": "how many different ones there are among {}",
    "maximum": "the largest of {}",
    "minimum": "the smallest of {}",
    "sorted": "{} in ascending order",
    "reversed": "{} from the end",
    "unique": "{}, each once",
    "joined": "{} and then {}",
    "prefix": "the first {1} of {0}",
    "suffix": "{0} without the first {1}",
    "stride": "every {1}th of {0}, from the first one on",
    "count": "how often {1} stands in {0}",
    "position": "where {1} first stands in {0}, counted from 0",
    "same": "whether {} and {} are the same",
    "digits": "the digits of {0} in base {1}",
    "carried": "{0} with what is too large for a digit below {1} carried on to the next",
    "arranged": "{} in the order of {}",
}
_ONE = Const(1)


class PairNouns(OwnSizes, Nouns):
    """Tells the expressions of one such program."""

    def source(self, expr: Expr) -> str:
        return written(as_text(self.tree(expr)))

    def test(self, expr: Expr) -> str:
        return written(as_text(self.tree(expr, truth=True)))

    def phrase(self, expr: Expr) -> str:
        match expr:
            case If():
                return self.rule(expr)
            case Listed():
                return self.each(expr)
            case _:
                return super().phrase(expr)

    def of_array(self, expr: Call) -> str | None:
        """What is made of whole lists, of which each has a plain name."""
        match expr:
            case Call("prefix", (Var() as array, Const(int() as count))) if count < 0:
                return f"{self.things(array)} without the last {-count}"
            case Call("suffix", (Var() as array, Const(int() as count))) if count < 0:
                return f"the last {-count} of {self.things(array)}"
        lists = OPERATIONS[expr.op].arrays
        pattern = _OF_LISTS.get(expr.op)
        plain = all(isinstance(expr.args[k], Var) for k in lists if k < len(expr.args))
        if pattern is None or not plain:
            return super().of_array(expr)
        places = enumerate(expr.args)
        return pattern.format(
            *(self.things(arg) if k in lists else self.code(self.source(arg)) for k, arg in places)
        )

    def each(self, expr: Listed) -> str:
        """A list made element by element: ``those x of the numbers with x > mean``."""
        names = " and ".join(expr.names)
        over = self.elements(expr)
        with self.scope():
            for name in expr.names:
                self.bind(name)
            value = self.code(self.source(expr.value))
            tested = expr.condition != _ONE
            where = self.code(self.test(expr.condition)) if tested else ""
        if expr.value == Var(expr.names[0]) and len(expr.names) == 1 and where:
            return f"those {names} {over} with {where}"
        return f"the list of {value} for each {names} {over}{f' with {where}' if where else ''}"

    def elements(self, expr: Listed) -> str:
        """What a list is made from, after the names of its elements."""
        match expr.over:
            case Var():
                return f"of {self.things(expr.over)}"
            case Call("enumerate", (Var() as array,)):
                return f"(a place, counted from 0, and what stands there) of {self.things(array)}"
            case Call("range", (stop,)):
                return f"from 0 up to, not including, {self.code(self.source(stop))}"
            case Call("range", (start, Call("add", (*parts, Const(1))))):
                stop = parts[0] if len(parts) == 1 else Call("add", tuple(parts))
                return f"from {self.code(self.source(start))} to {self.code(self.source(stop))}"
            case Call("range", (start, stop)):
                ends = (self.code(self.source(end)) for end in (start, stop))
                return "from {} up to, not including, {}".format(*ends)
            case Call("zip", args):
                return f"side by side in {' and '.join(map(self.things, args))}"
            case _:
                return f"of {self.code(self.source(expr.over))}"


def _is_bool(expr: Expr) -> bool:
    """Whether Python gives True or False for certain."""
    match expr:
        case Call("and" | "or", args):
            return all(map(_is_bool, args))
        case Call(op):
            return OPERATIONS[op].truth
        case _:
            return False
