"""The size of a rule model: AST nodes of the decision, written as Python."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import assert_never

from ...units.rules import (
    Among,
    AtLeast,
    Below,
    Leaf,
    Missing,
    RuleModel,
    RuleUnit,
    Split,
    SumBelow,
    Tree,
    splits,
)


def size(model: RuleModel, levels: Sequence[int]) -> int:
    """The AST nodes of the statements that decide, without the function around them.

    ``levels`` has how many levels each column has, 0 for numbers.
    """
    tree = ast.parse(decision(model, levels))
    return sum(1 for _ in ast.walk(tree)) - 1


def decision(model: RuleModel, levels: Sequence[int]) -> str:
    """The decision as plain statements over ``c0``, ``c1``, ..., which return ``"a"``, ..."""
    return "\n".join(_Text(model, levels).lines())


class _Text:
    """Names for what is used twice, and the text of units and trees."""

    def __init__(self, model: RuleModel, levels: Sequence[int]) -> None:
        self.model, self.levels = model, levels
        used = Counter(split.unit for tree in model.trees for split in splits(tree))
        for unit in model.units:
            if isinstance(unit, AtLeast):
                used.update(place for place, _ in unit.parts)
        self.named = {k for k, n in used.items() if n > 1 and isinstance(model.units[k], AtLeast)}
        sums = Counter(
            unit.weights
            for k, unit in enumerate(model.units)
            if isinstance(unit, SumBelow) and used[k]
        )
        self.sums = {weights: f"s{k}" for k, weights in enumerate(sums) if sums[weights] > 1}

    def lines(self) -> Iterator[str]:
        for weights, name in self.sums.items():
            yield f"{name} = {_sum(weights)}"
        for k in sorted(self.named):
            yield f"u{k} = {self.unit(k, True, written=True)}"
        if not self.model.limits:
            yield from self.statements(self.model.trees[0], "")
            return
        terms = [self.points(tree) for tree in self.model.trees]
        yield f"points = {' + '.join(terms) or '0'}"
        for k in reversed(range(len(self.model.limits))):
            yield f"if points >= {self.model.limits[k]}:"
            yield f'    return "{_letter(k + 1)}"'
        yield 'return "a"'

    def statements(self, tree: Tree, indent: str) -> Iterator[str]:
        match tree:
            case Leaf(value):
                yield f'{indent}return "{_letter(value)}"'
            case Split(unit, fires, rests):
                if isinstance(fires, Split) and isinstance(rests, Leaf):
                    # the shorter branch stands inside the if; both ways have as many nodes
                    yield f"{indent}if {self.unit(unit, False)}:"
                    yield from self.statements(rests, indent + "    ")
                    yield from self.statements(fires, indent)
                    return
                yield f"{indent}if {self.unit(unit, True)}:"
                yield from self.statements(fires, indent + "    ")
                yield from self.statements(rests, indent)
            case _:
                assert_never(tree)

    def points(self, tree: Tree) -> str:
        match tree:
            case Leaf(value):
                return str(value)
            case Split(unit, Leaf(1), Leaf(0)):
                return f"({self.unit(unit, True)})"
            case Split(unit, Leaf(0), Leaf(1)):
                return f"({self.unit(unit, False)})"
            case Split(unit, fires, rests):
                condition = self.unit(unit, True)
                return f"({self.points(fires)} if {condition} else {self.points(rests)})"
            case _:
                assert_never(tree)

    def unit(self, place: int, wanted: bool, written: bool = False) -> str:
        if place in self.named and not written:
            return f"u{place}" if wanted else f"not u{place}"
        return self.condition(self.model.units[place], wanted)

    def condition(self, unit: RuleUnit, wanted: bool) -> str:
        match unit:
            case Below(column, limit):
                return f"c{column} {'<' if wanted else '>='} {_number(limit)}"
            case Among(column, (level,)):
                return f'c{column} {"==" if wanted else "!="} "{_letter(level)}"'
            case Among(column, chosen):
                # the shorter of a set and of what it leaves out
                few, inside = sorted(chosen), wanted
                if 0 < self.levels[column] - len(chosen) < len(chosen):
                    few, inside = sorted(set(range(self.levels[column])) - set(chosen)), not wanted
                if len(few) == 1:
                    return self.condition(Among(column, (few[0],)), inside)
                names = ", ".join(f'"{_letter(level)}"' for level in few)
                return f"c{column} {'in' if inside else 'not in'} ({names})"
            case Missing(column):
                return f"c{column} {'is' if wanted else 'is not'} None"
            case SumBelow(weights, limit):
                total = self.sums.get(weights) or _sum(weights)
                return f"{total} {'<' if wanted else '>='} {_number(limit)}"
            case AtLeast(parts, count):
                texts = [self.unit(place, here) for place, here in parts]
                if count == len(parts):
                    text = " and ".join(texts)
                elif count == 1:
                    text = " or ".join(texts)
                else:
                    total = " + ".join(f"({text})" for text in texts)
                    return f"{total} {'>=' if wanted else '<'} {count}"
                return text if wanted else f"not ({text})"
            case _:
                assert_never(unit)


def _sum(weights: tuple[tuple[int, int], ...]) -> str:
    text = ""
    for column, weight in weights:
        sign = " - " if weight < 0 else " + " if text else ""
        sign = "-" if weight < 0 and not text else sign
        text += sign + (f"c{column}" if abs(weight) == 1 else f"{abs(weight)} * c{column}")
    return text


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(value)


def _letter(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else f"v{place}"
