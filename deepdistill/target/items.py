"""Programs over items → Python: loops over numbers and rows, ``any``, ``all`` and counts.

An index is written only where it is needed for itself: a loop whose variable just says which number
or which row is meant goes over the numbers or rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..ir.expr import Call, Const, Expr, Inside, Read, Size, Total, Var, is_truth, uses, walk
from ..ir.interval import Interval, bounds
from ..ir.names import fresh
from ..ir.notation import Level
from ..ir.ops import OPERATIONS
from ..ir.program import Program
from .item_parts import (
    ON_ARRAYS,
    ItemLoop,
    lines_read,
    margin_of,
    nest_of,
    opposite_of,
    singular,
    truth_in,
    without_element,
)
from .precedence import Text, joined
from .printer import Printer
from .totals import length_of


class ItemPrinter(Printer):
    """Prints the expressions of a program over items."""

    def __init__(self, program: Program, plain: bool = False) -> None:
        super().__init__(program, plain)
        self.margins: dict[str, tuple[int, int, str]] = {}  # of loop variables: see ``inside``
        self.columns: dict[tuple[str, Expr], str] = {}
        self.bound: tuple[str, ...] = ()

    @contextmanager
    def scope(self) -> Iterator[None]:
        saved = (dict(self.margins), dict(self.columns), self.bound)
        with super().scope():
            yield
        self.margins, self.columns, self.bound = saved

    # Expressions

    def text(self, expr: Expr, truth: bool = False) -> Text:
        if expr in self.known:
            return Text(self.known[expr])
        match expr:
            case Call("ge", (Total() as total, Const(1))) if self.of_truths(total):
                return Text(f"any({self.generated(total, 'any')})")
            case Call("eq", (Total() as total, Const(0))) if self.of_truths(total):
                return self.none(total)
            case Call("ne", (inner, Const(0))) if truth or self.is_bit(inner):
                return super().text(inner, truth) if inner not in self.known else self.text(inner)
            case Call("eq", (inner, Const(0))) if truth and self.is_bit(inner):
                return self.text(Call("not", (inner,)), truth)
            case Call("int", (Call("ne", (inner, Const(0))),)) if self.is_bit(inner):
                return self.text(inner, truth)
            case Total():
                return self.total(expr)
            case Size(port, axis):
                return self.size(port, axis)
            case Call(op, args) if op in ON_ARRAYS:
                return self.whole(op, args)
            case _:
                return super().text(expr, truth)

    def is_bit(self, expr: Expr) -> bool:
        return bounds(expr, self.ranges).is_bit

    def size(self, port: str, axis: int) -> Text:
        """``len(numbers)``, ``len(row)``: names are made for the sizes of pictures only."""
        if len(self.ports[port].axes) == 1 and not self.sizes[port][0].isdigit():
            return Text(f"len({port})")
        return Text(self.sizes[port][axis])

    def of_truths(self, total: Total) -> bool:
        """Whether what is counted is never less than 0, so that any one of it counts."""
        return bounds(total.body, self.ranges).low >= 0

    def whole(self, op: str, args: tuple[Expr, ...]) -> Text:
        """Operations on a whole array."""
        if op == "item":
            return Text(f"{self.text(args[0]).at(Level.ATOM)}[{self.index(args[1])}]")
        return joined(OPERATIONS[op].python, list(map(self.text, args)))

    def may_be_bool(self, expr: Expr) -> bool:
        match expr:
            case Call("ne", (inner, Const(0))) if self.is_bit(inner):
                return self.may_be_bool(inner)
            case Call("and" | "or", args):
                return any(map(self.may_be_bool, args)) or not all(map(self.is_bit, args))
            case Call("int", (inner,)):
                return False
            case Call(op, _) if op in ON_ARRAYS:
                return False
            case _:
                return super().may_be_bool(expr)

    def index(self, expr: Expr) -> str:
        """A place counted from the end where that is shorter: ``-1`` for ``n - 1``."""
        match expr:
            case Call("add", (Size(), Const(int() as step))) if step < 0:
                return str(step)
            case Call("sub", (Size(), Call("add", (Var() as place, Const(int() as step))))):
                return f"-{step} - {self.text(place).at(Level.MUL)}"
            case _:
                return self.source(expr)

    def element(self, access: Read | Inside) -> str:
        if access.port not in self.ports:
            name = self.arrays.get(access.port, access.port)
            return name + "".join(f"[{self.index(place)}]" for place in access.index)
        base, places = self.line(access.port, access.index)
        return base + "".join(f"[{self.index(place)}]" for place in places)

    def line(self, array: str, index: tuple[Expr, ...]) -> tuple[str, tuple[Expr, ...]]:
        """The name of what is read from, ``row`` if there is one, and the places still to say."""
        if len(index) == 2:
            row = self.known.get(Call("item", (Var(array), index[0])))
            if row is not None:
                return row, index[1:]
            column = self.columns.get((array, index[1]))
            if column is not None:
                return column, index[:1]
        return self.arrays.get(array, array), index

    def inside(self, expr: Expr, size: str) -> str | None:
        match expr:
            case Call("sub", (Size(), Call("add", (Var(name), Const(1))))):
                if name in self.margins:
                    return ""
            case Call("add", (Var(name), Const(int() as step))) if name in self.margins:
                low, high, own = self.margins[name]
                if own == size and -low <= step <= high:
                    return ""
            case Var(name) if name in self.margins and self.margins[name][2] == size:
                return ""
        return super().inside(expr, size)

    # Loops

    def loop(self, name: str, start: Expr, stop: Expr, parts: tuple[Expr, ...]) -> ItemLoop:
        """The loop of a variable that the parts use; what it binds holds to the scope's end."""
        last = bounds(stop, self.ranges).high - 1
        self.bind(name, span=Interval(bounds(start, self.ranges).low, last))
        self.bound = (*self.bound, self.names[name])
        size = next((e for e in walk(stop) if isinstance(e, Size)), None)
        below = self.places.get(stop.name, "") if isinstance(stop, Var) else ""
        low, high = margin_of(start), -margin_of(Call("sub", (stop, size))) if size else 0
        if size is not None:
            below = self.sizes[size.port][size.axis]
        self.places[name] = below
        self.margins[name] = (low, high, below)
        return (
            self.over_elements(name, start, stop, parts)
            or self.over_columns(name, start, stop, parts)
            or ItemLoop(self.names[name], self.range(start, stop))
        )

    def range(self, start: Expr, stop: Expr) -> str:
        first = "" if start == Const(0) else f"{self.source(start)}, "
        return f"range({first}{self.source(stop)})"

    def over_elements(
        self, name: str, start: Expr, stop: Expr, parts: tuple[Expr, ...]
    ) -> ItemLoop | None:
        """A loop over the numbers or rows, with their places where those are needed too."""
        if (loop := self.down_column(name, start, stop, parts)) is not None:
            return loop
        lines = {line for part in parts for line in lines_read(part, name)}
        if len(lines) != 1:
            return None
        array, lead = lines.pop()
        depth = self.depth(array)
        length = length_of(self, array, len(lead))
        inner = {e.name for place in lead for e in walk(place) if isinstance(e, Var)}
        if length is None or name in inner or not inner <= self.names.keys():
            return None
        if any(self.inside(place, self.axis_size(array, k)) != "" for k, place in enumerate(lead)):
            return None
        text, rest = self.line(array, (*lead, Var("*hole*"))) if lead else (self.label(array), ())
        text += "".join(f"[{self.index(place)}]" for place in rest[:-1])
        slice_ = self.slice(start, stop, length)
        if slice_ is None:
            return None
        rows = depth == len(lead) + 2
        target = "other" if not rows and name.startswith("other") else ""
        if not target or target in self.bound[:-1]:
            target = self.free("row" if rows else self.noun(array, bool(lead)))
        own: Expr = Read(array, (*lead, Var(name)))
        if rows:
            own = Call("item", (Var(array), Var(name)))
        needed = any(uses(without_element(part, array, lead, name), name) for part in parts)
        if needed and slice_:
            return None
        self.known = {**self.known, own: target}
        self.bound = (*self.bound, target)
        if needed:
            return ItemLoop(f"{self.names[name]}, {target}", f"enumerate({text})")
        return ItemLoop(target, f"{text}{slice_}")

    def down_column(
        self, name: str, start: Expr, stop: Expr, parts: tuple[Expr, ...]
    ) -> ItemLoop | None:
        """``for cell in column``; over its places where those are needed too."""
        reads = [e for part in parts for e in walk(part) if isinstance(e, Read)]
        reads = [e for e in reads if any(uses(place, name) for place in e.index)]
        named = [e for e in reads if len(e.index) == 2 and (e.port, e.index[1]) in self.columns]
        if not named:
            return None
        count = sum(e == Var(name) for part in parts for e in walk(part))
        read = named[0]
        whole = start == Const(0) and stop == length_of(self, read.port, 0)
        if not whole or count != len(reads) or len(set(reads)) > 1 or read.index[0] != Var(name):
            return ItemLoop(self.names[name], self.range(start, stop))
        target = self.free("cell")
        self.known = {**self.known, read: target}
        self.bound = (*self.bound, target)
        return ItemLoop(target, self.columns[(read.port, read.index[1])])

    def depth(self, array: str) -> int:
        return len(self.ports[array].axes) if array in self.ports else 1

    def label(self, array: str) -> str:
        return self.arrays.get(array, array)

    def slice(self, start: Expr, stop: Expr, length: Expr) -> str | None:
        """``[:i]``, ``[i + 1:]`` or nothing for the whole; None where a slice would mislead."""
        first = "" if start == Const(0) else self.source(start)
        if stop == length:
            last = ""
        elif stop == Call("sub", (length, Const(1))):
            last = "-1"
        elif isinstance(stop, Var) and stop.name in self.places:
            last = self.source(stop)
        else:
            return None
        return f"[{first}:{last}]" if first or last else ""

    def over_columns(
        self, name: str, start: Expr, stop: Expr, parts: tuple[Expr, ...]
    ) -> ItemLoop | None:
        """``for column in zip(*picture)``."""
        reads = [e for part in parts for e in walk(part) if isinstance(e, Read)]
        reads = [e for e in reads if any(uses(place, name) for place in e.index)]
        arrays = {e.port for e in reads}
        count = sum(e == Var(name) for part in parts for e in walk(part))
        if len(arrays) != 1 or count != len(reads) or start != Const(0):
            return None
        (array,) = arrays
        if self.depth(array) != 2 or stop != length_of(self, array, 1):
            return None
        inner = {e.name for part in parts for e in walk(part) if isinstance(e, Total)}
        for read in reads:
            first, last = read.index
            if last != Var(name) or not isinstance(first, Var) or first.name not in inner:
                return None
        target = self.free("column")
        self.columns = {**self.columns, (array, Var(name)): target}
        self.bound = (*self.bound, target)
        return ItemLoop(target, f"zip(*{self.label(array)})")

    def free(self, name: str) -> str:
        """That name, or a similar one where it is taken here."""
        return fresh(name, {*self.bound, *self.used})

    def noun(self, array: str, in_line: bool) -> str:
        """What an element is called: ``number`` of ``numbers``, ``cell`` of a picture."""
        if in_line or self.depth(array) > 1:
            return "cell"
        return singular(array) if array in self.ports else "value"

    # Sums, and questions about all places

    def total(self, total: Total) -> Text:
        counted = self.counted(total)
        return Text(counted if counted else f"sum({self.generated(total, 'sum')})")

    def counted(self, total: Total) -> str | None:
        """``numbers.count(number)``, ``numbers[:i].count(number)``."""
        match total.body:
            case Call("int", (Call("eq", (Read() as read, value)),)) if not uses(value, total.name):
                whole = self.whole_line(total, read)
                return f"{whole}.count({self.source(value)})" if whole else None
            case _:
                return None

    def whole_line(self, total: Total, read: Read) -> str | None:
        """The line, or the part of it, that the loop reads place by place."""
        *lead, last = read.index
        if last != Var(total.name) or any(uses(place, total.name) for place in lead):
            places = tuple(read.index)
            column = self.columns.get((read.port, places[-1])) if len(places) == 2 else None
            if column is None or places[0] != Var(total.name):
                return None
            whole = total.start == Const(0) and total.stop == length_of(self, read.port, 0)
            return column if whole else None
        length = length_of(self, read.port, len(lead))
        slice_ = self.slice(total.start, total.stop, length) if length is not None else None
        if slice_ is None:
            return None
        if any(self.inside(place, self.axis_size(read.port, k)) for k, place in enumerate(lead)):
            return None
        name, rest = self.line(read.port, read.index)
        return name + "".join(f"[{self.index(place)}]" for place in rest[:-1]) + slice_

    def axis_size(self, array: str, axis: int) -> str:
        return self.sizes[array][axis] if array in self.sizes else ""

    def none(self, total: Total) -> Text:
        """``all(...)`` of the opposite where that has one, else ``not any(...)``."""
        spans, body = nest_of(total)
        opposite = opposite_of(body)
        if opposite is None:
            return Text(f"not any({self.generated(total, 'any')})", Level.NOT)
        for span in reversed(spans):
            opposite = Total(span.name, span.start, span.stop, Call("int", (opposite,)))
        assert isinstance(opposite, Total)
        return Text(f"all({self.generated(opposite, 'all')})")

    def generated(self, total: Total, word: str) -> str:
        """What goes between the brackets of ``sum``, ``any`` or ``all``."""
        truth = word != "sum"
        with self.scope():
            loops: list[ItemLoop] = []
            body: Expr = total
            while isinstance(body, Total):
                element = self.bare(body, truth)
                whole = self.whole_line(body, element) if element is not None else None
                if whole is not None:
                    if not loops:
                        return whole
                    inner = f"{word}({whole})"
                    return " ".join([inner, *map(str, loops)])
                if loops and not truth and (count := self.counted(body)) is not None:
                    return " ".join([count, *map(str, loops)])
                loops.append(self.loop(body.name, body.start, body.stop, (body.body,)))
                body = self.next(body.body, word)
            value = self.test(body) if truth else self.source(body)
            return " ".join([value, *map(str, loops)])

    def bare(self, total: Total, truth: bool) -> Read | None:
        """The element itself, where nothing else is asked of it."""
        match truth_in(total.body):
            case Read() as read:
                return read
            case Call("ne", (Read() as read, Const(0))) if truth or self.is_bit(read):
                return read
            case _:
                return None

    def next(self, body: Expr, word: str) -> Expr:
        """The same question inside a question about all places, or the sum inside a sum."""
        inner = truth_in(body) if word != "sum" or is_truth(truth_in(body)) else body
        match inner:
            case Call("ge", (Total() as total, Const(1))) if word == "any" and self.of_truths(
                total
            ):
                return total
            case _:
                return inner
