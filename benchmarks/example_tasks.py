"""What a task of examples is, and the samplers that its kinds share."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Sample = Callable[[np.random.Generator, int], Any]
"""Draws an input of at most (or, of pictures, about) this size."""


@dataclass(frozen=True, slots=True)
class ExampleTask:
    """A task with its oracle in plain Python, which is the hand-written program, too.

    ``count`` examples of sizes up to ``size`` are shown, and it is judged at sizes up to
    ``larger``. Of a language half of the examples are ``positive(rng, size)``; ``fails`` marks a
    task that has no short program, where a refusal is the right end.
    """

    name: str
    kind: str
    oracle: Callable[..., Any]
    sample: Sample
    count: int = 11
    size: int = 10
    larger: int = 100
    positive: Sample | None = None
    fails: bool = False

    def answer(self, given: Any) -> Any:
        """The oracle's answer to an input; a mapping holds several."""
        return self.oracle(**given) if isinstance(given, dict) else self.oracle(given)

    def pairs(self, seed: int, count: int | None = None, size: int | None = None) -> list[Any]:
        """Examples (input, output), no input twice where that can be had."""
        rng = np.random.default_rng([seed, len(self.name), *map(ord, self.name)])
        count, size = count or self.count, size or self.size
        found: dict[str, tuple[Any, Any]] = {}
        for k in range(50 * count):
            draw = self.positive if self.positive is not None and k % 2 else self.sample
            given = draw(rng, size)
            answer = self.answer(given)
            if self.positive is not None and k < 25 * count:  # there may be too few of one kind
                same = sum(1 for _, known in found.values() if known == answer)
                if 2 * same >= count:
                    continue
            found.setdefault(repr(given), (given, answer))
            if len(found) == count:
                break
        return list(found.values())

    @property
    def reference_nodes(self) -> int:
        """How many nodes the syntax tree of the hand-written program has."""
        return nodes(textwrap.dedent(inspect.getsource(self.oracle)))


def nodes(source: str) -> int:
    """Nodes of a syntax tree: no contexts, no docstrings, no names of arguments' types."""
    tree = ast.parse(source)
    for part in ast.walk(tree):
        if isinstance(part, ast.FunctionDef):
            part.decorator_list, part.returns = [], None
            for argument in part.args.args:
                argument.annotation = None
            if ast.get_docstring(part) is not None:
                part.body = part.body[1:]
    return sum(not isinstance(part, ast.expr_context) for part in ast.walk(tree))


def integers(low: int, high: int, least: int = 0) -> Sample:
    """Lists of integers of all lengths from ``least`` on."""

    def sample(rng: np.random.Generator, size: int) -> list[int]:
        count = int(rng.integers(least, size + 1))
        values: list[int] = rng.integers(low, high + 1, count).tolist()
        return values

    return sample


def collected(
    tasks: list[ExampleTask],
    kind: str,
    sample: Sample,
    count: int,
    size: int,
    larger: int,
    positive: Sample | None = None,
    fails: bool = False,
) -> Callable[[Any], Any]:
    """Makes an oracle a task of that kind, named as it is."""

    def known(oracle: Callable[..., Any]) -> Callable[..., Any]:
        task = ExampleTask(
            oracle.__name__, kind, oracle, sample, count, size, larger, positive, fails
        )
        tasks.append(task)
        return oracle

    return known


def language(
    tasks: list[ExampleTask],
    kind: str,
    sample: Sample | str,
    positive: Sample | None = None,
    fails: bool = False,
    larger: int = 1000,
) -> Callable[[Any], Any]:
    """200 texts of up to 20 letters; letters alone mean any texts, half of them ``positive``."""
    if isinstance(sample, str):
        sample = word(sample) if positive is None else nearly(positive, sample)
    return collected(tasks, kind, sample, 200, 20, larger, positive, fails)


def number(low: int, high: int) -> Sample:
    return lambda rng, size: int(rng.integers(low, high + 1))


def named(**parts: Sample) -> Sample:
    """Several inputs by name."""
    return lambda rng, size: {name: draw(rng, size) for name, draw in parts.items()}


def word(letters: str, least: int = 0) -> Sample:
    """Texts of all lengths from ``least`` on."""

    def sample(rng: np.random.Generator, size: int) -> str:
        count = int(rng.integers(least, size + 1))
        return "".join(letters[k] for k in rng.integers(0, len(letters), count))

    return sample


def nearly(positive: Callable[[np.random.Generator, int], str], letters: str) -> Sample:
    """Texts one or two letters from those of a language, and any texts one time in three."""
    any_text = word(letters)

    def sample(rng: np.random.Generator, size: int) -> str:
        if rng.integers(3) == 0:
            return str(any_text(rng, size))
        text = list(positive(rng, size))
        for _ in range(int(rng.integers(1, 3))):
            place, letter = int(rng.integers(len(text) + 1)), letters[rng.integers(len(letters))]
            match int(rng.integers(3)):
                case 0 if text and place < len(text):
                    text[place] = letter
                case 1 if text and place < len(text):
                    del text[place]
                case _ if len(text) < size:
                    text.insert(place, letter)
        return "".join(text)

    return sample
