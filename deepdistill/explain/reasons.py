"""Why an expression has its value: the branch that was taken, the condition that decided.

Of a disjunction that holds the first part that holds is told, of a conjunction that fails the
first part that fails; of a search the place where it stopped. What is told suffices for the value:
no other part could change it.
"""

from __future__ import annotations

from ..ir.evaluate import Scope, evaluate_expr
from ..ir.expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Read,
    Sum,
    Total,
    Var,
    children,
    is_truth,
    negated,
)
from ..ir.notation import written
from ..ir.ops import OPERATIONS
from .trace import WIDTH, Step, displayed
from .words import CaseWords, as_condition

_MOST_PLACES = 8
_MOST_DETAIL = 60
_REDUCTIONS = ("sorted", "maximum", "minimum", "count", "position", "distinct")
_SOME = {("ge", 1), ("gt", 0), ("ne", 0)}
_NONE = {("eq", 0), ("lt", 1), ("le", 0)}


class Reasons:
    """Collects the steps of one explanation while expressions are evaluated in a scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.places: set[str] = set()
        self.words = CaseWords(scope, self.places)
        self.steps: list[Step] = []

    def number(self, expr: Expr) -> object:
        return evaluate_expr(expr, self.scope)

    def bind_place(self, name: str, value: int) -> None:
        """A variable that stands for an index: texts show its number."""
        self.scope.names[name] = value
        self.places.add(name)

    def described(self, step: Step) -> None:
        """Add a step unless it was told before."""
        if step not in self.steps:
            self.steps.append(step)

    def named(self, name: str, expr: Expr) -> None:
        """Bind a named variable, and tell its value, what decided it and how it was computed."""
        truth = as_condition(expr)
        if is_truth(truth):
            self.truth(truth)
        else:
            self._parts(expr)
        value = self.number(expr)
        detail = ""
        if not is_truth(truth) and not isinstance(expr, Const | If | Sum | Total):
            text = self.words.source(expr)
            detail = text if len(text) <= _MOST_DETAIL and text != displayed(value) else ""
        self.scope.names[name] = value
        self.steps.append(Step("value", name, value, detail))

    def value(self, expr: Expr) -> None:
        """Tell why a nameless expression has its value."""
        match expr:
            case Const() | Var():
                return
            case If(condition, then, otherwise):
                self.truth(condition)
                taken = then if self.number(condition) else otherwise
                self.value(taken)
                if isinstance(taken, Var):
                    self.described(Step("value", taken.name, self.number(taken)))
            case Call("int", (inner,)):
                self.value(inner)
            case Call("argmax" | "softmax" as op, (scores,)):
                self._scores(op, scores)
            case Total():
                self._total(expr)
            case First(name, start, stop, condition, chosen):
                for k in range(int(str(self.number(start))), int(str(self.number(stop)))):
                    self.bind_place(name, k)
                    if self.number(condition):
                        break
                self.described(Step("place", name, self.scope.names[name]))
                self.truth(condition)
                self.value(chosen)
            case _ if is_truth(expr):
                self.truth(expr)
            case _:
                self._parts(expr)
                self.described(Step("value", self.words.source(expr), self.number(expr)))

    def truth(self, expr: Expr) -> None:
        """Tell why a condition holds or fails."""
        holds = bool(self.number(expr))
        match expr:
            case Call("int", (inner,)):
                self.truth(inner)
            case Call("not", (inner,)):
                if isinstance(inner, Call) and OPERATIONS[inner.op].opposite:
                    self.truth(negated(inner))
                elif is_truth(inner):
                    self.truth(inner)
                else:
                    self.truth(Call("eq", (inner, Const(0))))
            case Call("or" | "and" as op, args):
                deciding = [arg for arg in args if bool(self.number(arg)) == (op == "or")]
                if deciding:
                    self.truth(deciding[0])
                elif all(map(_is_atom, args)) and len(self.words.source(expr)) <= WIDTH:
                    self.described(Step("condition", self.words.source(expr), holds))
                else:
                    for arg in args:
                        self.truth(arg)
            case Call(op, (Total() as total, Const(int() as bound))) if (
                _counts(total) and (op, bound) in _SOME | _NONE
            ):
                self._exists(total)
            case If(condition, then, otherwise):
                self.truth(condition)
                self.truth(then if self.number(condition) else otherwise)
            case Call(op, args) if OPERATIONS[op].truth:
                self._parts(expr)
                values = [displayed(self.number(arg)) for arg in args]
                described = written(self.words.notation(op), values)
                detail = "" if self._tells_all(op, args, holds) else described
                self.described(Step("condition", self.words.source(expr), holds, detail))
            case Const():
                return
            case _:
                self._parts(expr)
                text = self.words.source(Call("ne", (expr, Const(0))))
                self.described(Step("condition", text, holds))

    def _tells_all(self, op: str, args: tuple[Expr, ...], holds: bool) -> bool:
        """Whether a comparison shows the numbers that it compares, or they were told before."""
        exact = (op == "eq") == holds and op in ("eq", "ne")
        for arg in args:
            match arg:
                case Var() | Const():
                    continue
                case Read(port) if exact or (
                    op in ("eq", "ne")
                    and port in self.scope.ports
                    and self.scope.ports[port].domain.is_bits
                ):
                    continue
                case _:
                    return False
        return True

    def _parts(self, expr: Expr) -> None:
        """Tell what decides inside an expression: branches, counts, whole arrays reduced."""
        match expr:
            case If(condition, then, otherwise):
                self.truth(condition)
                self._parts(then if self.number(condition) else otherwise)
            case Total() if _counts(expr):
                self._total(expr)
            case Total() | First():
                return  # its parts have one value at each place
            case Call(op, args) if op in _REDUCTIONS:
                for arg in args:
                    self._parts(arg)
                self.described(Step("value", self.words.source(expr), self.number(expr)))
            case _:
                for child in children(expr):
                    self._parts(child)

    def _total(self, total: Total) -> None:
        """Where the condition that is counted holds; of any other sum its value."""
        if not _counts(total):
            self.described(Step("value", self.words.source(total), self.number(total)))
            return
        places = self._where(total)
        self.places.discard(total.name)
        text = self.words.source(as_condition(total.body))
        some = ", ".join(map(str, places[:_MOST_PLACES]))
        more = ", ..." if len(places) > _MOST_PLACES else ""
        detail = f"{total.name} = {some}{more}" if places else ""
        self.described(Step("count", text, len(places), detail))

    def _where(self, total: Total) -> list[int]:
        """The places that are counted."""
        places = []
        for k in range(int(str(self.number(total.start))), int(str(self.number(total.stop)))):
            self.scope.names[total.name] = k
            if self.number(total.body):
                places.append(k)
        return places

    def _exists(self, total: Total) -> None:
        """The first place where a condition holds and why, or that there is none."""
        places = self._where(total)
        if places:
            self.bind_place(total.name, places[0])
            self.described(Step("place", total.name, places[0]))
            self.truth(as_condition(total.body))
            return
        names, inner = [total.name], as_condition(total.body)
        while isinstance(inner, Call) and (inner.op, inner.args[-1]) in [
            (op, Const(bound)) for op, bound in _SOME
        ]:
            if not isinstance(inner.args[0], Total) or not _counts(inner.args[0]):
                break
            names.append(inner.args[0].name)
            inner = as_condition(inner.args[0].body)
        self.places.difference_update(names)
        text = f"for no {', '.join(names)}: {self.words.source(inner)}"
        self.described(Step("condition", text, True))

    def _scores(self, op: str, scores: Expr) -> None:
        """The scores that compete, and which one is the largest."""
        values = self.number(scores)
        assert isinstance(values, list | tuple)
        if isinstance(scores, Call) and scores.op == "list":
            for k, part in enumerate(scores.args):
                self._parts(part)
                text = self.words.source(part)
                short = len(text) <= _MOST_DETAIL and not isinstance(part, Const)
                detail = text if short else ""
                self.described(Step("value", f"score {k}", values[k], detail))
        elif not isinstance(scores, Var):
            self.described(Step("value", self.words.source(scores), list(values)))
        if op == "argmax":
            best = max(values)
            first = "first place" if list(values).count(best) > 1 else "place"
            self.described(Step("value", f"{first} of the largest", values.index(best)))


def _is_atom(expr: Expr) -> bool:
    """A comparison or a number that is asked whether it is 0, of names and cells only."""
    match expr:
        case Var() | Read():
            return True
        case Call(op, args) if OPERATIONS[op].opposite or op in ("in", "notin", "between"):
            return all(isinstance(arg, Var | Read | Const) for arg in args)
        case Call("not", (inner,)):
            return isinstance(inner, Var | Read)
        case _:
            return False


def _counts(total: Total) -> bool:
    """Whether a sum counts the places where a condition holds."""
    return is_truth(as_condition(total.body))
