"""Pieces of solvers: what is the same in many of them is Python of this package, read as text.

A piece is a module that imports nothing but the standard library and other pieces, so that it is
linted, typed and tested as it stands. A solver holds its text without types, docstring and imports,
with what was found set in by the tree, in the layout that a template gives it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .python import names_in

_Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class SolverPiece:
    """The text of a module: its constants, and the functions and classes with their comments."""

    constants: str
    definitions: str
    imports: tuple[tuple[str, str], ...]  # module, and name taken from it; "" for the module itself


def piece(
    module: str,
    values: Mapping[str, str] | None = None,
    bodies: Mapping[str, Sequence[str]] | None = None,
    names: Mapping[str, str] | None = None,
) -> SolverPiece:
    """The text of ``module`` (its name below ``deepdistill.target``) as it stands in a solver.

    ``values`` are what constants are there, ``bodies`` the lines of what functions do, ``names``
    what functions are called. Raises :class:`KeyError` for one that the module does not define.
    """
    text = _untyped(module)
    tree = ast.parse(text)
    constants, functions, called = dict(values or {}), dict(bodies or {}), dict(names or {})
    edits: list[_Edit] = []
    for node in tree.body:
        match node:
            case ast.Assign([ast.Name(name)], value) if name in constants:
                edits.append((*_span(text, value), constants.pop(name)))
            case ast.FunctionDef(name, body=[first, *rest]):
                start, end = _span(text, node)
                if name in functions:
                    first = rest[0] if ast.get_docstring(node) else first
                    edits.append((_span(text, first)[0], end, "\n    ".join(functions.pop(name))))
                if name in called:
                    start += len("def ")
                    edits.append((start, start + len(name), called.pop(name)))
    if missing := [*constants, *functions, *called]:
        raise KeyError(f"{module} does not define {', '.join(missing)}")
    return _parted(_edited(text, edits))


def import_lines(pieces: Iterable[SolverPiece], more: str = "") -> str:
    """The imports that a module of these pieces, and the text ``more``, needs."""
    parts = list(pieces)
    used = names_in(ast.parse("\n".join([part.definitions for part in parts] + [more])))
    found: dict[str, set[str]] = {}
    for module, name in (taken for part in parts for taken in part.imports):
        if (name or module) in used:
            found.setdefault(module, set()).add(name)
    whole = [f"import {module}" for module in sorted(found) if "" in found[module]]
    taken = {module: sorted(names - {""}) for module, names in sorted(found.items())}
    return "\n".join(
        [*whole, *(f"from {module} import {', '.join(n)}" for module, n in taken.items() if n)]
    )


@cache
def _untyped(module: str) -> str:
    """The source of a module without its types."""
    path = files(__package__).joinpath(f"{module.replace('.', '/')}.py")
    text = path.read_text(encoding="utf-8")
    if not text.isascii():  # positions are counted in bytes
        raise ValueError(f"{module} holds other letters than those of ASCII")
    return _edited(text, _types(text, ast.parse(text)))


def _types(text: str, tree: ast.Module) -> Iterator[_Edit]:
    for node in ast.walk(tree):
        match node:
            case ast.arg(name, ast.expr() as annotation):
                yield _span(text, node)[0] + len(name), _span(text, annotation)[1], ""
            case ast.FunctionDef(args=arguments, returns=ast.expr() as returned):
                arrow = text.rindex("->", 0, _span(text, returned)[0])
                yield arrow, _span(text, returned)[1], ""
                parts = [*ast.iter_child_nodes(arguments)]
                comma = text.find(",", max(_span(text, part)[1] for part in parts or [node]), arrow)
                if comma >= 0:  # black would go on writing an argument a line
                    yield comma, comma + 1, ""
            case ast.AnnAssign(value=None):
                start, end = _span(text, node)
                yield text.rindex("\n", 0, start), end, ""
            case ast.AnnAssign(target, annotation):
                yield _span(text, target)[1], _span(text, annotation)[1], ""


def _parted(text: str) -> SolverPiece:
    """Imports, constants and the rest; a comment belongs to what it stands above."""
    imports: list[tuple[str, str]] = []
    parts: dict[bool, list[str]] = {True: [], False: []}
    before = 0
    for node in ast.parse(text).body:
        end = _span(text, node)[1]
        end += len(text[end:].split("\n", 1)[0])  # with a comment on its last line
        above, before = text[before:end], end
        match node:
            case ast.Import(aliases):
                imports += [(alias.name, "") for alias in aliases]
            case ast.ImportFrom(str(module), aliases, 0) if module != "__future__":
                imports += [(module, alias.name) for alias in aliases]
            case ast.ImportFrom() | ast.Expr():
                pass
            case _:
                parts[isinstance(node, ast.Assign)].append(above.strip("\n"))
    return SolverPiece("\n".join(parts[True]), "\n\n\n".join(parts[False]), tuple(imports))


def _span(text: str, node: ast.AST) -> tuple[int, int]:
    """Where a node of a text in ASCII begins and ends."""
    lines = _starts(text)
    start, end = (
        lines[getattr(node, f"{side}lineno") - 1] + getattr(node, f"{side}col_offset")
        for side in ("", "end_")
    )
    return start, end


@cache
def _starts(text: str) -> tuple[int, ...]:
    """Where the lines of a text begin."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return tuple(starts)


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
