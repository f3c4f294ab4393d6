"""What a program over items computes, in one sentence that comes from its expressions alone."""

from __future__ import annotations

from ..ir.expr import Call, Const, Expr, First, Read, Total, Var
from ..ir.program import Fill, Let, Program
from .item_parts import singular, turned_round
from .loops import loop
from .lower import Lowering
from .python import written

_EXTREMES = {"maximum": "largest", "minimum": "smallest"}


def describe_items(program: Program) -> str:
    """``The place of the largest of the numbers, counted from 0, the first one of equal ones.``"""
    words = _Words(program)
    sentences = [words.statement(statement) for statement in program.body]
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in sentences)


class _Words:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.lowering = Lowering(program)
        self.port = program.inputs[0]

    def statement(self, statement: object) -> str:
        match statement:
            case Let(name, value):
                text = self.value(value)
                return text if name == self.program.output.name else f"{name} is {text}"
            case Fill(name, index, sizes, First() as search):
                return f"for each {index[0]} from 0 on, {self.value(search)}"
            case Fill(name, index, sizes, value):
                with self.lowering.scope():
                    loops = []
                    for coordinate, size in zip(index, sizes, strict=True):
                        stop = Const(size) if isinstance(size, int) else size
                        loops.append(loop(self.lowering, coordinate, Const(0), stop, (value,)))
                    text = written(self.lowering.number(value))
                self.lowering.arrays[name] = name
                self.lowering.array_sizes[name] = sizes
                where = " ".join(map(str, loops))
                own = "" if name == self.program.output.name else f"{name} is "
                return f"{own}the list of `{text}` {where}"
            case _:
                raise ValueError(f"a program over items has no {type(statement).__name__}")

    def things(self, array: Expr) -> str:
        match array:
            case Var(name):
                return f"the {name}"
            case Call("reversed", (inner,)):
                return f"{self.things(inner)} from the end"
            case _:
                return f"`{self.lowering.source(array)}`"

    def one(self, array: Expr) -> str:
        match array:
            case Var(name):
                return singular(name)
            case _:
                return "value"

    def value(self, expr: Expr) -> str:
        """A noun phrase."""
        match expr:
            case Call("maximum" | "minimum" as op, (array,)):
                return f"the {_EXTREMES[op]} of {self.things(array)}"
            case Call("position", (array, Call("maximum" | "minimum" as op, _))):
                return (
                    f"where the {_EXTREMES[op]} of {self.things(array)} stands, counted from 0, "
                    "the first one of equal ones"
                )
            case Call(
                "sub",
                (
                    _,
                    Call(
                        "add",
                        (
                            Call(
                                "position",
                                (
                                    Call("reversed", (array,)),
                                    Call("maximum" | "minimum" as op, _),
                                ),
                            ),
                            Const(1),
                        ),
                    ),
                ),
            ):
                return (
                    f"where the {_EXTREMES[op]} of {self.things(array)} stands, counted from 0, "
                    "the last one of equal ones"
                )
            case Call("sorted", (array,)):
                return f"{self.things(array)} in ascending order"
            case Call("reversed", (Call("sorted", (array,)),)):
                return f"{self.things(array)} in descending order"
            case Call("item", (Call("sorted", (array,)), place)):
                where = self.lowering.source(place)
                return f"number {where}, counted from 0, of {self.things(array)} in ascending order"
            case Call("distinct", (array,)):
                return f"how many different ones there are among {self.things(array)}"
            case Call("int", (Call("lt", (Call("distinct", (array,)), _)),)):
                return f"whether two of {self.things(array)} are equal: 1 if so, else 0"
            case Call("int", (Call("eq", (Call("distinct", (array,)), _)),)):
                return f"whether all of {self.things(array)} differ: 1 if so, else 0"
            case Call("int", (truth,)):
                return f"whether `{self.lowering.test(truth)}`: 1 if so, else 0"
            case First():
                return self.search(expr)
            case Total(_, _, _, Call("int", (truth,))):
                with self.lowering.scope():
                    over = loop(self.lowering, expr.name, expr.start, expr.stop, (truth,))
                    return f"how often `{self.lowering.test(truth)}` holds, {over}"
            case Total():
                return f"the sum `{self.lowering.source(expr)}`"
            case _:
                return f"`{self.lowering.source(expr)}`"

    def search(self, search: First) -> str:
        if (search.start, search.stop) == (Const(0), Const(1)):
            found = self.value(search.value)
            return f"{found}; a ValueError unless `{self.lowering.test(search.condition)}`"
        backwards = turned_round(search)
        own, which = backwards or search, "last" if backwards else "first"
        with self.lowering.scope():
            over = loop(self.lowering, own.name, own.start, own.stop, (own.condition, own.value))
            condition = self.lowering.test(own.condition)
            given = self.lowering.source(own.value)
        match own.value:
            case Var():
                what = f"the place, counted from 0, of the {which} {self.item()}"
            case Read(_, (Var(name),)) if name == own.name:
                what = f"the {which} {self.item()}"
            case _:
                what = f"`{given}` at the {which} {self.item()}"
        named = str(over).startswith(f"for {self.item()} in ")
        where = "" if named else f" ({over})"
        return f"{what} with `{condition}`{where}; a ValueError where there is none"

    def item(self) -> str:
        return singular(self.port.name) if len(self.port.axes) == 1 else "line"
