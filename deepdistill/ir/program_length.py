"""How many bits a program takes in one fixed prefix code: what its choice among all others costs.

The code is one for all programs and was fixed before any data. It is known of what kind the value
at each place has to be: a number, a truth, a list, rows, or what a loop goes through. Of each kind
every node has its share (:mod:`.shares`), of which it takes the logarithm in bits. Names are told
among those of their kind. What is foreseen at no place of its kind is told in the untyped code,
after a mark that says so. Names given by their makers cost nothing, and neither do the ports, which
come from the data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log2
from typing import assert_never

from .code_length import UntypedCode, bare, constant_bits, integer_bits, points_bits, table_bits
from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var
from .ops import OPERATIONS
from .program import Fill, Formula, Let, Map, Program, Scan, Statement
from .shares import PRODUCED, SHARES, Kind
from .types import Port

_BITS = {
    kind: {node: log2(sum(own.values()) / share) for node, share in own.items()}
    for kind, own in SHARES.items()
}
_OF_AXES: Sequence[Kind] = ("number", "list", "rows")
_NAMED: Mapping[Kind, float] = {"number": 1.0, "list": 2.0, "truth": 3.0, "rows": 3.0}
_LAST, _MORE = log2(4 / 3), 2.0  # whether a statement is the last one
_LET, _SCAN, _ARRAY = log2(4 / 3), 3.0, 4.0
_PLAIN, _TABLES = log2(16 / 15), 4.0  # whether there are tables


def program_bits(program: Program | Formula) -> float:
    """The length of a program in bits; its ports and names are known beforehand."""
    if isinstance(program, Formula):
        code = UntypedCode([port.name for port in program.inputs], of_formulas=True)
        return code.lets(program.body) + code.expr(program.value)
    bits = _TABLES + integer_bits(len(program.tables)) if program.tables else _PLAIN
    bits += sum(table_bits(table.values) for table in program.tables)
    names = {port.name: _of_axes(len(port.axes)) for port in program.inputs}
    scope = _KindedCode(
        names | {table.name: _of_axes(len(table.sizes)) for table in program.tables}
    )
    for place, statement in enumerate(program.body):
        last = place + 1 == len(program.body)
        bits += _LAST if last else _MORE
        if last and isinstance(statement, Let) and statement.name == program.output.name:
            axes, truths = len(program.output.axes), program.output.symbols == (False, True)
            expected: Kind = "truth" if truths and not axes else _of_axes(axes)
            bits += _LET + scope.expr(statement.value, expected)
        else:
            statement_bits, scope = scope.after(statement)
            bits += statement_bits
    return bits


def expression_bits(expr: Expr, inputs: Sequence[Port]) -> float:
    """The length of an expression of inputs, and of numbers bound before, as itself."""
    scope = _KindedCode({port.name: _of_axes(len(port.axes)) for port in inputs})
    return scope.expr(expr, scope.kind(expr))


def _of_axes(axes: int) -> Kind:
    return _OF_AXES[min(axes, 2)]


class _KindedCode:
    """The code of what stands where these names are bound, each to what is of its kind."""

    def __init__(self, names: Mapping[str, Kind]) -> None:
        self.names = names
        self.counts = Counter(names.values())

    def inside(self, names: Iterable[str], kind: Kind = "number") -> _KindedCode:
        return _KindedCode({**self.names, **dict.fromkeys(names, kind)})

    # ---- statements

    def after(self, statement: Statement) -> tuple[float, _KindedCode]:
        """The bits of a statement, and what is bound after it."""
        match statement:
            case Let():
                bits, scope = self.lets([statement])
                return _LET + bits, scope
            case Map(name, _, index, body, value):
                bits, inner = self.inside(index).lets(body)
                bits += _ARRAY + self.array() + len(body) + 1 + inner.expr(value, "number")
                return bits, self.inside([name], _of_axes(len(index)))
            case Fill(name, index, sizes, value, points):
                bits = _ARRAY + len(sizes) + 1 + self.inside(index).expr(value, "number")
                bits += sum(self.size(one) for one in sizes)
                bits += 0.0 if points is None else points_bits(points)
                return bits, self.inside([name], _of_axes(len(index)))
            case Scan(name, _, element, state, body, values):
                bits, scope = self.lets(state)
                body_bits, inner = scope.inside(element).lets(body)
                bits += body_bits + _SCAN + self.array() + len(state) + len(body) + len(values) + 3
                bits += len(body) * log2(len(state) + 1)  # what is carried, or a new name
                bits += sum(inner.expr(value, "number") for value in values)
                return bits, scope.inside([name], "list")
            case _:
                assert_never(statement)

    def lets(self, body: Sequence[Let]) -> tuple[float, _KindedCode]:
        """Names bound one after another, each to what is of its kind."""
        bits, scope = 0.0, self
        for let in body:
            kind = scope.kind(let.value)
            bits += _NAMED[kind] + scope.expr(let.value, kind)
            scope = scope.inside([let.name], kind)
        return bits, scope

    def size(self, size: int | Expr) -> float:
        return 1 + (integer_bits(size) if isinstance(size, int) else self.expr(size, "number"))

    def array(self) -> float:
        """Which name, of whatever kind."""
        return log2(max(1, len(self.names)))

    # ---- what kind of value an expression has

    def kind(self, expr: Expr) -> Kind:
        match expr:
            case Const(value):
                return "list" if isinstance(value, tuple) else "number"
            case Var(name):
                return self.names.get(name, "number")
            case If(_, then, _):
                return self.kind(then)
            case First(name, _, _, _, value):
                return self.inside([name]).kind(value)
            case Listed(names, over, value, _):
                inner = self.gone_through(names, over)[1]
                return "list" if inner.kind(value) in ("number", "truth") else "rows"
            case Call(op, args):
                return self.given(op, args)
            case _:
                return "number"

    def given(self, op: str, args: Sequence[Expr]) -> Kind:
        """What kind of value an operation gives."""
        node = self.named(op, args)
        kinds = (kind for kind, own in PRODUCED.items() if node in own and node != "truth")
        return next(kinds, "truth" if OPERATIONS[op].truth else "number")

    def named(self, op: str, args: Sequence[Expr]) -> str:
        """The node that an operation is, by what it is applied to."""
        of_rows: Kind = "list" if op in ("single", "list") else "rows"
        several = bool(args) and self.kind(args[0]) == of_rows
        return f"{op} of rows" if several and op not in PRODUCED["rows"] and op != "flat" else op

    # ---- expressions

    def node(self, expr: Expr, expected: Kind) -> str:
        """Which node of its kind an expression is: *other* where that is not foreseen."""
        own, kind = SHARES[expected], self.kind(expr)
        match expr:
            case Call("length", (Listed(_, _, Const() | Var(), condition),)):
                node = "how many" if condition != Const(1) and expected == "number" else "length"
            case Call("length", (rows,)) if self.kind(rows) == "rows":
                node = "length of rows"
            case Call(op, args):
                node = self.named(op, args)
            case Const(float()):
                node = "real"
            case Size():
                node = "size"
            case _:
                node = type(expr).__name__.lower()
        if expected == "number" and kind == "truth" and node != "int":
            return "truth"
        if expected == "truth" and kind == "number" and expr not in (Const(0), Const(1)):
            return "nonzero"
        return node if node in own and (kind == expected or isinstance(expr, Const)) else "other"

    def expr(self, expr: Expr, expected: Kind) -> float:
        """The bits of an expression where such a kind is asked for."""
        if expected == "amount":
            if isinstance(expr, Const) and isinstance(expr.value, int):
                return _BITS[expected]["const"] + integer_bits(expr.value)
            return _BITS[expected]["number"] + self.expr(expr, "number")
        node = self.node(expr, expected)
        return _BITS[expected][node] + self.parts(expr, node, expected)

    def parts(self, expr: Expr, node: str, expected: Kind) -> float:
        """The bits of what stands in an expression."""
        if node == "other":
            return UntypedCode(list(self.names)).expr(expr)
        if node in ("truth", "nonzero"):
            return self.expr(expr, "truth" if node == "truth" else "number")
        match expr:
            case Const(int() as value):
                return 1.0 if expected == "truth" else integer_bits(value)
            case Const(value):
                return constant_bits(value)
            case Var(name):
                return log2(max(1, self.counts[self.names.get(name, "number")]))
            case Call("length", (Listed(names, over, _, condition),)) if node == "how many":
                bits, inner = self.gone_through(names, over)
                return bits + inner.expr(condition, "truth")
            case Call(op, args):
                if OPERATIONS[op].of_truths:
                    args = tuple(map(bare, args))
                kinds = PRODUCED[expected][node][1]
                kinds += kinds[-1:] * (len(args) - len(kinds))
                more = 0 if OPERATIONS[op].arity is not None else max(1, len(args) - 1)
                return more + sum(map(self.expr, args, kinds))
            case If(condition, then, otherwise):
                own = self.expr(then, expected) + self.expr(otherwise, expected)
                return own + self.expr(condition, "truth")
            case Listed(names, over, value, condition):
                bits, inner = self.gone_through(names, over)
                bits += 1 + inner.expr(value, "list" if expected == "rows" else "number")
                return bits if condition == Const(1) else bits + inner.expr(condition, "truth")
            case Read(_, index) | Inside(_, index):
                return self.array() + len(index) + sum(self.expr(k, "number") for k in index)
            case Sum(names, points, body):
                own = len(names) + points_bits(points)
                return own + self.inside(names).expr(body, "number")
            case Total(name, start, stop, body):
                return self.ends(start, stop) + self.inside([name]).expr(body, "number")
            case First(name, start, stop, condition, value):
                inner, bits = self.inside([name]), self.ends(start, stop)
                return bits + inner.expr(condition, "truth") + inner.expr(value, expected)
            case Size():
                return self.array() + 1
            case _:
                assert_never(expr)

    def ends(self, start: Expr, stop: Expr) -> float:
        """From where to where: one bit says that it is all places of an axis."""
        if start == Const(0) and isinstance(stop, Size):
            return 2 + self.array()
        return 1 + self.expr(start, "amount") + self.expr(stop, "number")

    def gone_through(self, names: Sequence[str], over: Expr) -> tuple[float, _KindedCode]:
        """The bits of what a loop goes through, and what is bound inside."""
        own, inner = _BITS["over"], self.inside(names)
        match over:
            case Call("range", (count,)) if len(names) == 1:
                return own["range"] + self.expr(count, "number"), inner
            case Call("enumerate", (part,)) if len(names) == 2:
                kind = self.kind(part)
                if kind in ("list", "rows"):
                    of: Kind = "list" if kind == "rows" else "number"
                    bits = own[f"places of {kind}"] + self.expr(part, kind)
                    return bits, self.inside(names[:1]).inside(names[1:], of)
            case Call("zip", parts) if len(names) == len(parts) > 1:
                kinds = set(map(self.kind, parts))
                if kinds in ({"list"}, {"rows"}):
                    (kind,) = kinds
                    node = "zip" if kind == "list" else "zip of rows"
                    bits = own[node] + len(parts) - 1 + sum(self.expr(p, kind) for p in parts)
                    return bits, self.inside(names, "number" if kind == "list" else "list")
            case _ if self.kind(over) == "list" and len(names) == 1:
                return own["list"] + self.expr(over, "list"), inner
            case _ if self.kind(over) == "rows" and len(names) == 1:
                return own["rows"] + self.expr(over, "rows"), self.inside(names, "list")
            case _ if self.kind(over) == "rows":
                return own["numbers of rows"] + len(names) + self.expr(over, "rows"), inner
        return own["other"] + len(names) + UntypedCode(list(self.names)).expr(over), inner
