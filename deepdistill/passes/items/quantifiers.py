"""Whether something holds somewhere, taken apart: at the ends, in a row, in the whole."""

from __future__ import annotations

from ...ir.expr import Call, Const, Expr, Read, Total, Var, is_truth, size
from ...ir.rewrite import mapped
from .context import Context, some
from .laws import ENDS, by_root, rewritten

_MOST_CASES = 12
_ENDS = by_root(ENDS)


def split(expr: Expr, context: Context) -> Expr:
    """Questions over all places asked at the ends only, where that is shorter."""
    expr = mapped(expr, lambda part: split(part, context))
    match expr:
        case Call("ge", (Total() as total, Const(1))):
            pieces = _split(total, context)
            return pieces if pieces is not None and size(pieces) < 2 * size(expr) else expr
        case Call("eq", (Total() as total, Const(0))):
            pieces = _split(total, context)
            if pieces is not None and size(pieces) < 2 * size(expr):
                return Call("not", (pieces,))
            return expr
        case _:
            return expr


def _split(total: Total, context: Context) -> Expr | None:
    """The question as several shorter ones; None where some of them still asks all places."""
    spans: list[Total] = []
    body: Expr = total
    while isinstance(body, Total):
        spans.append(body)
        body = _truth(body.body)
        match body:
            case Call("ge", (Total() as inner, Const(1))):
                body = inner
    cases = _cases(body)
    if len(cases) < 2 or len(cases) > _MOST_CASES:
        return None
    questions: list[tuple[Expr, tuple[Total, ...]]] = []
    for case in cases:
        question, left = case[0] if len(case) == 1 else Call("and", case), len(spans)
        for span in reversed(spans):
            question = _question(span, question)
        while (shorter := _at_an_end(question, left, context)) is not None:
            question, left = shorter, left - 1
        if left == len(spans):
            return None
        questions.append(_parted(question, left))
    return _requested(questions)


def _question(span: Total, condition: Expr) -> Expr:
    return some(Total(span.name, span.start, span.stop, Call("int", (condition,))))


def _at_an_end(question: Expr, depth: int, context: Context) -> Expr | None:
    """The question with one of so many loops less, the innermost that only an end answers."""
    match question:
        case Call("ge", (Total(body=Call("int", (inner,))) as span, Const(1))) if depth:
            body = _at_an_end(inner, depth - 1, context)
            return rewritten(question, context, _ENDS) if body is None else _question(span, body)
        case _:
            return None


def _parted(question: Expr, depth: int) -> tuple[Expr, tuple[Total, ...]]:
    """The condition and the loops that are left, the innermost first."""
    spans: list[Total] = []
    for _ in range(depth):
        match question:
            case Call("ge", (Total(body=Call("int", (inner,))) as span, Const(1))):
                spans.append(span)
                question = inner
    return question, tuple(reversed(spans))


def _truth(expr: Expr) -> Expr:
    return expr.args[0] if isinstance(expr, Call) and expr.op == "int" else expr


def _cases(expr: Expr) -> list[tuple[Expr, ...]]:
    """The conjunctions of which one must hold."""
    match _truth(expr):
        case Call("or", args):
            return [case for arg in args for case in _cases(arg)]
        case Call("and", args):
            cases: list[tuple[Expr, ...]] = [()]
            for arg in args:
                cases = [(*case, *more) for case in cases for more in _cases(arg)]
            return cases
        case plain:
            return [(plain,)]


def _requested(questions: list[tuple[Expr, tuple[Total, ...]]]) -> Expr:
    # some(p) or some(q) -> some(p or q), but for whole rows
    grouped: dict[object, tuple[list[Expr], tuple[Total, ...]]] = {}
    for k, (inner, spans) in enumerate(questions):
        bare = _bare(inner)
        line = isinstance(bare, Read) and spans and bare.index[-1] == Var(spans[0].name)
        key: object = k if line else tuple((s.name, s.start, s.stop) for s in spans)
        grouped.setdefault(key, ([], spans))[0].append(inner)
    parts = []
    for tests, spans in grouped.values():
        inner = tests[0] if len(tests) == 1 else Call("or", tuple(tests))
        for span in spans:
            inner = some(Total(span.name, span.start, span.stop, Call("int", (_as_truth(inner),))))
        parts.append(_as_truth(inner))
    return parts[0] if len(parts) == 1 else Call("or", tuple(parts))


def _bare(expr: Expr) -> Expr:
    match expr:
        case Call("ne", (inner, Const(0))):
            return inner
        case _:
            return expr


def _as_truth(expr: Expr) -> Expr:
    return expr if is_truth(expr) else Call("ne", (expr, Const(0)))
