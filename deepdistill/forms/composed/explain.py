"""Why a composed program answers as it does: its values, named or not, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from ...data.problem import InputError
from ...explain.arguments import answer_of, arguments_of, place_of
from ...explain.trace import At, Explanation, Step
from ...ir.evaluate import evaluate
from ...ir.expr import Call, Const, Expr, First, If, Listed, Read, Size, Total, Var, is_truth
from ...ir.program import Let, Program, Scan, Statement
from ...ir.types import Integers, Port
from ...target.pair_words import PairLowering
from ...target.spelt import Spelling, spelt
from ...units.composed import ComposedNetwork
from ..protocol import Solve
from .values import case_codes, same_answers

_LONGEST = 60
_PART = "part"  # a value without a name; statements are called otherwise
_ROWS = frozenset(["zip", "enumerate", "range", "list"])  # nothing to see beyond what is in them
_ANY = Integers(0, 0)


def explained_values(
    network: ComposedNetwork, program: Program, solve: Solve, given: Sequence[Any], at: At
) -> Explanation:
    """The named values for some arguments, which are those of ``solve``, and the answer.

    Raises :class:`InputError` for unusable arguments.
    """
    arguments = arguments_of(given, [port.name for port in program.inputs])
    answer = answer_of(solve, arguments)
    ports = zip(program.inputs, arguments, strict=True)
    case = {port.name: _listed(port, value) for port, value in ports}
    coding = case_codes(program.inputs, case, network.open)
    codes = coding.codes
    if not same_answers(coding.written(program.output, evaluate(program, codes)), answer):
        raise InputError("the program gives another answer than the solver, so it explains nothing")
    place, spelling = place_of(at), spelt(program)
    steps = [Step("input", p.name, a) for p, a in zip(program.inputs, arguments, strict=True)]
    for number, (statement, written) in enumerate(
        zip(program.body, spelling.program.body, strict=True)
    ):
        before = replace(program, body=program.body[:number])
        if isinstance(statement, Let):
            steps += [step for step in _parts(statement.value, before, codes) if step not in steps]
        through = replace(program, body=program.body[: number + 1])
        steps += _steps(statement, written, through, codes, spelling, program)
    index = f"[{', '.join(map(str, place))}]" if place else ""
    value = _at(answer, place, program.output)
    return Explanation(program.name, f"{program.output.name}{index}", value, (*steps,))


def _parts(expr: Expr, before: Program, codes: Any) -> Iterator[Step]:
    """The values inside an expression that are taken, each after its own parts."""

    def with_part(part: Expr) -> Program:
        return replace(before, body=(*before.body, Let(_PART, part)))

    @cache  # which branch is taken is asked of what is told as well
    def value_of(part: Expr) -> Any:
        return _value_of(_PART, with_part(part), codes)

    for part in _taken(expr, value_of):
        spelling = spelt(with_part(part))
        last = spelling.program.body[-1]
        assert isinstance(last, Let)
        text = PairLowering(spelling.program).source(last.value)
        if len(text) <= _LONGEST:
            value, truth = spelling.spelled(_PART, value_of(part)), is_truth(part)
            yield Step("condition" if truth else "value", text, bool(value) if truth else value)


def _taken(expr: Expr, value_of: Callable[[Expr], Any]) -> Iterator[Expr]:
    """What an expression is computed from, the branches that are not taken left out."""
    match expr:
        case If(condition, then, otherwise):
            yield from _each((condition,), value_of)
            yield from _each((then if value_of(condition) else otherwise,), value_of)
        case Call("and" | "or" as op, args):
            for arg in args:
                yield from _each((arg,), value_of)
                if bool(value_of(arg)) == (op == "or"):
                    break
        case Call(_, args):
            yield from _each(args, value_of)
        case Listed(_, over):
            yield from _each((over,), value_of)
        case Total(_, start, stop) | First(_, start, stop):
            yield from _each((start, stop), value_of)
        case _:
            return


def _each(exprs: Sequence[Expr], value_of: Callable[[Expr], Any]) -> Iterator[Expr]:
    for expr in exprs:
        yield from _taken(expr, value_of)
        plain = isinstance(expr, Const | Var | Read | Size | If)
        if not plain and not (isinstance(expr, Call) and expr.op in _ROWS):
            yield expr


def _names(statement: Statement) -> list[str]:
    """The names that a statement binds."""
    if isinstance(statement, Scan) and not statement.values:
        return [let.name for let in statement.state]
    return [statement.name]


def _steps(
    statement: Statement,
    written: Statement,
    before: Program,
    codes: Any,
    spelling: Spelling,
    program: Program,
) -> Iterator[Step]:
    """What a statement binds."""
    for name in _names(statement):
        if name == program.output.name:
            continue
        value = _value_of(name, before, codes)
        label, detail = name, ""
        if isinstance(statement, Scan):
            label = f"{name} after going through {statement.over}"
        elif isinstance(written, Let) and not isinstance(written.value, Const):
            text = PairLowering(spelling.program).source(written.value)
            detail = text if len(text) <= _LONGEST else ""
        yield Step("value", label, spelling.spelled(name, value), detail)


def _value_of(name: str, before: Program, codes: Any) -> Any:
    """The value of a name after the statements of a program."""
    return evaluate(Program(before.name, before.inputs, Port(name, (), _ANY), before.body), codes)


def _listed(port: Port, value: Any) -> Any:
    """The argument as nested lists of what its port holds."""
    if isinstance(value, list | tuple):
        return [_listed(port, part) for part in value]
    return value if port.symbols else int(value)


def _at(answer: Any, place: tuple[int, ...] | None, output: Port) -> Any:
    """An element of the answer; :class:`InputError` where there is none.

    An answer without axes has none, be it the name of a class.
    """
    if place is None:
        return answer
    if not output.axes:
        raise InputError("the answer is one value: leave out --at")
    if len(place) > len(output.axes):
        most = f"{len(output.axes)} ind{'ex' if len(output.axes) == 1 else 'ices'}"
        raise InputError(f"a place of the answer has {most}, so --at takes no {len(place)}")
    for k in place:
        if not 0 <= k < len(answer):
            raise InputError(f"the answer has no place {k}: it has {len(answer)} places")
        answer = answer[k]
    return answer
