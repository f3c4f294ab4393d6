"""Text of Python made special: names that are known go, and with them what never happens.

``if``, choices and conditions of which a part is known are written out; parameters that are left
out go from definitions and calls; a loop variable that nothing reads any more becomes ``_``. All
other text stays as it is, comments included.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

Edit = tuple[int, int, str]
"""Where a text is changed, from and to, and what stands there then."""


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text after changes that do not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


class Positions:
    """Where the nodes of a text in ASCII begin and end."""

    def __init__(self, text: str) -> None:
        self.text, self.starts = text, [0]
        for line in text.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def span(self, node: ast.AST) -> tuple[int, int]:
        start, end = (
            self.starts[getattr(node, f"{side}lineno") - 1] + getattr(node, f"{side}col_offset")
            for side in ("", "end_")
        )
        return start, end

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def lines(self, first: int, last: int) -> list[str]:
        """The lines with these numbers, from 1 on, the last one included."""
        return self.text[self.starts[first - 1] : self.starts[last] - 1].split("\n")


def specialised(text: str, known: Mapping[str, bool | int], without: Collection[str] = ()) -> str:
    """The text where ``known`` names are these truths or numbers, without some parameters."""
    text = edited(text, list(_constants(text, known)))
    while changes := list(_apart(_changes(text, known))):
        text = edited(text, changes)
    text = edited(text, list(_arguments(text, without)))
    return edited(text, list(_unread(text)))


def _apart(edits: Iterator[Edit]) -> Iterator[Edit]:
    """The changes that do not overlap with an earlier one."""
    taken: list[Edit] = []
    for start, end, new in edits:
        if all(end <= first or last <= start for first, last, _ in taken):
            taken.append((start, end, new))
            yield start, end, new


def _constants(text: str, known: Mapping[str, bool | int]) -> Iterator[Edit]:
    """The lines that give known names their values."""
    at = Positions(text)
    for node in ast.parse(text).body:
        match node:
            case ast.Assign([ast.Name(name)]) if name in known:
                yield at.starts[node.lineno - 1], at.starts[node.end_lineno or 0], ""


def _changes(text: str, known: Mapping[str, bool | int]) -> Iterator[Edit]:
    """What is decided already, the outermost first."""
    at = Positions(text)
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(name) if name in known and not isinstance(known[name], bool):
                yield (*at.span(node), repr(known[name]))
            case ast.If(test) if (holds := _truth(test, known)) is not None:
                yield _branch(at, node, holds)
            case ast.IfExp(test, body, orelse) if (holds := _truth(test, known)) is not None:
                yield _bare(at, node, at.of(body if holds else orelse))
            case ast.BoolOp(op, values):
                neutral = isinstance(op, ast.And)
                left = [value for value in values if _truth(value, known) is not neutral]
                if 0 < len(left) < len(values):
                    word = " and " if neutral else " or "
                    yield _bare(at, node, word.join(map(at.of, left)))
                elif any(_truth(value, known) is not None for value in left):
                    yield (*at.span(node), str(not neutral))


def _truth(test: ast.expr, known: Mapping[str, bool | int]) -> bool | None:
    """Whether a condition holds; None where that depends."""
    match test:
        case ast.Name(name):
            value = known.get(name)
            return value if isinstance(value, bool) else None
        case ast.Constant(bool() as value):
            return value
        case ast.UnaryOp(ast.Not(), operand):
            inner = _truth(operand, known)
            return None if inner is None else not inner
        case ast.BoolOp(op, values):
            truths, ends = [_truth(value, known) for value in values], isinstance(op, ast.Or)
            if ends in truths:
                return ends
            return None if None in truths else not ends
        case _:
            return None


def _bare(at: Positions, node: ast.expr, new: str) -> Edit:
    """The node replaced, without parentheses around it that say nothing any more."""
    start, end = at.span(node)
    outer, behind = start, end
    while at.text[outer - 1].isspace():
        outer -= 1
    while at.text[behind].isspace():
        behind += 1
    if at.text[outer - 1] == "(" and at.text[behind] == ")":
        bare, inside = (outer - 1, behind + 1, new), (start, end, new)
        if _dump(edited(at.text, [bare])) == _dump(edited(at.text, [inside])):
            return bare
    return start, end, new


def _dump(text: str) -> str:
    """The tree of a text, whatever its lines; "" where it is no Python."""
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return ""


def _branch(at: Positions, node: ast.If, holds: bool) -> Edit:
    """An ``if``, or an ``elif`` of one, of which it is known whether it holds."""
    first, last = node.lineno, node.end_lineno or 0
    begin = at.starts[first - 1]
    is_elif = at.lines(first, first)[0].lstrip().startswith("elif")
    indent = len(at.lines(first, first)[0]) - len(at.lines(first, first)[0].lstrip())
    body_end = node.body[-1].end_lineno or 0
    chosen = at.lines((node.test.end_lineno or 0) + 1, body_end)
    if not holds:
        chosen = at.lines(body_end + 1, last) if node.orelse else []
        if not is_elif and chosen:
            head = next(k for k, line in enumerate(chosen) if line.strip())
            if chosen[head].lstrip().startswith("elif"):
                chosen[head] = chosen[head].replace("elif", "if", 1)
                return begin, at.starts[last], "\n".join([*chosen, ""])
            chosen = chosen[head + 1 :]
    if is_elif:
        chosen = [" " * indent + "else:", *chosen] if holds else chosen
    else:
        deep = next((len(line) - len(line.lstrip()) for line in chosen if line.strip()), indent)
        chosen = [line[deep - indent :] if line.strip() else line for line in chosen]
    return begin, at.starts[last], "".join(f"{line}\n" for line in chosen)


def _arguments(text: str, without: Collection[str]) -> Iterator[Edit]:
    """Parameters left out, and arguments that only hand them on."""
    at = Positions(text)
    for node in ast.walk(ast.parse(text)) if without else ():
        match node:
            case ast.arguments(args=[*parts]):
                kept = [at.of(part) for part in parts if part.arg not in without]
            case ast.Call(args=[*parts]):
                handed = [part for part in parts if isinstance(part, ast.Name)]
                gone = [part for part in handed if part.id in without]
                kept = [at.of(part) for part in parts if part not in gone]
            case _:
                continue
        if len(kept) < len(parts):
            yield at.span(parts[0])[0], at.span(parts[-1])[1], ", ".join(kept)


def _unread(text: str) -> Iterator[Edit]:
    """Loop variables that nothing reads."""
    at = Positions(text)
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef):
            names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
            read = {name.id for name in names if isinstance(name.ctx, ast.Load)}
            for node in ast.walk(function):
                match node:
                    case ast.For(ast.Name(name) as target) if name not in read | {"_"}:
                        yield (*at.span(target), "_")
