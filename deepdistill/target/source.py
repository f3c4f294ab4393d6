"""Program → Source: the solver module, laid out by a template and black."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .. import __version__
from ..ir.expr import Expr
from ..ir.program import Map, Program, Scan
from ..ir.resources import resource_folder
from ..ir.types import Axis, Port
from .body import function_body
from .lower import Lowering
from .words import describe

LINE_LENGTH = 88


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a program comes from, told in its docstring and tested beside it.

    ``learned_from`` completes "Learned from …" and is empty for a network from elsewhere;
    ``checked`` are sentences; ``examples`` are a few small recorded pairs: the arguments of the
    solver, as nested lists, and its answer. ``training_shape`` is a size that was learned from.
    """

    learned_from: str
    checked: tuple[str, ...] = ()
    examples: tuple[tuple[tuple[Any, ...], Any], ...] = ()
    training_shape: tuple[int, ...] = ()
    version: str = __version__


def expression(expr: Expr, program: Program) -> str:
    """The Python text of an expression as it stands in the innermost loop of a program."""
    lowering = Lowering(program)
    for statement in program.body:
        if isinstance(statement, Map):
            for axis, name in enumerate(statement.index):
                lowering.bind_index(name, statement.like, axis)
            for let in statement.body:
                lowering.bind(let.name, let.value)
                lowering.known.clear()  # print the expression itself, not the name of its value
    return lowering.source(expr)


def solver(program: Program, provenance: Provenance) -> str:
    """The source of the solver module."""
    lowering = Lowering(program)
    body = function_body(program, lowering)
    layout, pairs = module_layout(program, lowering, body), _same_shape(program)
    return render(
        "solver.py.j2",
        layout
        | {
            "summary": docstring(describe(program) + spelling(program)),
            "origin": origin(provenance),
            "purpose": docstring(_purpose(program)),
            "same_shape": pairs,
            "shapes": layout["shapes"] or bool(pairs),
        }
        | (_of_steps(program) if _has_steps(program) else {}),
    )


def _has_steps(program: Program) -> bool:
    return program.inputs[0].axes[0].kind == "sequence"


def _of_steps(program: Program) -> dict[str, bool]:
    """What else the template needs to know of a program that answers step by step."""
    return {
        "shapes": False,  # the channels of an element are checked by their fixed number
        "may_be_empty": True,
        "narrow": True,  # rows of few channels: many short ones are better put into one list
        "may_be_tuples": all(isinstance(statement, Scan) for statement in program.body),
    }


_TRIED_ONE_BY_ONE = 2**16  # Python looks for a float in a range so; 0.5 must not take minutes
_FEW = 1000  # of so many different numbers a set is made quicker than the least and largest found


def module_layout(program: Program, lowering: Lowering, body: Sequence[str]) -> dict[str, Any]:
    """What the template of solver modules needs to know of any program.

    A caller adds ``summary``, ``origin`` and ``purpose``.
    """
    names = [port.name for port in program.inputs]
    arguments = ", ".join(names)
    spelt = any(port.symbols for port in (*program.inputs, program.output))
    check = _spelt_check if spelt else check_call
    domains = [port.domain for port in program.inputs]
    return {
        "name": program.name,
        "arguments": arguments,
        "usage": (
            f"From Python: `{program.name}({arguments})`.",
            "From a shell: `python solver.py < input.json`.",
        ),
        "constants": list(lowering.constants.items()),
        "body": body,
        "ports": [{"name": port.name, "check": check(port)} for port in program.inputs],
        "spelt": spelt,
        "answer_symbols": program.output.symbols,
        "names": names,
        "same_shape": [],
        "shapes": any(len(port.axes) > 1 for port in program.inputs),
        "wide": any(len(domain) > _TRIED_ONE_BY_ONE for domain in domains),
        "nested": any(len(port.axes) > 1 for port in program.inputs),
        "are_bytes": all(domain.low >= 0 and domain.high < 256 for domain in domains),
        "are_few": all(len(domain) <= _FEW for domain in domains),
        "any_fixed": any(axis.size for port in program.inputs for axis in port.axes),
    }


def check_call(port: Port) -> str:
    sizes = tuple(axis.size for axis in port.axes)
    low, high = port.domain.low, port.domain.high
    return f'_integers("{port.name}", {port.name}, {sizes}, {low}, {high})'


def _spelt_check(port: Port) -> str:
    """The same in a module where some states have symbols."""
    sizes = tuple(axis.size for axis in port.axes)
    low, high = port.domain.low, port.domain.high
    values = port.symbols or f"range({low}, {high + 1})"
    return f'_integers("{port.name}", {port.name}, {sizes}, {values})'


def spelling(program: Program) -> str:
    """What stands for the states that the rest of a docstring counts from 0."""
    ports = (*program.inputs, program.output)
    symbols = {port.symbols for port in ports}
    told = []
    for port in ports[-1:] if len(symbols) == 1 else ports:
        if port.symbols:
            of = f" of `{port.name}`" if port is not program.output else " of the answer"
            states = f"states 0 to {port.domain.high}{of if len(symbols) > 1 else ''}"
            told.append(f"the {states} are written {', '.join(map(str, port.symbols))}")
    text = "; ".join(told)
    return f" {text[:1].upper()}{text[1:]}." if text else ""


def _same_shape(program: Program) -> list[tuple[str, str]]:
    """Pairs of ports, the first one of its axes and a later one, that must agree in size."""
    first: dict[tuple[Axis, ...], Port] = {}
    pairs = []
    for port in program.inputs:
        if not port.is_fixed:
            leader = first.setdefault(port.axes, port)
            pairs += [(leader.name, port.name)] if leader is not port else []
    return pairs


def _purpose(program: Program) -> str:
    """What the function returns."""
    name, depth, last = program.inputs[0].name, len(program.output.axes), program.body[-1]
    if _has_steps(program):
        return f"Return one answer for each element of `{name}`."
    if isinstance(last, Map):
        what = {1: "list", 2: "grid"}.get(depth, "array")
        return f"Return the new {what}, of the same size as `{last.like}`."
    what = {0: "number", 1: "list of numbers"}.get(depth, "lists of numbers")
    return f"Return the {what} for `{name}`."


def origin(provenance: Provenance) -> list[str]:
    """Where the solver comes from, and one item for each thing that was checked."""
    learned = f"Learned by deepdistill {provenance.version} from {provenance.learned_from}."
    if not provenance.checked:
        return [docstring(learned)]
    checks = [docstring(f"- {sentence}", hanging="  ") for sentence in provenance.checked]
    return [docstring(f"{learned} Checked:"), *checks]


def docstring(text: str, hanging: str = "") -> str:
    """Text that can stand between triple quotes: wrapped, without quotes or control characters."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    escaped = plain.replace("\\", "\\\\").replace('"', "'")
    return textwrap.fill(
        escaped,
        LINE_LENGTH - 4,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_folder("templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def render(template: str, values: Mapping[str, Any], formatted: bool = True) -> str:
    """The filled template, formatted by black."""
    from black import format_str
    from black.mode import Mode, TargetVersion

    source: str = _environment().get_template(template).render(values)
    if not formatted:
        return source
    mode = Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH)
    return format_str(source, mode=mode)
