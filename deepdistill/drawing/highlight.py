"""Python source as HTML with few classes; the page's style gives them colours."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .svg import Markup, escaped

_MOST_MAIN, _MOST_CONSTANTS = 70, 30  # lines of what stands first


def highlighted(source: str) -> Markup:
    """The source in spans of keywords, names of functions, built-ins, numbers, texts, comments."""
    from pygments.lexers.python import PythonLexer

    parts: list[tuple[str, str]] = []
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(source):
        name = _class(str(kind))
        if parts and (parts[-1][0] == name or (text.isspace() and name == "")):
            parts[-1] = (parts[-1][0], parts[-1][1] + text)
        else:
            parts.append((name, text))
    return Markup(
        "".join(
            f'<span class="{name}">{escaped(text)}</span>' if name else escaped(text)
            for name, text in parts
        )
    )


def _class(kind: str) -> str:
    """Our class for a kind of token; empty for plain text."""
    for start, name in (
        ("Token.Keyword", "k"),
        ("Token.Operator.Word", "k"),
        ("Token.Name.Function", "f"),
        ("Token.Name.Builtin", "b"),
        ("Token.Literal.String", "s"),
        ("Token.Literal.Number", "n"),
        ("Token.Comment", "c"),
    ):
        if kind.startswith(start):
            return name
    return ""


def main_part(source: str, names: Sequence[str]) -> str:
    """The functions of those names, with the constants before them where they are not many.

    The whole source where there are no such functions, or where they are long.
    """
    lines = source.splitlines()
    body = ast.parse(source).body
    chosen = [node for node in body if isinstance(node, ast.FunctionDef) and node.name in names]
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    if not chosen or sum((n.end_lineno or 0) - n.lineno for n in chosen) > _MOST_MAIN:
        return source
    above = max((node.end_lineno or 0 for node in imports), default=0)
    parts = [lines[node.lineno - 1 : node.end_lineno] for node in chosen]
    if 0 < chosen[0].lineno - 1 - above <= _MOST_CONSTANTS:
        parts[0] = lines[above : chosen[0].end_lineno]
    return "\n\n\n".join("\n".join(part).strip("\n") for part in parts) + "\n"


def with_code(words: str) -> Markup:
    """Words in which what stands between backticks is code."""
    parts = words.split("`")
    if len(parts) % 2 == 0:
        return escaped(words)
    return Markup(
        "".join(
            f"<code>{escaped(part)}</code>" if k % 2 else escaped(part)
            for k, part in enumerate(parts)
        )
    )


def opening_words(source: str) -> tuple[str, str]:
    """The first paragraph of a module's docstring, and the sentence that says what it is from."""
    words = ast.get_docstring(ast.parse(source)) or ""
    first, *rest = words.split("\n\n")
    learned = next((part for part in rest if part.startswith("Learned by")), "")
    sentence = " ".join(learned.split("\n- ")[0].split())
    return " ".join(first.split()), sentence.removesuffix(" Checked:").removesuffix("Checked:")
