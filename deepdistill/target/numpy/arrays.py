"""Expressions of programs as lines of NumPy: loops become axes, reads become slices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import contextmanager
from typing import assert_never

from ...ir.expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var
from ...ir.names import fresh
from ...ir.ops import OPERATIONS
from ...ir.program import Program
from ..registry import NotWritten
from .loops import AxisLoop, cut, from_end, margins, offset, slices
from .reductions import first, of_whole, some, stable_place, sums, total
from .spelling import ArrayText, plain, spelt, together


class ArrayWriter:
    """Writes the statements of one program, line by line, with arrays in place of its loops."""

    def __init__(self, program: Program, kind: str, taken: set[str]) -> None:
        """``kind`` names the type of integer that holds every value of the program."""
        self.program = program
        self.kind = kind
        self.taken = taken | {"np"}
        self.lines: list[str] = []
        self.constants: dict[str, str] = {}
        self.helpers: dict[str, None] = {}
        self.loops: dict[str, AxisLoop] = {}
        self.names: dict[str, ArrayText] = {}
        self.ports = {port.name: port for port in program.inputs}
        self.margins = margins(program)
        self.padded: dict[str, str] = {}
        self.ordered: dict[str, str] = {}
        self.sizes: dict[tuple[str, int], str] = {}
        for port in program.inputs:
            self.names[port.name] = ArrayText(port.name, whole=True)
        for table in program.tables:
            self.names[table.name] = ArrayText(self.constant(table.name.upper(), table.values))

    # ---- lines

    def fresh(self, name: str) -> str:
        unused = fresh(name, self.taken)
        self.taken.add(unused)
        return unused

    def emit(self, line: str) -> None:
        self.lines.append(line)

    def named(self, name: str, value: ArrayText) -> ArrayText:
        """The value under a name, by a line of its own."""
        own = self.fresh(name)
        self.emit(f"{own} = {plain(value.text)}")
        return ArrayText(own, value.axes, value.truth, value.whole)

    def bind(self, name: str, value: ArrayText) -> None:
        """What a statement of the program calls a value."""
        if value.text in self.ports:
            self.names[name] = value
            return
        own = self.fresh(name) if name in self.ports else name
        if value.text != own:
            self.emit(f"{own} = {plain(value.text)}")
        self.names[name] = ArrayText(own, value.axes, value.truth, value.whole)

    def constant(self, name: str, values: object) -> str:
        text = f"np.array({values!r})"
        for known, other in self.constants.items():
            if other == text:
                return known
        own = self.fresh(name)
        self.constants[own] = text
        return own

    def size(self, port: str, axis: int) -> str:
        """The name of a size, bound in the first lines."""
        known = self.ports[port].axes[axis].size
        if known is not None:
            return str(known)
        for (other, k), name in self.sizes.items():
            if k == axis and self.ports[other].axes == self.ports[port].axes:
                return name
        count = len(self.ports[port].axes)
        usual = {1: ("n",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}
        own = self.fresh(usual[count][axis] if count in usual else f"size_{axis}")
        self.sizes[port, axis] = own
        return own

    def size_lines(self, lines: Sequence[str]) -> list[str]:
        """The lines that bind the sizes of which other lines speak."""
        words = set(re.findall(r"\w+", " ".join(lines)))
        known = [item for item in self.sizes.items() if item[1] in words]
        return [f"{own} = {port}.shape[{axis}]" for (port, axis), own in known]

    @contextmanager
    def looping(self, loops: dict[str, AxisLoop]):  # type: ignore[no-untyped-def]
        """Inside, these variables are axes; names bound there are forgotten."""
        saved = dict(self.loops), dict(self.names)
        self.loops = {**self.loops, **loops}
        for name in loops:
            self.names.pop(name, None)
        try:
            yield
        finally:
            self.loops, self.names = saved

    # ---- values

    def number(self, value: ArrayText) -> ArrayText:
        """A truth as 1 or 0."""
        if not value.truth:
            return value
        if not value.axes and not value.whole:
            return ArrayText(f"int({value.text})")
        change = f"view(np.{self.kind})" if self.kind == "int8" else f"astype(np.{self.kind})"
        return ArrayText(f"({value.text}).{change}", value.axes, whole=value.whole)

    def truth(self, value: ArrayText) -> ArrayText:
        if value.truth:
            return value
        return ArrayText(f"({value.text} != 0)", value.axes, True, value.whole)

    def joined(self, op: str, values: Sequence[ArrayText], truth: bool = False) -> ArrayText:
        axes = together(values, list(self.loops))
        whole = any(value.whole for value in values)
        if OPERATIONS[op].of_truths and not axes and not whole:
            words = [value.text for value in values]
            text = f"(not {words[0]})" if op == "not" else f"({f' {op} '.join(words)})"
            return ArrayText(text, (), True)
        texts = [value.along(axes) for value in values]
        return ArrayText(spelt(op, texts), axes, truth, whole)

    def value(self, expr: Expr) -> ArrayText:
        match expr:
            case Const(tuple() as values):
                return ArrayText(self.constant("TABLE", values), whole=True)
            case Const(number):
                return ArrayText(f"({number!r})")
            case Var(name):
                return self.names[name] if name in self.names else self._places(name)
            case Read(port, index):
                return self._read(port, index)
            case Inside(port, index):
                return self._inside(port, index)
            case Call(op, args):
                return self._call(op, args)
            case If(condition, then, otherwise):
                return self._if(condition, then, otherwise)
            case Sum():
                return sums(self, expr)
            case Total():
                return total(self, expr)
            case Size(port, axis):
                return ArrayText(self.size(port, axis))
            case First():
                return first(self, expr)
            case Listed():
                raise NotImplementedError("lists of their own lengths are no arrays")
            case _:
                assert_never(expr)

    def _places(self, name: str) -> ArrayText:
        """The coordinates that a loop's variable takes, along its axis."""
        loop = self.loops[name]
        if loop.port:
            size = self.size(loop.port, loop.axis)
            high = f"{size} - {loop.trim}" if loop.trim else size
            low = f"{loop.start}, " if loop.start else ""
        else:
            low, high = f"{loop.low}, " if loop.low != "0" else "", loop.high
        return ArrayText(f"np.arange({low}{high})", (name,))

    def _call(self, op: str, args: tuple[Expr, ...]) -> ArrayText:
        row = OPERATIONS[op]
        if 0 in row.arrays and op != "item":
            return of_whole(self, op, args)
        match op, args:
            case "int", (arg,):
                value = self.value(arg)
                return value if value.truth else ArrayText(f"np.trunc({value.text})", value.axes)
            case "item", (table, place):
                return self._item(table, place)
            case "in" | "notin", (arg, Const(tuple() as members)):
                value = self.number(self.value(arg))
                return ArrayText(spelt(op, [value.text, repr(members)]), value.axes, True)
            case "add", (Total() as smaller, Total() as before):
                stands = stable_place(self, smaller, before)
                if stands is not None:
                    return stands
            case ("ge", (Total() as inner, Const(1))) | ("eq", (Total() as inner, Const(0))):
                test = some(self, inner)
                if test is not None:
                    return test if op == "ge" else self.joined("not", [test], True)
            case "list", _:
                parts = [self.number(self.value(arg)) for arg in args]
                if any(part.axes for part in parts):
                    raise NotWritten("NumPy has no words for a list that changes in a loop")
                return ArrayText(f"np.array([{', '.join(p.text for p in parts)}])", whole=True)
            case "mul", (Const(-1), arg):
                value = self.number(self.value(arg))
                return ArrayText(f"(-{value.text})", value.axes)
        values = [self.value(arg) for arg in args]
        values = [self.truth(v) if row.of_truths else self.number(v) for v in values]
        return self.joined(op, values, row.truth)

    def _if(self, condition: Expr, then: Expr, otherwise: Expr) -> ArrayText:
        test = self.truth(self.value(condition))
        yes, no = self.value(then), self.value(otherwise)
        truth = yes.truth and no.truth
        match then, otherwise:
            case Const(1), Const(0) if test.axes:
                return self.number(test)
        if not truth:
            yes, no = self.number(yes), self.number(no)
        if not test.axes and not yes.axes and not no.axes:
            return ArrayText(f"({yes.text} if {test.text} else {no.text})", (), truth)
        axes = together([test, yes, no], list(self.loops))
        parts = [self._typed(part, expr) for part, expr in ((yes, then), (no, otherwise))]
        texts = [value.along(axes) for value in (test, *parts)]
        return ArrayText(f"np.where({', '.join(texts)})", axes, truth)

    def _typed(self, value: ArrayText, expr: Expr) -> ArrayText:
        """A constant in the type of the others: two plain ones would make an array of int64."""
        if isinstance(expr, Const) and self.kind != "int64":
            return ArrayText(f"np.{self.kind}({plain(value.text)})")
        return value

    def _item(self, table: Expr, place: Expr) -> ArrayText:
        match table:
            case Const(tuple() as entries):
                index = self.number(self.value(place))
                if not index.axes:
                    return ArrayText(f"{entries!r}[{index.text}]")
                name = self.constant("TABLE", entries)
                if self.kind != "int64":
                    self.constants[name] = f"np.array({entries!r}, dtype=np.{self.kind})"
                return ArrayText(f"{name}.take({index.text}, mode='clip')", index.axes)
            case Var(port) if port in self.ports and len(self.ports[port].axes) == 2:
                match place:
                    case Var(name) if self.loops.get(name) == AxisLoop(port, 0):
                        return ArrayText(port, (name,), whole=True)
                raise NotWritten(f"NumPy has no words for a row of {port} at such a place")
        whole, index = self.value(table), self.number(self.value(place))
        if whole.axes:
            raise NotWritten("NumPy has no words for an element of a list that changes in a loop")
        return ArrayText(f"{whole.text}[{index.text}]", index.axes)

    # ---- reads

    def _read(self, port: str, index: tuple[Expr, ...]) -> ArrayText:
        if port not in self.ports:
            return self._of_array(self.names[port], index)
        sliced = self._sliced(port, index, port)
        return sliced if sliced is not None else self._gathered(port, index)

    def _sliced(self, port: str, index: tuple[Expr, ...], array: str) -> ArrayText | None:
        """A read as a slice, of the padded array where it reaches beyond the borders."""
        places = slices(port, index, self.loops, {})
        if places is not None:
            axes = tuple(str(offset(expr)[0]) for expr in index)  # type: ignore[index]
            beyond = any(loop.start + low < 0 or high > loop.trim for loop, low, high in places)
            before = [m[0] for m in self.margins[port]] if beyond else [0] * len(index)
            after = [m[1] for m in self.margins[port]] if beyond else [0] * len(index)
            cuts = [
                (before[k] + loop.start + low, after[k] + loop.trim - high)
                for k, (loop, low, high) in enumerate(places)
            ]
            if any(end < 0 for ends in cuts for end in ends):
                return None
            return ArrayText(f"{self.whole_port(port) if beyond else array}{cut(cuts)}", axes)
        parts: list[str] = []
        axes_: list[str] = []
        bounded = [not a.wrap for a in self.ports[port].axes]
        for axis, expr in enumerate(index):
            place = offset(expr)
            far = from_end(expr, port, axis)
            if place in ((None, 0), (None, -1)) and (place == (None, 0) or not bounded[axis]):
                parts.append(str(place[1]))
            elif far == 1:
                parts.append("-1")
            elif place is None:
                return None
            elif place[0] is None and 0 <= place[1] < (self.ports[port].axes[axis].size or 0):
                parts.append(str(place[1]))
            elif (loop := self.loops.get(place[0] or "")) is not None:
                part = self._part(port, axis, loop, place[1])
                if part is None:
                    return None
                parts.append(part)
                axes_.append(str(place[0]))
            else:
                return None
        order = [name for name in self.loops if name in axes_]
        if len(set(axes_)) < len(axes_) or order not in (axes_, axes_[::-1]):
            return None
        while len(parts) > 1 and parts[-1] == ":":
            parts.pop()
        turned = ".T" if order != axes_ else ""
        text = array if parts == [":"] else f"{array}[{', '.join(parts)}]"
        return ArrayText(text + turned, tuple(order))

    def _part(self, port: str, axis: int, loop: AxisLoop, shift: int) -> str | None:
        """The part of an axis that a loop reads; None where it may reach beyond the borders."""
        size = self.ports[port].axes[axis].size
        if not loop.port and loop.low.isdigit() and loop.high.isdigit() and size is not None:
            low, high = int(loop.low) + shift, int(loop.high) + shift
            if not 0 <= low < high <= size:
                return None
            return f"{low or ''}:{high if high < size else ''}"
        start, end = loop.start + shift, loop.trim - shift
        if (loop.port, loop.axis) != (port, axis) or start < 0 or end < 0:
            return None
        return f"{start or ''}:{-end or ''}"

    def whole_port(self, port: str) -> str:
        """The name of the port's array with as many places around it as are read."""
        if port not in self.padded:
            text = port
            around = self.margins[port]
            for wrap in (True, False):
                pairs = [
                    tuple(m) if axis.wrap == wrap else (0, 0)
                    for m, axis in zip(around, self.ports[port].axes, strict=True)
                ]
                if any(map(any, pairs)):
                    same = {n for pair in pairs for n in pair}
                    one = len(pairs) == 1 and len(same) > 1
                    width = str(same.pop()) if len(same) == 1 else repr(pairs[0] if one else pairs)
                    text = f"np.pad({text}, {width}{', mode=' + repr('wrap') if wrap else ''})"
            self.padded[port] = self.fresh("padded")
            self.emit(f"{self.padded[port]} = {text}")
        return self.padded[port]

    def _index(self, index: Sequence[Expr]) -> tuple[list[ArrayText], tuple[str, ...]]:
        values = [self.number(self.value(expr)) for expr in index]
        return values, together(values, list(self.loops))

    def _gathered(self, port: str, index: tuple[Expr, ...]) -> ArrayText:
        """A read anywhere: places counted modulo the size, or 0 beyond the border."""
        values, axes = self._index(index)
        texts = [value.along(axes) for value in values]
        wraps = [axis.wrap for axis in self.ports[port].axes]
        if not all(wraps):
            self.helpers["at"] = None
            wraps_text = f"{tuple(wraps)}"
            return ArrayText(f"_at({port}, {wraps_text}, {', '.join(texts)})", axes)
        texts = [f"{text} % {self.size(port, axis)}" for axis, text in enumerate(texts)]
        return ArrayText(f"{port}[{', '.join(texts)}]", axes)

    def _of_array(self, array: ArrayText, index: tuple[Expr, ...]) -> ArrayText:
        """An element of a table or of an array made before."""
        values, axes = self._index(index)
        return ArrayText(f"{array.text}[{', '.join(v.along(axes) for v in values)}]", axes)

    def _inside(self, port: str, index: tuple[Expr, ...]) -> ArrayText:
        parts = []
        for axis, expr in enumerate(index):
            if not self.ports[port].axes[axis].wrap:
                place = self.number(self.value(expr))
                size = self.size(port, axis)
                parts += [
                    ArrayText(f"({place.text} >= 0)", place.axes, True),
                    ArrayText(f"({place.text} < {size})", place.axes, True),
                ]
        return self.joined("and", parts, True) if parts else ArrayText("True", (), True)
