"""Programs over items made shorter, each step exact at every size of at least 1."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from ...ir.expr import (
    Call,
    Const,
    Expr,
    First,
    Read,
    Size,
    Total,
    Var,
    children,
    is_truth,
    uses,
)
from ...ir.interval import Interval
from ...ir.linear import expr_of, form_of
from ...ir.ops import OPERATIONS
from ...ir.program import Fill, Let, Program, Statement
from ...ir.rewrite import counting, mapped
from ...ir.rewrite import replace as exchanged
from .context import Context, context_of, mirrored, negation, replaced
from .forms import Test, fewest, test_expr, test_of, united
from .laws import LAWS, LISTS, LOGIC, RANKS, by_root, rewritten
from .quantifiers import split
from .ranks import rank_test
from .windows import decided

_ROUNDS = 40
_LOGIC, _RANKS, _LAWS, _LISTS = map(by_root, (LOGIC, RANKS, LAWS, LISTS))


def shorten_items(program: Program) -> Program:
    """A program with the same answers, and none where there was none, on every input."""
    context = context_of(program)
    body = tuple(_statement(statement, context) for statement in _named(program.body))
    return replace(program, body=_used(body, program.output.name))


def _named(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """What an array holds is read from it wherever it would be computed again."""
    result: list[Statement] = []
    for statement in body:
        for array in result:
            if isinstance(array, Fill) and isinstance(statement, Let | Fill):
                read = Read(array.name, tuple(map(Var, array.index)))
                if not isinstance(array.value, Const | Read):
                    value = exchanged(statement.value, array.value, read)
                    statement = replace(statement, value=value)
        result.append(statement)
    return tuple(result)


def _statement(statement: Statement, context: Context) -> Statement:
    match statement:
        case Let(name, value):
            return Let(name, shortened(value, context))
        case Fill(name, index, sizes, value):
            ranges = {**context.ranges, **{k: Interval(0, inf) for k in index}}
            value = shortened(value, replace(context, ranges=ranges))
            if len(index) == 1 and isinstance(sizes[0], Size):
                listed = Total(index[0], Const(0), sizes[0], Call("list", (value,)))
                whole = rewritten(listed, context, _LISTS)
                if whole is not None:
                    return Let(name, whole)
            return replace(statement, value=value)
        case _:
            return statement


def _used(body: tuple[Statement, ...], output: str) -> tuple[Statement, ...]:
    """The statements without arrays that nothing reads any more."""
    read: set[str] = {output}
    kept: list[Statement] = []
    for statement in reversed(body):
        if statement.name in read or not isinstance(statement, Let | Fill):
            kept.append(statement)
            read |= _names(statement.value) if isinstance(statement, Let | Fill) else set()
    return tuple(reversed(kept))


def _names(expr: Expr) -> set[str]:
    own = {expr.port} if isinstance(expr, Read) else {expr.name} if isinstance(expr, Var) else set()
    return own.union(*map(_names, children(expr)))


def shortened(expr: Expr, context: Context) -> Expr:
    expr = _inner_first(expr, context)
    return split(_with_windows(expr, context), context)


def _with_windows(expr: Expr, context: Context) -> Expr:
    """Conditions on the numbers around a place, by the table of all that can stand there."""
    shorter = decided(expr, context)
    if shorter is not None:
        return _inner_first(shorter, context)
    rebuilt = mapped(expr, lambda part: _with_windows(part, context))
    return rebuilt if rebuilt == expr else _fixed(rebuilt, context)


def _inner_first(expr: Expr, context: Context) -> Expr:
    inner = context
    if isinstance(expr, Total | First):
        ranges = {**context.ranges, expr.name: Interval(0, inf)}
        inner = replace(context, ranges=ranges)
    if isinstance(expr, First) and (ahead := _turned_round(expr)) is not None:
        # the last item is found like the first one, from the end
        parts = tuple(_inner_first(child, inner) for child in children(ahead))
        end = mirrored(expr.name, expr.stop)
        condition, value = (replaced(part, expr.name, end) for part in parts[2:])
        return _fixed(First(expr.name, expr.start, expr.stop, condition, value), inner)
    return _fixed(mapped(expr, lambda part: _inner_first(part, inner)), inner)


def _turned_round(expr: First) -> First | None:
    """The search with every ``n - 1 - i`` as ``i``; None where it reads anything else."""
    end, hole = mirrored(expr.name, expr.stop), Var("*end*")
    condition, value = (exchanged(part, end, hole) for part in (expr.condition, expr.value))
    if uses(condition, expr.name) or uses(value, expr.name) or condition == expr.condition:
        return None
    here = Var(expr.name)
    condition, value = (exchanged(part, hole, here) for part in (condition, value))
    return First(expr.name, expr.start, expr.stop, condition, value)


def _fixed(expr: Expr, context: Context, rounds: int = _ROUNDS) -> Expr:
    changed = _step(expr, context)
    if changed is None or not rounds:
        return expr
    again = mapped(changed, lambda part: _inner_first(part, context))
    return _fixed(again, context, rounds - 1)


def _step(expr: Expr, context: Context) -> Expr | None:
    """The expression after one law, None where none applies."""
    for law in (_logic, _compared, _rank, _summed):
        changed = law(expr, context)
        if changed is not None and changed != expr:
            return changed
    return rewritten(expr, context, _LAWS)


def _logic(expr: Expr, context: Context) -> Expr | None:
    if (changed := rewritten(expr, context, _LOGIC)) is not None:
        return changed
    match expr:
        case Call("not", (Call(op) as inner,)) if op in ("not", "int") or OPERATIONS[op].opposite:
            return negation(inner)  # not x == y -> x != y
        case Call("and" | "or" as op, args):
            return _joined(op, args)
        case Call("mul", args) if len(rest := counting("mul", args)) < len(args):  # 1 * x -> x
            return (*rest, Const(1))[0] if len(rest) < 2 else Call("mul", rest)
        case _:
            return None


def _joined(op: str, args: tuple[Expr, ...]) -> Expr | None:
    """``p and p -> p``, ``int(p) and q -> p and q``, and what the rows say of 0 and 1."""
    pieces: list[Expr] = []
    for arg in args:
        while isinstance(arg, Call) and arg.op == "int":
            arg = arg.args[0]
        inner = arg.args if isinstance(arg, Call) and arg.op == op else (arg,)
        pieces += inner
    parts = counting(op, dict.fromkeys(pieces))
    if parts == args:
        return None
    if not parts:
        return Const(OPERATIONS[op].neutral or 0)
    if len(parts) == 1:
        bare = is_truth(parts[0]) or isinstance(parts[0], Const)
        return parts[0] if bare else Call("ne", (parts[0], Const(0)))
    return Call(op, parts)


def _compared(expr: Expr, context: Context) -> Expr | None:
    """Comparisons of sums in their shortest form, those of one sum in one."""
    match expr:
        case Call("or", args):
            return _united(args, context)
        case Call("between" | "ge" | "gt" | "le" | "lt" | "eq" | "ne", args):
            if any(map(_is_whole, args)) or all(isinstance(arg, Read) for arg in args):
                return None
            test = test_of(expr, context)
            return None if test is None else _bit_test(test, context) or test_expr(test)
        case _:
            return None


def _is_whole(expr: Expr) -> bool:
    """Whether an expression is a whole line or array, or what was found of one."""
    match expr:
        case Call("reversed" | "maximum" | "minimum" | "distinct", _):
            return True
        case Call("item", (Var(), _)) | Call("eq" | "ne" | "same" | "differ", _):
            return True
        case _:
            return False


def _bit_test(test: Test, context: Context) -> Expr | None:
    """``b >= 1 -> b`` and ``b == 0 -> not b`` for truths written as numbers."""
    if len(test.form.terms) != 1 or len(test.spans) != 1:
        return None
    ((term, weight),) = test.form.terms.items()
    if weight != 1 or not context.is_bit(term):
        return None
    low, high = test.spans[0]
    holds = tuple(value for value in (0, 1) if low <= value <= high)
    match term:
        case Call("int", (inner,)):
            truth, opposite = inner, negation(inner)
        case _:
            truth, opposite = Call("ne", (term, Const(0))), Call("not", (term,))
    return {(): Const(0), (0, 1): Const(1), (1,): truth, (0,): opposite}[holds]


def _united(args: tuple[Expr, ...], context: Context) -> Expr | None:
    """``f <= -1 or f >= 1 -> f != 0``: tests of one sum as one test."""
    tests = [None if any(map(_is_whole, children(arg))) else test_of(arg, context) for arg in args]
    for k, one in enumerate(tests):
        for m in range(k):
            other = tests[m]
            if one is None or other is None or dict(one.form.terms) != dict(other.form.terms):
                continue
            both = Test(one.form, united((*one.spans, *other.spans)))
            merged = _bit_test(both, context) or test_expr(both)
            rest = [arg for n, arg in enumerate(args) if n not in (k, m)]
            if not rest:
                return merged
            return Call("or", (merged, *rest))
    return None


def _rank(expr: Expr, context: Context) -> Expr | None:
    """Of the places of numbers in order there is exactly one for each rank."""
    if not isinstance(expr, First):
        return None
    test = test_of(expr.condition, context)
    condition = None if test is None else rank_test(test, expr.name, context)
    if condition is None or condition == expr.condition:
        return None
    changed = First(expr.name, expr.start, expr.stop, condition, expr.value)
    return rewritten(changed, context, _RANKS)


def _summed(expr: Expr, context: Context) -> Expr | None:
    """Sums in their shortest form."""
    match expr:
        case Call("add" | "mul", _):
            form = fewest(form_of(expr), context)
            return expr_of(form) if form != form_of(expr) or not form.terms else None
        case _:
            return None
