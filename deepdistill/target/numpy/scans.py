"""Loops with carried variables in NumPy: running sums, state machines in blocks, else a plain loop.

A variable whose next value needs no carried one that is not known yet is an array by itself, and
what is carried is that array, one step later. Sums, remainders of sums, extremes and bitwise
operations accumulate; a few states are a machine, run from every state at once.
"""

from __future__ import annotations

from itertools import product
from math import prod

from ...ir.evaluate import Scope, evaluate_expr
from ...ir.expr import Call, Const, Expr, If, Var, uses, walk
from ...ir.interval import Interval, bounds
from ...ir.program import Program, Scan, expressions
from ...ir.rewrite import replace_each
from ..lower import Lowering
from ..python import lines
from ..registry import NotWritten
from ..scan import scan_block
from .arrays import ArrayWriter
from .loops import AxisLoop
from .spelling import ArrayText, plain

_HELPED = ("sign", "argmax", "softmax")  # by functions of the readable solver's module
_STEP = "step "  # no name of a program
_LENGTHS = (2**31, 2**27, 2**24, 2**20, 2**16)
_LARGEST = 2.0**62
_MOST_ENTRIES = 1024
_ACCUMULATED = {
    "min": "minimum", "max": "maximum",
    "bitxor": "bitwise_xor", "bitand": "bitwise_and", "bitor": "bitwise_or",
}  # fmt: skip


class _TooLong(Exception):
    """Sums over so many steps may need more than 64 bits."""


def scan_lines(writer: ArrayWriter, program: Program, scan: Scan) -> list[str]:
    """The lines that compute and return the answers."""
    (port,) = program.inputs
    empty = [0, *(axis.size for axis in program.output.axes[1:])]
    head = [f"if not len({port.name}):", f"    return np.zeros({empty}, np.int64)"]
    for longest in _LENGTHS:
        kept = dict(writer.constants), dict(writer.helpers), set(writer.taken)
        try:
            lines = _Steps(writer, program, scan, longest).lines()
        except (_TooLong, NotWritten) as reason:
            writer.constants, writer.helpers, writer.taken = kept
            if isinstance(reason, NotWritten):
                break
            continue
        if longest < _LENGTHS[0]:
            text = f"{port.name} has more than {longest} elements: sums may need more than 64 bits"
            head += [f"if len({port.name}) > {longest}:", f"    raise ValueError({text!r})"]
        return [*head, *lines]
    writer.helpers["exact"] = None
    return [*head, *_plain_loop(program, scan)]


class _Steps:
    """One attempt to write a scan with arrays, for inputs of at most so many steps."""

    def __init__(self, writer: ArrayWriter, program: Program, scan: Scan, longest: int) -> None:
        self.writer, self.scan, self.longest = writer, scan, longest
        (self.port,) = program.inputs
        self.ranges: dict[str, Interval] = {}
        self.start: dict[str, int] = {}
        for let in scan.state:
            if not isinstance(let.value, Const) or not isinstance(let.value.value, int):
                raise NotWritten("NumPy has no words for a state that starts with an expression")
            self.start[let.name] = let.value.value
        now: dict[Expr, Expr] = {Var(name): Var(f"{name} ") for name in self.start}
        for let in scan.body:
            now[Var(let.name)] = replace_each(let.value, now)
        self.next = {name: now[Var(name)] for name in self.start}
        self.values = [replace_each(value, now) for value in scan.values]

    def lines(self) -> list[str]:
        writer = self.writer
        writer.lines = []
        writer.taken -= {let.name for let in (*self.scan.state, *self.scan.body)}
        writer.taken |= {self.port.name, *self.scan.element}
        with writer.looping({_STEP: AxisLoop(self.port.name)}):
            self._elements()
            left = list(self.next)
            while left:
                done = [name for name in left if self._solved(name, left)]
                left = [name for name in left if name not in done]
                if not done:
                    self._machine(left)
                    left = []
            numbers = [writer.number(self._value(value)) for value in self.values]
        texts = [plain(text.text) for text in numbers]
        if not all(text.axes for text in numbers):
            length = f"len({self.port.name})"
            texts = [
                text if known.axes else f"np.full({length}, {text})"
                for text, known in zip(texts, numbers, strict=True)
            ]
        answer = texts[0] if len(texts) == 1 else f"np.stack([{', '.join(texts)}], axis=1)"
        return [*writer.lines, f"return {plain(f'({answer}).astype(np.int64)')}"]

    def _elements(self) -> None:
        writer, port = self.writer, self.port
        domain = Interval(port.domain.low, port.domain.high)
        for name in self.scan.element:
            self.ranges[name] = domain
        if len(port.axes) == 1:
            writer.names[self.scan.element[0]] = ArrayText(port.name, (_STEP,))
            return
        comma = "," if len(self.scan.element) == 1 else ""
        writer.emit(f"{', '.join(self.scan.element)}{comma} = {port.name}.T")
        for name in self.scan.element:
            writer.names[name] = ArrayText(name, (_STEP,))

    def _value(self, expr: Expr) -> ArrayText:
        """The value at each step, where what is carried is known."""
        known: dict[Expr, Expr] = {
            self.next[name]: Var(f"{name}  ")
            for name in self.next
            if f"{name}  " in self.writer.names
        }
        for part in walk(expr):
            span = bounds(part, self.ranges) if not _is_table(part) else Interval(0, 0)
            if not -_LARGEST < span.low <= span.high < _LARGEST:
                raise _TooLong
        return self.writer.value(replace_each(expr, known))

    def _solved(self, name: str, left: list[str]) -> bool:
        """Write the array of a carried variable's values, if nothing else has to be known."""
        following = self.next[name]
        needed = [other for other in left if uses(following, f"{other} ")]
        if not needed:
            self._known(name, self.writer.number(self._value(following)), following)
            return True
        return needed == [name] and self._accumulated(name, following)

    def _accumulated(self, name: str, following: Expr) -> bool:
        start, own = self.start[name], Var(f"{name} ")
        match following:
            case Call("mod", (inner, Const(int() as modulus))) if modulus > 0:
                added = _without(inner, own)
                if added is None or not 0 <= start < modulus:
                    return False
                self._known(name, self._summed(added, start, f" % {modulus}"), following)
                return True
            case Call(op, args) if op in _ACCUMULATED and own in args:
                rest = [arg for arg in args if arg != own]
                if len(rest) != len(args) - 1 or any(uses(arg, own.name) for arg in rest):
                    return False
                term = rest[0] if len(rest) == 1 else Call(op, tuple(rest))
                text = self.writer.number(self._value(term)).text
                function = f"np.{_ACCUMULATED[op]}"
                running = f"{function}.accumulate({text})"
                if start or op not in ("bitor", "bitxor"):  # where 0 changes nothing
                    running = f"{function}({start}, {running})"
                self.ranges[f"{name} "] = bounds(term, self.ranges) | Interval(start, start)
                self._known(name, ArrayText(running, (_STEP,)), following)
                return True
        added = _without(following, own)
        if added is None:
            return False
        self._known(name, self._summed(added, start, ""), following)
        return True

    def _summed(self, added: Expr, start: int, after: str) -> ArrayText:
        """Running sums; their range is that of as many terms as there may be steps."""
        term = self.writer.number(self._value(added))
        span = bounds(added, self.ranges)
        whole = Interval(
            start + min(span.low, 0) * self.longest, start + max(span.high, 0) * self.longest
        )
        if not -_LARGEST < whole.low <= whole.high < _LARGEST:
            raise _TooLong
        self.summed = whole
        text = f"np.cumsum({term.text})" if term.axes else f"({term.text} * np.arange(1, n + 1))"
        if not term.axes:
            text = text.replace("n + 1", f"len({self.port.name}) + 1")
        return ArrayText(f"(({start} + {text}){after})" if start else f"({text}{after})", (_STEP,))

    def _known(self, name: str, value: ArrayText, following: Expr) -> None:
        """A variable's value after each step, and before it."""
        writer, start = self.writer, self.start[name]
        if not value.axes:
            value = ArrayText(f"np.full(len({self.port.name}), {value.text})", (_STEP,))
        span = self.ranges.get(f"{name} ")
        if span is None:
            span = getattr(self, "summed", None) or bounds(following, self.ranges)
            match following:
                case Call("mod", (_, Const(int() as modulus))):
                    span = Interval(0, modulus - 1)
        self.summed = None  # type: ignore[assignment]
        self.ranges[f"{name} "] = span | Interval(start, start)
        self.ranges[f"{name}  "] = self.ranges[f"{name} "]
        after = value
        users = [*self.next.values(), *self.values]
        if not value.text.isidentifier():
            after = writer.named(name, value)
        writer.names[f"{name}  "] = after
        before_needed = any(
            uses(replace_each(user, {following: Const(0)}), f"{name} ") for user in users
        )
        if before_needed:
            before = f"np.concatenate(([{start}], {after.text}[:-1]))"
            title = name if after.text not in (name, f"{name}_2") else f"old_{name}"
            writer.names[f"{name} "] = writer.named(title, ArrayText(before, (_STEP,)))

    def _machine(self, names: list[str]) -> None:
        """Variables that have a few values together: a table says what follows."""
        if any(uses(self.next[n], f"{o} ") for n in names for o in self.next if o not in names):
            raise NotWritten("NumPy has no words for states that follow other states")
        domain = self.port.domain
        counts = [len(domain)] * len(self.scan.element)
        first = tuple(self.start[name] for name in names)
        states, rows = [first], []
        for state in states:  # grows while new ones are found
            row = []
            for element in product(domain.values, repeat=len(counts)):
                after = self._after(names, state, element)
                if after not in states:
                    states.append(after)
                row.append(states.index(after))
            rows.append(tuple(row))
            if len(states) * prod(counts) > _MOST_ENTRIES:
                raise NotWritten("NumPy has no words for so many states")
        writer = self.writer
        writer.helpers["states"] = None
        following = writer.constant("FOLLOWING", tuple(rows))
        code = " + ".join(
            f"{prod(counts[k + 1 :])} * ({writer.names[name].text} - {domain.low})"
            if domain.low
            else f"{prod(counts[k + 1 :])} * {writer.names[name].text}"
            for k, name in enumerate(self.scan.element)
        ).replace("1 * ", "")
        title = names[0] if len(names) == 1 and first == (0,) else "states"
        title = title if [s[0] for s in states] == list(range(len(states))) else "states"
        sequence = writer.named(title, ArrayText(f"_states({following}, {plain(code)})")).text
        for k, name in enumerate(names):
            values = [state[k] for state in states]
            own = ArrayText(sequence, (_STEP,))
            if values != list(range(len(states))):
                text = f"{writer.constant(name.upper(), tuple(values))}[{sequence}]"
                own = writer.named(name, ArrayText(text, (_STEP,)))
            writer.names[f"{name} "] = own
            self.ranges[f"{name} "] = Interval(min(values), max(values))

    def _after(
        self, names: list[str], state: tuple[int, ...], element: tuple[int, ...]
    ) -> tuple[int, ...]:
        scope = Scope((), {})
        scope.names.update({f"{name} ": value for name, value in zip(names, state, strict=True)})
        scope.names.update(zip(self.scan.element, element, strict=True))
        return tuple(int(evaluate_expr(self.next[name], scope)) for name in names)


def _is_table(expr: Expr) -> bool:
    return isinstance(expr, Const) and isinstance(expr.value, tuple)


def _without(expr: Expr, own: Var) -> Expr | None:
    """What is added to a variable; None where it is not a sum with the variable itself once."""
    match expr:
        case Var() if expr == own:
            return Const(0)
        case Call("add", args):
            parts = [_without(arg, own) if uses(arg, own.name) else arg for arg in args]
            if sum(uses(arg, own.name) for arg in args) != 1 or None in parts:
                return None
            terms = [term for term in parts if term is not None and term != Const(0)]
            return Call("add", tuple(terms)) if len(terms) > 1 else (terms or [Const(0)])[0]
        case Call("sub", (a, b)) if not uses(b, own.name):
            inner = _without(a, own)
            return None if inner is None else Call("sub", (inner, b))
        case _:
            return None


def _plain_loop(program: Program, scan: Scan) -> list[str]:
    """The readable solver's loop over Python's integers, which have no largest one."""
    (port,) = program.inputs
    for node in (node for expr in expressions(scan) for node in walk(expr)):
        if not isinstance(node, Const | Var | If | Call):
            raise NotWritten(f"NumPy has no words for {type(node).__name__} inside a loop")
        if isinstance(node, Call) and node.op in _HELPED:
            raise NotWritten(f"NumPy has no words for the operation {node.op!r} inside a loop")
    lowering = Lowering(program)
    loop = lines(scan_block(scan, lowering))
    constants = [f"{name} = {value!r}" for name, value in lowering.constants.items()]
    return [f"{port.name} = {port.name}.tolist()", *constants, *loop, f"return _exact({scan.name})"]
