"""Pairs of inputs and answers of any lengths: a user's own examples, one by one.

What has one shape is a :class:`~deepdistill.data.problem.Problem`; here each example has its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..ir.types import Axis, Port


@dataclass(frozen=True, slots=True, eq=False)
class ExamplePair:
    """One example: for each input a number, a list or a list of rows, and the answer likewise.

    The numbers are those of the ports: the places of symbols where these have some. Pairs of one
    ``group`` belong together, and are held out together; ``number`` is the place of the pair among
    those that were handed over.
    """

    inputs: tuple[Any, ...]
    output: Any
    group: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PairProblem:
    """Examples of any lengths, and what their inputs and answers are.

    A port without axes is a number or the name of a class, one with a ``sequence`` axis a list or
    a text of any length, one with two ``grid`` axes a picture of any size. Its domain and its
    symbols are what was shown. ``reserved`` is in two parts, as that of a ``Problem``. ``axes`` of
    each input are what its user told of it, and None where nobody did; ``notes`` say what had to
    be assumed. So many forms competed ``among`` which one was chosen. With ``brief``
    programs are a second thought: only one that gives all answers is wanted, and no long search.
    """

    name: str
    inputs: tuple[Port, ...]
    output: Port
    given: tuple[ExamplePair, ...]
    reserved: tuple[tuple[ExamplePair, ...], tuple[ExamplePair, ...]] = ((), ())
    notes: tuple[str, ...] = ()
    axes: tuple[tuple[Axis, ...], ...] | None = None
    among: int = 1
    brief: bool = False

    def set_aside(self, seed: int) -> PairProblem:
        """The same with a quarter of the pairs reserved, half of them in each part.

        The first pair with an empty input stays, of several inputs the first for each way in which
        some are empty: often it is the only one, and no other one shows the answer to nothing.
        """
        if any(self.reserved) or len(self.given) < 2:
            return self
        rng = np.random.default_rng([seed, 7])
        groups: dict[int, list[int]] = {}
        for place, pair in enumerate(self.given):
            groups.setdefault(-1 - place if pair.group is None else pair.group, []).append(place)
        parts: tuple[list[int], list[int]] = ([], [])
        wanted = -(-len(self.given) // 4)
        empty = self._first_empty()
        kept = {key for key, own in groups.items() if not empty.isdisjoint(own)}
        for key in rng.permutation(sorted(groups))[:-1].tolist():
            if sum(map(len, parts)) >= wanted:
                break
            if key in kept:
                continue
            parts[len(parts[0]) > len(parts[1])].extend(groups[key])
        held = {*parts[0], *parts[1]}
        first, second = (self._at(sorted(part)) for part in parts)
        rest = self._at([place for place in range(len(self.given)) if place not in held])
        return replace(self, given=rest, reserved=(first, second))

    def _first_empty(self) -> set[int]:
        """The places of the first pairs of which some inputs have no elements, each way once."""
        first: dict[tuple[bool, ...], int] = {}
        for place, pair in enumerate(self.given):
            empty = tuple(isinstance(one, list) and not one for one in pair.inputs)
            if any(empty):
                first.setdefault(empty, place)
        return set(first.values())

    def second_round(self) -> PairProblem:
        """The same with the first part of what is reserved among what is learned from."""
        first, second = self.reserved
        return replace(self, given=(*self.given, *first), reserved=((), second))

    def _at(self, places: Sequence[int]) -> tuple[ExamplePair, ...]:
        return tuple(self.given[place] for place in places)
