"""Expression → a noun phrase: what stands somewhere, what is counted, found or chosen."""

from __future__ import annotations

from ...ir.expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Read,
    Sum,
    Total,
    Var,
    call,
    is_truth,
    walk,
)
from ...ir.program import Program
from ..item_parts import singular, turned_round
from ..loops import loop
from ..neighbourhood import Point, offset_from
from ..neighbours import put, without_constant_names
from .regions import place, region
from .text import Words, values_listed

_EXTREMES = {"maximum": "largest", "minimum": "smallest"}


class Nouns(Words):
    """Tells the expressions of one program.

    ``index`` names the cell that they speak of, where they speak of one. With ``quoting`` code
    stands between backticks: in a sentence of its own, not in a list of decisions.
    """

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.index: tuple[str, ...] = ()
        self.quoting = False

    def code(self, text: str) -> str:
        return f"`{text}`" if self.quoting else text

    def rule(self, expr: Expr) -> str:
        """``1 if …, else 0``, or the list of decisions."""
        match expr:
            case Call("int", (inner,)):
                return self.rule(inner)
            case _ if is_truth(expr):
                return f"1 if {self.condition(expr)}, else 0"
            case If():
                (_, otherwise), *decisions = _decisions(expr)
                cases = [
                    f"{self._decided(value)} if {self.condition(test)}" for test, value in decisions
                ]
                return f"{', '.join(cases)}, else {self._decided(otherwise)}"
            case _:
                return self.phrase(expr)

    def _decided(self, value: Expr) -> str:
        text = self.phrase(value)
        return f"({text})" if ", else " in text else text

    def phrase(self, expr: Expr) -> str:
        """A noun phrase; where there is none the expression itself."""
        match expr:
            case Read(port, (index,)) if port in self.ports and self.ports[port].is_fixed:
                return f"entry {self.source(index)} of {port}"
            case Read() if text := self.cell(expr):
                return text
            case Inside(port, index) if text := self.cell(Read(port, index)):
                return f"whether {text} exists"
            case Sum() if text := self.sum(without_constant_names(expr)):
                return text
            case First():
                return self.search(expr)
            case Total() if self.quoting:
                return self.total(expr)
            case Call("int", (truth,)) if is_truth(truth):
                return self.whether(truth)
            case Call():
                return self.of_array(expr) or self.or_itself(expr)
            case _:
                return self.or_itself(expr)

    def or_itself(self, expr: Expr) -> str:
        if isinstance(expr, If) and len(_decisions(expr)) > 2 and not self.quoting:
            return self.rule(expr)
        if is_truth(expr):
            return f"whether {self.code(self.test(expr))}"
        return self.code(self.source(expr))

    def whether(self, truth: Expr) -> str:
        """A truth as 1 or 0."""
        match truth:
            case Call("eq" | "in", (Read() as read, Const() as value)) if text := self.cell(read):
                return f"1 if {text} is {values_listed(value)}, else 0"
            case Call("lt", (Call("distinct", (array,)), _)):
                text = f"two of {self.things(array)} are equal"
            case Call("eq", (Call("distinct", (array,)), _)):
                text = f"all of {self.things(array)} differ"
            case _ if self.quoting:
                text = self.code(self.test(truth))
            case _:
                return f"1 if {self.condition(truth)}, else 0"
        return f"whether {text}: 1 if so, else 0"

    # Cells of a grid

    def offset(self, expr: Expr) -> Point | None:
        """Where a read looks from the cell itself; None for reads at other places."""
        if not isinstance(expr, Read) or len(expr.index) != len(self.index):
            return None
        offsets = [offset_from(one) for one in expr.index]
        if tuple(name for name, _ in offsets) != self.index:
            return None
        return tuple(step for _, step in offsets)

    def cell(self, read: Read) -> str | None:
        offset = self.offset(read)
        if not offset:
            return None
        where = place(offset)
        if read.port == self.program.inputs[0].name:
            return where
        return f"the entry of {read.port} at {where}" if any(offset) else f"{read.port} at the cell"

    def sum(self, expr: Sum) -> str | None:
        """``the number of 1s among the 8 surrounding cells``."""
        reads = {e for e in walk(expr.body) if isinstance(e, Read | Inside)}
        if len({(read.port, read.index) for read in reads}) != 1 or len(expr.points) < 2:
            return None
        read = reads.pop()
        points = []
        for point in expr.points:
            constants = {n: Const(c) for n, c in zip(expr.names, point, strict=True)}
            offset = self.offset(put(Read(read.port, read.index), constants))
            if not offset:
                return None
            points.append(offset)
        what = self.counted(expr.body, read)
        if what is None:
            return None
        where = "" if read.port == self.program.inputs[0].name else f" of {read.port}"
        return f"{what} {region(points)}{where}"

    def counted(self, body: Expr, read: Read | Inside) -> str | None:
        """What is added up over the region."""
        if isinstance(body, Call) and body.op == "int":
            body = body.args[0]
        conditions = body.args if isinstance(body, Call) and body.op == "and" else (body,)
        rest = [e for e in conditions if not isinstance(e, Inside)]
        if not rest:
            return "the number of places inside the grid among"
        if len(rest) > 1:
            return None
        bits = self.program.port(read.port).domain.is_bits
        match rest[0]:
            case Read():
                return "the number of 1s among" if bits else "the sum of"
            case Call("eq", (Read(), Const(value))):
                return f"the number of {value}s among"
            case Call("ne", (Read(), Const(0))):
                return "the number of cells other than 0 among"
            case Call("in", (Read(), Const(tuple()) as values)):
                return f"the number of cells in state {values_listed(values)} among"
            case _:
                return None

    # Whole arrays

    def things(self, array: Expr) -> str:
        match array:
            case Var(name):
                return f"the {name}"
            case Call("reversed", (inner,)):
                return f"{self.things(inner)} from the end"
            case _:
                return self.code(self.source(array))

    def of_array(self, expr: Call) -> str | None:
        """What is made of a whole array; the table of constants is one."""
        match expr:
            case Call("item", (Const(tuple() as table), Var(name))):
                entries = ", ".join(map(str, table))
                return f"entry {name} of the table {entries} (counting from 0)"
            case Call("maximum" | "minimum" as op, (array,)):
                return f"the {_EXTREMES[op]} of {self.things(array)}"
            case Call("position", (array, Call("maximum" | "minimum" as op, _))):
                return self._place_of(op, array, "first")
            case Call("sub", (_, Call("add", (position, Const(1))))):
                match position:
                    case Call("position", (Call("reversed", (array,)), Call(extreme, _))):
                        return self._place_of(extreme, array, "last")
                return None
            case Call("sorted", (array,)):
                return f"{self.things(array)} in ascending order"
            case Call("reversed", (Call("sorted", (array,)),)):
                return f"{self.things(array)} in descending order"
            case Call("item", (Call("sorted", (array,)), where)):
                text = f"number {self.source(where)}, counted from 0, of {self.things(array)}"
                return f"{text} in ascending order"
            case Call("distinct", (array,)):
                return f"how many different ones there are among {self.things(array)}"
            case _:
                return None

    def _place_of(self, op: str, array: Expr, which: str) -> str:
        what = f"where the {_EXTREMES[op]} of {self.things(array)} stands"
        return f"{what}, counted from 0, the {which} one of equal ones"

    # Counts and searches

    def total(self, total: Total) -> str:
        match total.body:
            case Call("int", (truth,)):
                with self.scope():
                    over = loop(self, total.name, total.start, total.stop, (truth,))
                    return f"how often {self.code(self.test(truth))} holds, {over}"
            case _:
                return f"the sum {self.code(self.source(total))}"

    def search(self, search: First) -> str:
        if (search.start, search.stop) == (Const(0), Const(1)):
            text = self.code(self.test(search.condition))
            return f"{self.phrase(search.value)}; a ValueError unless {text}"
        backwards = turned_round(search)
        own, which = backwards or search, "last" if backwards else "first"
        with self.scope():
            over = loop(self, own.name, own.start, own.stop, (own.condition, own.value))
            condition, given = self.test(own.condition), self.source(own.value)
        item = self.item()
        match own.value:
            case Var():
                what = f"the place, counted from 0, of the {which} {item}"
            case Read(_, (Var(name),)) if name == own.name:
                what = f"the {which} {item}"
            case _:
                what = f"{self.code(given)} at the {which} {item}"
        where = "" if over.target == item else f" ({over})"
        text = self.code(condition)
        return f"{what} with {text}{where}; a ValueError where there is none"

    def item(self) -> str:
        port = self.program.inputs[0]
        return singular(port.name) if len(port.axes) == 1 else "line"


def _decisions(choice: If) -> list[tuple[Expr, Expr]]:
    """The pairs (test, value) of a choice; the first one is for when all other tests fail."""
    pairs: list[tuple[Expr, Expr]] = []
    rest: Expr = choice
    while isinstance(rest, If):
        if isinstance(rest.then, If):
            (_, other), *inner = _decisions(rest.then)
            pairs += [(call("and", rest.condition, test), value) for test, value in inner]
            pairs.append((rest.condition, other))
        else:
            pairs.append((rest.condition, rest.then))
        rest = rest.otherwise
    return [(Const(1), rest), *pairs]
