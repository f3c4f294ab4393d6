"""Program → one or two plain English sentences: what a new cell is, and what the names mean."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..ir.expr import Call, Const, Expr, If, Inside, Read, Sum, Var, call, is_truth, walk
from ..ir.program import Let, Map, Program, Scan, Statement
from .lower import Lowering
from .neighbourhood import Point, are_adjacent, around_centre, box_radius, offset_from
from .neighbours import put, without_constant_names

_SIDES = {1: (("left", "right"),), 2: (("above", "below"), ("left", "right"))}


def describe(program: Program) -> str:
    """What the program computes, in words that come from its expressions alone."""
    return " ".join(_Describer(program).sentences())


class _Describer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.lowering = Lowering(program, plain=True)
        self.index: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        sentences = []
        for statement in self.program.body:
            match statement:
                case Let(name, value):
                    sentences.append(_sentence(f"{name} is {self.value(value)}"))
                case Map():
                    sentences.append(self.map(statement))
        border = self.border()
        return [*sentences, *([border] if border else [])]

    def map(self, statement: Map) -> str:
        """``Each new cell is …; cell is …; neighbors is …``."""
        self.index = statement.index
        for axis, name in enumerate(statement.index):
            self.lowering.bind_index(name, statement.like, axis)
        meanings = []
        for let in statement.body:
            if not (let.name == "cell" and self.offset(let.value) == (0,) * len(self.index)):
                meanings.append((let.name, self.value(let.value)))
            self.lowering.bind(let.name, let.value)
        parts = [f"Each new cell is {self.rule(statement.value)}"]
        for is_cell, group in groupby(meanings, key=lambda pair: pair[1].startswith("the cell ")):
            names, words = zip(*group, strict=True)
            if is_cell and len(names) > 1:
                parts.append(f"{listed(names)} are {listed(words)}")
            else:
                parts += [f"{name} is {word}" for name, word in zip(names, words, strict=True)]
        return _sentence("; ".join(parts))

    def border(self) -> str:
        """What lies beyond the last cell, where the program looks that far."""
        axes = [
            self.program.port(expr.port).axes[axis]
            for statement in self.program.body
            for value in _values(statement)
            for expr in walk(value)
            if isinstance(expr, Read)
            for axis, place in enumerate(expr.index)
            if not isinstance(place, Var | Const)
        ]
        axes = [axis for axis in axes if axis.kind == "grid"]
        if not axes:
            return ""
        if all(axis.wrap for axis in axes):
            depth = max(len(port.axes) for port in self.program.inputs)
            return f"The {'list' if depth == 1 else 'grid'} wraps around."
        if any(axis.wrap for axis in axes):
            return "Some axes wrap around; beyond the border of the others every cell counts as 0."
        return "Beyond the border every cell counts as 0."

    def rule(self, expr: Expr) -> str:
        """``1 if …, else 0``, or the list of decisions."""
        if isinstance(expr, Call) and expr.op == "int":
            expr = expr.args[0]
        if is_truth(expr):
            expr = If(expr, Const(1), Const(0))
        if not isinstance(expr, If):
            return self.value(expr)
        decisions = _decisions(expr)
        tests = [
            f"{self.value(value)} if {self.lowering.test(test)}" for test, value in decisions[1:]
        ]
        return f"{', '.join(tests)}, else {self.value(decisions[0][1])}"

    def value(self, expr: Expr) -> str:
        """A noun phrase for a neighbour, a sum over neighbours or a lookup; else the expression."""
        match expr:
            case Read(port, (index,)) if self.program.port(port).is_fixed:
                return f"entry {self.lowering.source(index)} of {port}"
            case Read():
                return self.cell(expr) or self.lowering.source(expr)
            case Inside(port, index):
                cell = self.cell(Read(port, index))
                return f"whether {cell} exists" if cell else self.lowering.source(expr)
            case Sum():
                return self.sum(without_constant_names(expr)) or self.lowering.source(expr)
            case Call("item", (Const(tuple() as table), Var(name))):
                entries = ", ".join(map(str, table))
                return f"entry {name} of the table {entries} (counting from 0)"
            case Call("int", (Call("eq" | "in", (Read() as read, Const(values))),)) if (
                cell := self.cell(read)
            ):
                states = values if isinstance(values, tuple) else (values,)
                return f"1 if {cell} is {listed([str(v) for v in states], 'or')}, else 0"
            case Call("int", (arg,)) if is_truth(arg):
                return f"1 if {self.lowering.test(arg)}, else 0"
            case If() as choice if len(_decisions(choice)) > 2:
                return self.rule(choice)
            case _ if is_truth(expr):
                return f"whether {self.lowering.test(expr)}"
            case _:
                return self.lowering.source(expr)

    def offset(self, expr: Expr) -> Point | None:
        """Where a read looks from the cell itself; None for reads at other places."""
        if not isinstance(expr, Read) or len(expr.index) != len(self.index):
            return None
        found = [offset_from(place) for place in expr.index]
        if tuple(name for name, _ in found) != self.index:
            return None
        return tuple(step for _, step in found)

    def cell(self, read: Read) -> str | None:
        offset = self.offset(read)
        if offset is None:
            return None
        place = _place(offset)
        if read.port == self.program.inputs[0].name:
            return place
        return f"the entry of {read.port} at {place}" if any(offset) else f"{read.port} at the cell"

    def sum(self, expr: Sum) -> str | None:
        """``the number of 1s among the 8 surrounding cells``."""
        reads = {e for e in walk(expr.body) if isinstance(e, Read | Inside)}
        if len({(read.port, read.index) for read in reads}) != 1 or len(expr.points) < 2:
            return None
        read = reads.pop()
        points = []
        for point in expr.points:
            constants = {n: Const(c) for n, c in zip(expr.names, point, strict=True)}
            moved = put(Read(read.port, read.index), constants)
            offset = self.offset(moved)
            if offset is None:
                return None
            points.append(offset)
        what = self.counted(expr.body, read)
        if what is None:
            return None
        port = self.program.inputs[0].name
        where = "" if read.port == port else f" of {read.port}"
        return f"{what} {_region(points)}{where}"

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
            case Call("in", (Read(), Const(tuple() as values))):
                return (
                    f"the number of cells in state {listed([str(v) for v in values], 'or')} among"
                )
            case _:
                return None


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


def _values(statement: Statement) -> list[Expr]:
    if isinstance(statement, Scan):
        assigned = (*statement.state, *statement.body)
        return [*statement.values, *(let.value for let in assigned)]
    lets = [let.value for let in statement.body] if isinstance(statement, Map) else []
    return [statement.value, *lets]


def _place(offset: Point) -> str:
    """``the cell above``, ``the cell 2 to the left``, ``the cell above on the right``."""
    if not any(offset):
        return "the cell itself"
    sides = _SIDES.get(len(offset))
    if sides is None:
        return f"the cell at offset {offset}"
    words = []
    for step, pair in zip(offset, sides, strict=True):
        if step:
            side = pair[step > 0]
            far = f"{abs(step)} " if abs(step) > 1 else ""
            words.append(f"{far}to the {side}" if side in ("left", "right") else f"{far}{side}")
    return f"the cell {' and '.join(words)}"


def _region(points: Sequence[Point]) -> str:
    """``the 8 surrounding cells``, ``the 3 × 3 block around the cell``, or the offsets."""
    count, depth = len(points), len(points[0])
    filled = around_centre(points)
    if depth == 1 and box_radius(points) is not None:
        return f"the {count} cells around and including the cell" if count > 1 else "the cell"
    if depth == 1 and filled is not None and (radius := box_radius(filled)):
        return (
            "the cells to the left and right"
            if radius == 1
            else (f"the {radius} cells on either side")
        )
    if are_adjacent(points):
        return f"the {count} adjacent cells"
    if filled is not None and (radius := box_radius(filled)):
        side = " × ".join([str(2 * radius + 1)] * depth)
        return (
            f"the {count} surrounding cells"
            if radius == 1
            else (f"the other {count} cells of the {side} block around the cell")
        )
    if radius := box_radius(points):
        return f"the {' × '.join([str(2 * radius + 1)] * depth)} block around the cell"
    if count <= 4:
        return listed([_place(point) for point in points])
    if depth == 1:
        return f"the cells at the offsets {listed([f'{c:+d}' for (c,) in points])}"
    return f"the cells at the offsets {listed([str(point) for point in points])}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
