"""Programs of inputs of any lengths → Source: the solver module and the test beside it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from ..ir.program import Program
from ..ir.types import Port
from .body import function_block
from .counting import counted
from .failing import failures, least_lengths
from .pair_words import PairLowering, PairNouns
from .pieces import piece
from .python import built, lines, names_in
from .source import Provenance, algorithms, docstring, origin, render, used_modules
from .spelt import spelt
from .texts import as_texts
from .words import describe


def composed_solver(
    program: Program,
    provenance: Provenance,
    empty: frozenset[str] = frozenset(),
    open_texts: Sequence[str] = (),
) -> str:
    """The source of the solver module; texts and names of classes are taken and given as such.

    The pictures ``empty`` may have no cells, ``open_texts`` any characters.
    """
    printed = spelt(program).program
    codes = printed is program  # what has symbols is written as their places, inside
    printed = counted(printed)
    lowering = PairLowering(printed)
    lowering.empty = empty
    statements = function_block(printed, lowering)
    own = [port.name for port in program.inputs if _is_text(port) and not codes]
    if program.output.symbols or own:  # trees may be shared with other programs
        statements = deepcopy(statements)
    if program.output.symbols and codes:
        statements = _each_return(statements, _symbols_of(program.output))
    elif _is_text(program.output):
        statements = _each_return(statements, '"".join({})')
    statements, texts = as_texts(statements, own)
    body = lines(statements)
    least = least_lengths(program)
    checks = [
        _check(port, codes, port.name in open_texts, port.name in texts) for port in program.inputs
    ]
    names = [port.name for port in program.inputs]
    arguments = ", ".join(names)
    return render(
        "composed.py.j2",
        {
            "summary": docstring(describe(printed, PairNouns)),
            "origin": origin(provenance),
            "purpose": docstring(_purpose(program)),
            "usage": (
                f"From Python: `{program.name}({arguments})`.",
                "From a shell: `python solver.py < input.json`.",
            ),
            "imports": sorted({"json", "sys", *used_modules(body)}),
            "constants": list(lowering.constants.items()),
            "name": program.name,
            "arguments": arguments,
            "ports": [
                {"name": name, "check": text} for name, text in zip(names, checks, strict=True)
            ],
            "guarded": "" if least is not None else ", ".join(failures(program)),
            "refusals": [_too_short(program.port(name), n) for name, n in (least or {}).items()],
            "body": body,
            "parts": [
                *(_used(algorithms(printed), body)),
                *_checks(checks, bool(empty)),
                *_shell(names),
            ],
        },
    )


def _is_text(port: Port) -> bool:
    return port.is_text and bool(port.axes)


def _each_return(statements: Sequence[ast.stmt], template: str) -> list[ast.stmt]:
    """The statements with another answer made of each one."""
    made = list(statements)
    for statement in made:
        for node in ast.walk(statement):
            if isinstance(node, ast.Return) and node.value is not None:
                value = node.value
                if isinstance(value, ast.ListComp) and template.startswith('"'):
                    value = ast.GeneratorExp(value.elt, value.generators)
                node.value = built(template, value)
    return made


def _symbols_of(port: Port) -> str:
    """What gives the symbols in the place of their numbers."""
    symbols = repr(port.symbols).replace("{", "{{").replace("}", "}}")
    match len(port.axes):
        case 0:
            return f"{symbols}[{{}}]"
        case 1:
            each = f"{symbols}[place] for place in {{}}"
            return f'"".join({each})' if port.is_text else f"[{each}]"
        case _:
            return f"[[{symbols}[place] for place in row] for row in {{}}]"


def _check(port: Port, codes: bool, is_open: bool, stays: bool) -> str:
    """The call that checks an argument; a text that does not stay one becomes its characters."""
    depth, low, high = len(port.axes), port.domain.low, port.domain.high
    if not port.symbols:
        kind = ("_number", "_numbers", "_picture")[depth]
        return f'{kind}("{port.name}", {port.name}, {low}, {high})'
    if is_open and not codes:
        call = f'_text("{port.name}", {port.name})'
        return call if stays else f"list({call})"
    known: Any = "".join(map(str, port.symbols)) if _is_text(port) else port.symbols
    kind = "_letters" if _is_text(port) else ("_symbol", "_symbols", "_cells")[depth]
    call = f'{kind}("{port.name}", {port.name}, {known!r})'
    if not codes:
        return f"list({call})" if _is_text(port) and not stays else call
    place = f"{known!r}.index"
    each = (
        f"{place}({call})",
        f"list(map({place}, {call}))",
        f"[list(map({place}, row)) for row in {call}]",
    )
    return each[depth]


def _checks(calls: Sequence[str], empty: bool) -> list[str]:
    """The functions that check, each with those that it needs."""
    pieces = piece("solver.pairs", known={"EMPTY": empty})
    needed, left = {}, [name for call in calls for name in names_in(ast.parse(call))]
    while left:
        name = left.pop()
        if name in pieces.defined and name not in needed:
            needed[name] = pieces[name]
            left += names_in(ast.parse(pieces[name]))
    return [text for name, text in pieces.defined.items() if name in needed]


def _used(functions: Sequence[str], body: Sequence[str]) -> list[str]:
    """Those that are called; a pattern in a text is looked for by Python itself."""
    names = names_in(ast.parse("\n".join(body)))
    return [text for text in functions if text[4:].partition("(")[0] in names]


def _shell(names: Sequence[str]) -> list[str]:
    several = len(names) > 1
    shell = piece("solver.shell", {"names": repr(list(names))}, known={"SEVERAL": several})
    return [shell["_arguments"], shell["_main"]] if several else [shell["_main"]]


def _too_short(port: Port, least: int) -> tuple[str, str]:
    """What refuses an input for which there is no answer, and the reason."""
    if least == 1:
        return f"not {port.name}", f"there is no answer: {port.name} is empty"
    return (
        f"len({port.name}) < {least}",
        f"there is no answer: {port.name} has a length below {least}",
    )


_KINDS = {0: "number", 1: "list", 2: "picture"}


def _purpose(program: Program) -> str:
    output = program.output
    if output.symbols and not output.axes:
        words = " or ".join(map(repr, output.symbols))
        return f"Return {words}." if len(output.symbols) <= 4 else "Return the name of the class."
    what = "text" if _is_text(output) else _KINDS[len(output.axes)]
    return f"Return the {what}." if what == "number" else f"Return the new {what}."


def composed_test(
    program: Program, provenance: Provenance, longest: Sequence[Sequence[int]]
) -> str:
    """The source of the property test that lands beside the solver."""
    output = program.output
    return render(
        "test_composed.py.j2",
        {
            "ports": [
                (port.name, len(port.axes), _Text(_values(port)), _is_text(port))
                for port in program.inputs
            ],
            "output": (len(output.axes), tuple(output.symbols), _is_text(output)),
            "longest": max([n for sizes in longest for n in sizes], default=1),
            "examples": list(provenance.examples),
        },
    )


class _Text(str):
    """A text of Python's own that stands as it is in a list that is printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _values(port: Port) -> str:
    """What an input holds, as Python writes it."""
    if _is_text(port):
        return repr("".join(map(str, port.symbols)))
    if port.symbols:
        return repr(port.symbols)
    return f"range({port.domain.low}, {port.domain.high + 1})"
