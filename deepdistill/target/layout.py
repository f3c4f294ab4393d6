"""Black, one definition after another: most of a solver is the same in many, and formatted once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

_APART = "\n\n\n"  # what black puts between a definition and its neighbours at the top level


def formatted(source: str, line_length: int) -> str:
    """A module as black writes it.

    Raises ``SyntaxError`` where it is none.
    """
    return _APART.join(_black(part, line_length).strip("\n") for part in _parts(source)) + "\n"


def _parts(source: str) -> Iterator[str]:
    """Definitions, each with the comments above it, and what stands between them, in order."""
    lines = source.splitlines(keepends=True)
    start, end, before = 0, 0, None
    for node in ast.parse(source).body:
        kind = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if before is not None and (kind or before):
            yield "".join(lines[start:end])
            start = end
        before, end = kind, node.end_lineno or end
    yield "".join(lines[start:])


@lru_cache(maxsize=1000)
def _black(source: str, line_length: int) -> str:
    from black import format_str
    from black.mode import Mode, TargetVersion

    mode = Mode(target_versions={TargetVersion.PY311}, line_length=line_length)
    return format_str(source, mode=mode)
