"""Program → Source: the solver module and its property test, laid out by templates and black."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .. import __version__
from ..ir.alphabet import written
from ..ir.expr import Call, Expr, walk
from ..ir.notation import Function
from ..ir.ops import OPERATIONS
from ..ir.program import Map, Program, expressions
from ..ir.resources import resource_folder
from ..ir.spec import LISTS, QUICK
from ..ir.types import Axis, Port
from .body import function_body
from .layout import formatted
from .lower import Lowering
from .pieces import piece
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
    return described_solver(program, provenance, _purpose(program))


def described_solver(
    program: Program,
    provenance: Provenance,
    purpose: str,
    quick: Program | None = None,
    **needs: bool,
) -> str:
    """The source of a module that tells of ``program``; its body is ``quick``'s where one is given.

    ``purpose`` is what its function does, ``needs`` are entries of :func:`module_layout` that are
    otherwise for this form.
    """
    printed = quick or program
    lowering = Lowering(printed)
    layout = module_layout(printed, lowering, function_body(printed, lowering))
    fields = {
        "summary": docstring(describe(program) + spelling(program)),
        "origin": origin(provenance),
        "purpose": docstring(purpose),
    }
    return solver_module(layout | fields | needs)


_MODULES = ("bisect", "itertools", "math")  # that some operations are written with
_TRIED_ONE_BY_ONE = 2**16  # Python looks for a float in a range so; 0.5 must not take minutes
_FEW = 1000  # of so many different numbers a set is made quicker than the least and largest found


def module_layout(program: Program, lowering: Lowering, body: Sequence[str]) -> dict[str, Any]:
    """What a solver module of any program is made of: its text, and what its check needs.

    A caller adds ``summary``, ``origin`` and ``purpose``.
    """
    names = [port.name for port in program.inputs]
    arguments = ", ".join(names)
    spelt = any(port.symbols for port in (*program.inputs, program.output))
    check = _spelt_check if spelt else check_call
    domains = [port.domain for port in program.inputs]
    same = _same_shape(program)
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
        "same_shape": same,
        "shapes": bool(same) or any(len(port.axes) > 1 for port in program.inputs),
        "wide": any(len(domain) > _TRIED_ONE_BY_ONE for domain in domains),
        "nested": any(len(port.axes) > 1 for port in program.inputs),
        "are_bytes": all(domain.low >= 0 and domain.high < 256 for domain in domains),
        "are_few": all(len(domain) <= _FEW for domain in domains),
        "any_fixed": any(axis.size for port in program.inputs for axis in port.axes),
        "narrow": False,
        "may_be_tuples": False,
        "may_be_empty": False,
        "refusals": [],
        "imports": sorted({"json", "sys", *used_modules(body)}),
        "algorithms": algorithms(program),
        "helpers": [],
    }


def solver_module(layout: Mapping[str, Any], black: bool = True) -> str:
    """The text of a solver module whose layout is ``module_layout`` and what its caller adds."""
    several = len(layout["names"]) > 1
    pieces = {
        "arrays": piece(
            "solver.arrays",
            known=check_needs(layout),
            without=("low", "high") if layout["spelt"] else ("values",),
        ),
        "shell": piece(
            "solver.shell", {"names": repr(layout["names"])}, known={"SEVERAL": several}
        ),
        "numbers": piece("solver.numbers"),
    }
    return render("solver.py.j2", {**layout, **pieces}, black)


def check_needs(layout: Mapping[str, Any]) -> dict[str, bool]:
    """What ``solver.arrays`` needs for the check of a module."""
    return {
        "NESTED": layout["nested"],
        "BY_ROWS": not layout["narrow"],
        "ANY_FIXED": layout["any_fixed"],
        "SHAPED": layout["shapes"],
        "TUPLES": layout["may_be_tuples"],
        "EMPTY": layout["may_be_empty"],
        "SPELT": layout["spelt"],
        "BYTES": layout["are_bytes"],
        "FEW": layout["are_few"],
        "WIDE": layout["wide"],
    }


def used_modules(body: Sequence[str]) -> list[str]:
    """The modules that some operations are written with."""
    return [module for module in _MODULES if f"{module}." in "\n".join(body)]


def algorithms(program: Program) -> list[str]:
    """The functions of their own that a solver needs for operations of its program."""
    values = [value for statement in program.body for value in expressions(statement)]
    operations = {e.op for value in values for e in walk(value) if isinstance(e, Call)}
    known = operations & (QUICK | LISTS)
    own = sorted(op for op in known if OPERATIONS[op].python == Function(f"_{op}"))
    return [piece(f"algorithms.{op}").definitions for op in own]


def solver_test(program: Program, provenance: Provenance, radius: int) -> str:
    """The source of the property test that lands beside the solver."""
    first = program.inputs[0]
    grids = [port for port in program.inputs if not port.is_fixed]
    shifts = tuple(
        k
        for k in range(len(first.axes))
        if grids and all(k < len(port.axes) and port.axes[k].wrap for port in grids)
    )
    factor = 10 if len(first.axes) < 3 else 3
    return render(
        "test_solver.py.j2",
        {
            "ports": tuple(
                (
                    port.name,
                    tuple(axis.size for axis in port.axes),
                    port.domain.low,
                    port.domain.high,
                )
                for port in program.inputs
            ),
            "axes": tuple(map(_kind, first.axes)),
            "trained": tuple(map(int, provenance.training_shape)),
            "largest": tuple(factor * int(size) for size in provenance.training_shape),
            "radius": int(radius),
            "low": program.output.domain.low,
            "high": program.output.domain.high,
            "examples": tuple(
                (
                    tuple(
                        written(port, integers(array))
                        for port, array in zip(program.inputs, inputs, strict=True)
                    ),
                    written(program.output, integers(output)),
                )
                for inputs, output in provenance.examples
            ),
            "shifts": shifts,
            "local": not first.is_fixed,
            "spelt": any(port.symbols for port in (*program.inputs, program.output)),
            "symbols": {
                port.name: tuple(port.written) for port in (*program.inputs, program.output)
            },
            "answer": program.output.name,
            "shaped": tuple(
                k
                for k, port in enumerate(program.inputs)
                if len(port.axes) > 1 or port.is_fixed or len(grids) > 1
            ),
        },
    )


def _kind(axis: Axis) -> str:
    return "fixed" if axis.kind == "fixed" else "wrap" if axis.wrap else "bounded"


def integers(nested: Any) -> Any:
    """Nested lists of plain integers, whatever the sequences and numbers were."""
    if hasattr(nested, "__len__"):
        return [integers(part) for part in nested]
    return int(nested)


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
    sentences = []
    for port in ports[-1:] if len(symbols) == 1 else ports:
        if port.symbols:
            of = f" of `{port.name}`" if port is not program.output else " of the answer"
            states = f"states 0 to {port.domain.high}{of if len(symbols) > 1 else ''}"
            sentences.append(f"the {states} are written {', '.join(map(str, port.symbols))}")
    text = "; ".join(sentences)
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
    for statement in program.body:
        if isinstance(statement, Map) and statement.name == program.output.name:
            what = {1: "list", 2: "grid"}.get(len(statement.index), "array")
            return f"Return the new {what}, of the same size as `{statement.like}`."
    return "Return the answer."


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
def environment(*, escaped: bool) -> Any:
    """The templates; in pages every value is ``escaped`` unless it is marked as HTML."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_folder("templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=escaped,
    )


def render(template: str, values: Mapping[str, Any], black: bool = True) -> str:
    """The filled template, formatted by ``black``."""
    source: str = environment(escaped=False).get_template(template).render(values)
    return formatted(source, LINE_LENGTH) if black else source
