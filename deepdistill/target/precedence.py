"""Python text of operations, with parentheses where Python or a reader wants them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..ir.notation import Infix, Level, Notation, Pattern, operand_levels, written

# Operators that sit on one another only in parentheses, though Python needs none.
MIXED = {
    Level.OR: {Level.AND},
    Level.BITOR: {Level.BITXOR, Level.BITAND},
    Level.BITXOR: {Level.BITAND},
}


@dataclass(frozen=True, slots=True)
class Text:
    """Python source of an expression and how tightly its outermost operator binds."""

    source: str
    level: Level = Level.ATOM

    def at(self, level: Level) -> str:
        """The source, in parentheses if it binds less tightly than ``level``."""
        return self.source if self.level >= level else f"({self.source})"


def joined(notation: Notation, parts: Sequence[Text]) -> Text:
    """An operation on these operands, those in parentheses that need them."""
    if notation == Pattern("{}", (Level.IF,)):  # the operand itself
        return parts[0]
    mixed = MIXED.get(notation.level, set()) if isinstance(notation, Infix) else set()
    levels = operand_levels(notation, len(parts))
    sources = [
        f"({part.source})" if part.level in mixed else part.at(level)
        for part, level in zip(parts, levels, strict=True)
    ]
    return Text(written(notation, sources), notation.level)
