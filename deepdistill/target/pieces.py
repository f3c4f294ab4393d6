"""Pieces of solvers: what is the same in many of them is Python of this package, read as text.

A piece is a module that imports nothing but the standard library and other pieces, so that it is
linted, typed and tested as it stands. A solver holds its text without types, docstring and imports,
with what was found set in by the tree, in the layout that a template gives it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from .python import names_in
from .specialised import Edit, Positions, edited, specialised

_SPACE = "\n\n\n"


@dataclass(frozen=True, slots=True)
class SolverPiece:
    """The text of a module: its constants, and by name what it defines, with their comments."""

    constants: str
    defined: Mapping[str, str]
    imports: tuple[tuple[str, str], ...]  # module, and name taken from it; "" for the module itself

    @property
    def definitions(self) -> str:
        return _SPACE.join(self.defined.values())

    def __getitem__(self, name: str) -> str:
        return self.defined[name]


def piece(
    module: str,
    values: Mapping[str, str] | None = None,
    bodies: Mapping[str, Sequence[str]] | None = None,
    names: Mapping[str, str] | None = None,
    known: Mapping[str, bool | int] | None = None,
    without: Collection[str] = (),
) -> SolverPiece:
    """The text of ``module`` (its name below ``deepdistill.target``) as it stands in a solver.

    ``values`` are what is given to names, ``bodies`` the lines of what functions do, ``names`` what
    functions are called, ``known`` the values of conditions and ``without`` parameters that are
    left out (see ``specialised``). Raises :class:`KeyError` for what the module does not define.
    """
    text = _special(module, tuple(sorted((known or {}).items())), tuple(without))
    set_in, written = _places(text)
    edits: list[Edit] = []
    missing: list[str] = []
    for name, value in (values or {}).items():
        if name in set_in:
            edits.append((*set_in[name], value))
        else:
            missing.append(name)
    for name, lines in (bodies or {}).items():
        if name in written:
            edits.append((*written[name].body, "\n    ".join(lines)))
        else:
            missing.append(name)
    for name, called in (names or {}).items():
        if name in written:
            edits.append((*written[name].name, called))
        else:
            missing.append(name)
    if missing:
        raise KeyError(f"{module} does not define {', '.join(missing)}")
    return _parted(edited(text, edits))


@dataclass(frozen=True, slots=True)
class _Function:
    """Where a function's name stands, and its body behind the docstring."""

    name: tuple[int, int]
    body: tuple[int, int]


@cache
def _places(text: str) -> tuple[Mapping[str, tuple[int, int]], Mapping[str, _Function]]:
    """Where names get their values, and functions: of each name the first."""
    at = Positions(text)
    given: dict[str, tuple[int, int]] = {}
    functions: dict[str, _Function] = {}
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Assign([ast.Name(name)], value):
                given.setdefault(name, at.span(value))
            case ast.FunctionDef(name, body=[first, *rest]):
                start, end = at.span(node)
                start += len("def ")
                first = rest[0] if rest and ast.get_docstring(node) else first
                own = _Function((start, start + len(name)), (at.span(first)[0], end))
                functions.setdefault(name, own)
    return given, functions


def import_lines(pieces: Iterable[SolverPiece]) -> str:
    """The imports that a module of these pieces needs."""
    parts = list(pieces)
    used = names_in(*(ast.parse(part.definitions) for part in parts))
    imports: dict[str, set[str]] = {}
    for module, name in (taken for part in parts for taken in part.imports):
        if (name or module) in used:
            imports.setdefault(module, set()).add(name)
    whole = [f"import {module}" for module in sorted(imports) if "" in imports[module]]
    taken = {module: sorted(names - {""}) for module, names in sorted(imports.items())}
    return "\n".join(
        [*whole, *(f"from {module} import {', '.join(n)}" for module, n in taken.items() if n)]
    )


@cache
def _special(
    module: str, known: tuple[tuple[str, bool | int], ...], without: tuple[str, ...]
) -> str:
    return specialised(_untyped(module), dict(known), without)


@cache
def _untyped(module: str) -> str:
    """The source of a module without its types."""
    path = files(__package__).joinpath(f"{module.replace('.', '/')}.py")
    text = path.read_text(encoding="utf-8")
    if not text.isascii():  # positions are counted in bytes
        raise ValueError(f"{module} holds other letters than those of ASCII")
    return edited(text, list(_types(text)))


def _types(text: str) -> Iterator[Edit]:
    at = Positions(text)
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.arg(name, ast.expr() as annotation):
                yield at.span(node)[0] + len(name), at.span(annotation)[1], ""
            case ast.FunctionDef(args=arguments, returns=ast.expr() as returned):
                arrow = text.rindex("->", 0, at.span(returned)[0])
                yield arrow, at.span(returned)[1], ""
                parts = [*ast.iter_child_nodes(arguments)]
                comma = text.find(",", max(at.span(part)[1] for part in parts or [node]), arrow)
                if comma >= 0:  # black would go on writing an argument a line
                    yield comma, comma + 1, ""
            case ast.AnnAssign(value=None):
                start, end = at.span(node)
                yield text.rindex("\n", 0, start), end, ""
            case ast.AnnAssign(target, annotation):
                yield at.span(target)[1], at.span(annotation)[1], ""


@lru_cache(maxsize=200)
def _parted(text: str) -> SolverPiece:
    """Imports, constants and the rest; a comment belongs to what it stands above."""
    imports: list[tuple[str, str]] = []
    constants: list[str] = []
    defined: dict[str, str] = {}
    at, before = Positions(text), 0
    for node in ast.parse(text).body:
        end = at.span(node)[1]
        end += len(text[end:].split("\n", 1)[0])  # with a comment on its last line
        above, before = text[before:end].strip("\n"), end
        match node:
            case ast.Import(aliases):
                imports += [(alias.name, "") for alias in aliases]
            case ast.ImportFrom(str(module), aliases, 0) if module != "__future__":
                imports += [(module, alias.name) for alias in aliases]
            case ast.FunctionDef(name) | ast.ClassDef(name):
                defined[name] = above
            case ast.Assign():
                constants.append(above)
    return SolverPiece("\n".join(constants), defined, tuple(imports))
