"""The text of programs and expressions, read back: ``parse_program(str(program)) == program``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from .expr import Call, Const, Expr, First, If, Inside, Listed, Read, Size, Sum, Total, Var
from .ops import OPERATIONS
from .program import NOTHING, ConstantTable, Fill, Formula, Let, Map, Program, Scan, Statement
from .text import between_operands, called
from .types import Axis, Integers, Level, Port, Reals, Scalar, parse_axes

_T = TypeVar("_T")

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)
      | (?P<name>(?:[^\W\d]|[^\x00-\x7f\s])(?:\w|[^\x00-\x7f\s])*(?:\.[^\W\d]\w*)?)
      | (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<symbol>\*\*|//|<=|>=|==|!=|->|\.\.|[-+*/%&|^<>()\[\]{},:=]))""",
    re.VERBOSE,
)


def parse_expr(text: str) -> Expr:
    """The expression of a text; ``ValueError`` where it is none."""
    reader = _TextReader(text)
    return reader.finished(reader.expr())


def parse_program(text: str) -> Program:
    """The program of a text; ``ValueError`` where it is none."""
    head, *lines = text.split("\n")
    reader = _TextReader(head)
    name, inputs, output = reader.head(reader.port)
    tables: list[ConstantTable] = []
    body: list[Statement] = []
    while lines:
        block = [lines.pop(0)]
        while lines and lines[0].startswith("    "):
            block.append(lines.pop(0))
        reader = _TextReader(block[0])
        if reader.peek() == "table" and reader.peek(1) != "=":
            reader.take("table")
            table = ConstantTable(reader.name(), reader.after("=", reader.nested))
            tables.append(reader.finished(table))
        else:
            body.append(_statement(reader, block[1:]))
    return Program(name, inputs, output, tuple(body), tuple(tables))


def parse_formula(text: str) -> Formula:
    """The formula of a text; ``ValueError`` where it is none."""
    head, *lines, last = text.split("\n")
    reader = _TextReader(head)
    name, inputs, output = reader.head(reader.scalar)
    return Formula(name, inputs, output, tuple(map(_let, lines)), parse_expr(last))


def _let(text: str) -> Let:
    reader = _TextReader(text)
    return reader.finished(reader.let())


def _statement(reader: _TextReader, inner: list[str]) -> Statement:
    if reader.peek(1) == "=":
        return reader.finished(reader.let())
    name = reader.name()
    index = reader.bracketed("[", reader.name, "]")
    reader.take("for")
    if reader.peek() != "each":
        return reader.finished(reader.fill(name, index))
    reader.take("each")
    if not index:
        element = reader.listed(reader.name)
        over = reader.after("of", reader.name)
        reader.take(":")
        return reader.finished(_scan(name, over, element, inner))
    reader.take("position")
    like = reader.after("of", reader.name)
    reader.take(":")
    *body, last = inner
    return reader.finished(Map(name, like, index, tuple(map(_let, body)), parse_expr(last)))


def _scan(name: str, over: str, element: tuple[str, ...], inner: list[str]) -> Scan:
    *lines, last = inner
    state = [line for line in lines if re.match(r"\s*first \w+ = ", line)]
    body = lines[len(state) :]
    reader = _TextReader(last)
    nothing = reader.peek() == NOTHING and not reader.peek(1)
    values = () if nothing else reader.finished(reader.listed(reader.expr))
    started = tuple(_let(line.strip().removeprefix("first ")) for line in state)
    return Scan(name, over, element, started, tuple(map(_let, body)), values)


class _TextReader:
    """Reads one line from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds: list[str] = []
        self.tokens: list[str] = []
        self.place = place = 0
        while place < len(text.rstrip()):
            match = _TOKEN.match(text, place)
            if match is None or match.lastgroup is None:
                raise ValueError(f"cannot read {text[place : place + 40]!r}")
            self.kinds.append(match.lastgroup)
            self.tokens.append(match[match.lastgroup])
            place = match.end()
        row = [(op, between_operands(row)) for op, row in OPERATIONS.items()]
        self.operators = {symbol: op for op, symbol in row if symbol}
        self.functions = {called(op): op for op in OPERATIONS}

    # Tokens

    def peek(self, ahead: int = 0) -> str:
        """The next token, or a later one; "" at the end."""
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else ""

    def kind(self, ahead: int = 0) -> str:
        place = self.place + ahead
        return self.kinds[place] if place < len(self.kinds) else ""

    def take(self, *expected: str) -> str:
        """The next token, which has to be one of these."""
        token = self.peek()
        if not token or (expected and token not in expected):
            wanted = " or ".join(expected) or "more"
            raise ValueError(f"expected {wanted} in {self.text[:200]!r}, not {token[:40]!r}")
        self.place += 1
        return token

    def of_kind(self, kind: str) -> str:
        if self.kind() != kind:
            raise ValueError(f"expected a {kind} in {self.text[:200]!r}, not {self.peek()[:40]!r}")
        return self.take()

    def name(self) -> str:
        return self.of_kind("name")

    def number(self) -> int | float:
        token = self.of_kind("number")
        return int(token) if re.fullmatch(r"-?\d+", token) else float(token)

    def whole(self) -> int:
        return int(self.of_kind("number"))

    def finished(self, value: _T) -> _T:
        """The value, where nothing is left to read."""
        if self.peek():
            raise ValueError(f"expected the end of {self.text[:200]!r}, not {self.peek()[:40]!r}")
        return value

    def after(self, token: str, part: Callable[[], _T]) -> _T:
        self.take(token)
        return part()

    def listed(self, part: Callable[[], _T]) -> tuple[_T, ...]:
        """One or more, between commas."""
        parts = [part()]
        while self.peek() == ",":
            parts.append(self.after(",", part))
        return tuple(parts)

    def bracketed(self, opening: str, part: Callable[[], _T], closing: str) -> tuple[_T, ...]:
        """None or more in brackets; as in a tuple of one, a comma may stand last."""
        self.take(opening)
        parts: list[_T] = []
        while self.peek() != closing:
            parts.append(part())
            if self.peek() != closing:
                self.take(",")
        self.take(closing)
        return tuple(parts)

    # Statements

    def head(self, part: Callable[[], _T]) -> tuple[str, tuple[_T, ...], _T]:
        name = self.name()
        inputs = self.bracketed("(", part, ")")
        return name, inputs, self.finished(self.after("->", part))

    def port(self) -> Port:
        name, axes = self.name(), []
        self.take(":")
        while self.peek() != "of":
            axes.append(self.axis())
        domain = Integers(*self.span(self.whole))
        if self.peek() != "as":
            return Port(name, tuple(axes), domain)
        return Port(name, tuple(axes), domain, self.after("as", self.nested))

    def axis(self) -> Axis:
        word = self.name()
        if self.peek() == "(":
            word += "".join((self.take("("), self.take(), self.take(")")))
        return parse_axes(word)[0]

    def span(self, end: Callable[[], _T]) -> tuple[_T, _T]:
        self.take("of", "real")
        return end(), self.after("..", end)

    def scalar(self) -> Scalar:
        name = self.name()
        self.take(":")
        domain = Reals(*self.span(self.number))
        title = json.loads(self.take()) if self.kind() == "quoted" else ""
        levels = self.after("as", self.levels) if self.peek() == "as" else ()
        more = set()
        while self.peek() == "or":
            self.take("or")
            more.add(self.take("missing", "other"))
        return Scalar(name, domain, title, levels, "missing" in more, "other" in more)

    def levels(self) -> tuple[Level, ...]:
        return self.bracketed("[", self.level, "]")

    def level(self) -> Level:
        return json.loads(self.take())  # type: ignore[no-any-return]

    def nested(self) -> Any:
        """A number, a text, a truth, or a tuple of such."""
        if self.kind() == "quoted":
            return json.loads(self.take())
        if self.kind() == "name":
            return self.take("True", "False") == "True"
        return self.bracketed("(", self.nested, ")") if self.peek() == "(" else self.number()

    def let(self) -> Let:
        return Let(self.name(), self.after("=", self.expr))

    def fill(self, name: str, index: tuple[str, ...]) -> Fill:
        sizes: list[int | Expr] = []
        while self.peek() not in (":", "at"):
            if sizes:
                self.take("x")
            size = self.expr()
            sizes.append(size.value if isinstance(size, Const) else size)  # type: ignore[arg-type]
        points = self.after("at", self.points) if self.peek() == "at" else None
        return Fill(name, index, tuple(sizes), self.after(":", self.expr), points)

    def points(self) -> tuple[tuple[int, ...], ...]:
        return self.bracketed("{", lambda: self.bracketed("(", self.whole, ")"), "}")

    # Expressions

    def expr(self) -> Expr:
        if self.kind() == "number":
            return Const(self.number())
        if self.peek() == "(":
            return self.parenthesised()
        if self.peek() == "[":
            return self.each()
        name, following = self.name(), self.peek()
        if following == "[":
            return Read(name, self.bracketed("[", self.expr, "]"))
        if following == "(":
            return self.sum() if name == "sum" else self.call(name)
        if name == "inside" and self.kind() == "name" and self.peek(1) == "[":
            return Inside(self.name(), self.bracketed("[", self.expr, "]"))
        if name == "size" and self.kind() == "number":
            axis = self.whole()
            return Size(self.after("of", self.name), axis)
        return Var(name)

    def call(self, name: str) -> Expr:
        if name not in self.functions:
            raise ValueError(f"there is no operation {name[:40]!r}")
        return Call(self.functions[name], self.bracketed("(", self.expr, ")"))

    def parenthesised(self) -> Expr:
        if self.peek(1) == ")" or (self.kind(1) == "number" and self.peek(2) == ","):
            return self.table()
        self.take("(")
        if self.peek() == "the" and self.peek(1) == "first":
            expr = self.search()
        else:
            expr = self.operation(self.expr())
        self.take(")")
        return expr

    def table(self) -> Expr:
        """A constant tuple, and the entry of one."""
        values = Const(self.bracketed("(", self.whole, ")"))
        if self.peek() != "[":
            return values
        return Call("item", (values, *self.bracketed("[", self.expr, "]")))

    def operation(self, first: Expr) -> Expr:
        if self.peek() == "if":
            condition = self.after("if", self.expr)
            return If(condition, first, self.after("else", self.expr))
        symbol, args = self.operator(), [first, self.expr()]
        while self.peek() not in (")", ""):
            if self.operator() != symbol:
                raise ValueError(f"operators without parentheses in {self.text[:200]!r}")
            args.append(self.expr())
        op = self.operators[symbol]
        if op == "le" and len(args) == 3:
            op = "between"
        return Call(op, tuple(args))

    def operator(self) -> str:
        symbol = self.take()
        symbol = f"not {self.take('in')}" if symbol == "not" else symbol
        if symbol not in self.operators:
            raise ValueError(f"there is no operator {symbol[:40]!r}")
        return symbol

    def sum(self) -> Expr:
        self.take("(")
        body = self.expr()
        self.take("for")
        names = ()
        total: Expr
        if self.peek() == "in" or (self.kind() == "name" and self.peek(1) in (",", "in")):
            names = self.listed(self.name) if self.peek() != "in" else ()  # type: ignore[assignment]
            total = Sum(names, self.after("in", self.points), body)
        else:
            start, name, stop = self.loop()
            total = Total(name, start, stop, body)
        self.take(")")
        return total

    def each(self) -> Expr:
        """``[value for name in over if condition]``."""
        value = self.after("[", self.expr)
        names = self.after("for", lambda: self.listed(self.name))
        over = self.after("in", self.expr)
        condition = self.after("if", self.expr) if self.peek() == "if" else Const(1)
        self.take("]")
        return Listed(names, over, value, condition)

    def loop(self) -> tuple[Expr, str, Expr]:
        start = self.expr()
        name = self.after("<=", self.name)
        return start, name, self.after("<", self.expr)

    def search(self) -> Expr:
        self.take("the")
        self.take("first")
        value = self.expr()
        start, name, stop = self.after("for", self.loop)
        return First(name, start, stop, self.after("with", self.expr), value)
