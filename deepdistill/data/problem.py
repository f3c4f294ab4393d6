"""Problems: ports, examples, and where one is known the oracle that judges.

A problem is either *generated* (a sampler draws inputs, an oracle labels them) or *given* (a user's
own pairs of arrays, no oracle: part of the pairs is held out and judges).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..ir.errors import InputError
from ..ir.types import Axis, Integers, Port, parse_axes
from .arrays import pairs_from_arrays
from .examples import Examples, IntArray, Shape, apart, grouped, joined

if TYPE_CHECKING:
    from .pairs import PairProblem

__all__ = [
    "Axis",
    "Examples",
    "InputError",
    "IntArray",
    "Integers",
    "Port",
    "Problem",
    "Shape",
    "parse_axes",
]

Oracle = Callable[..., IntArray]
Sampler = Callable[[np.random.Generator, Shape], tuple[IntArray, ...]]
Promise = Callable[..., bool]
Drawer = Callable[[np.random.Generator, Shape], tuple[tuple[IntArray, ...], IntArray]]
"""Draws the inputs of one sample of a shape, and its label, which is known from how it is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What is to be learned.

    ``sampler(rng, shape)`` draws the inputs of one sample whose first port has that shape;
    ``oracle(*inputs)`` labels them, where ``promise(*inputs)`` holds: elsewhere there is no right
    answer, and none should be given. ``given`` holds examples instead: a user's own, of which part
    is held out, or all that there are to learn from (``hold_out=False``).

    The output has the axes of the first input, or none (one number), or one ``sequence`` axis of
    the first input's length. A sequence, whose axes are (sequence,) or (sequence, fixed channels),
    becomes a sequence of its length that knows at each step only what came before.

    Where nothing but ``given`` examples is known, :meth:`set_aside` takes some of them away from
    all that learns and chooses: ``reserved`` is in two parts, the first of which may start a second
    round of learning (:meth:`second_round`), and the second is looked at when all is done.

    ``training_shapes`` and ``training_count`` say on which sizes the network learns,
    ``check_shapes`` at which larger ones the finished solver is judged. Where answers are known by
    construction only, ``families`` draws inputs with their labels, family by family, and
    ``baseline`` is a plain rule that the solver has to match. ``trainer`` is a trainer to use
    instead of the one that fits the ports. ``driver`` names the layout that applies a learned
    rule, decision after decision. ``oracle_radius`` declares that the oracle is one local rule: a
    cell's answer depends on no more than the values up to that far from it along each axis, 0 (and
    known to be outside) beyond a border, and on the fixed ports. So many forms competed ``among``
    which this one was chosen.
    """

    name: str
    inputs: tuple[Port, ...]
    output: Port
    training_shapes: tuple[Shape, ...]
    check_shapes: tuple[Shape, ...]
    training_count: int = 0
    sampler: Sampler | None = None
    oracle: Oracle | None = None
    oracle_radius: int | None = None
    promise: Promise | None = None
    given: tuple[Examples, ...] = ()
    hold_out: bool = True
    reserved: tuple[tuple[Examples, ...], tuple[Examples, ...]] = ((), ())
    families: Mapping[str, Drawer] = field(default_factory=dict)
    baseline: Oracle | None = None
    trainer: Literal["essence"] | None = None
    driver: str = ""
    among: int = 1
    summary: str = ""

    def __post_init__(self) -> None:
        if (
            not f"a{self.name}".isidentifier() or not self.name
        ):  # it names the folder of the result, too
            raise InputError(
                f"the name {self.name!r:.60} is not usable: take letters, digits and underscores"
            )

    def draw(self, rng: np.random.Generator, shape: Shape) -> tuple[IntArray, ...]:
        """The inputs of one sample, from the sampler or uniform over the ports' domains."""
        if self.sampler is not None:
            return self.sampler(rng, shape)
        return tuple(
            rng.integers(
                port.domain.low,
                port.domain.high + 1,
                size=tuple(axis.size for axis in port.axes if axis.size is not None)
                if port.is_fixed
                else shape,
            )
            for port in self.inputs
        )

    @property
    def judged_by_examples(self) -> bool:
        """Whether given examples are all that is known of the answers."""
        return bool(self.given and self.hold_out) and not (self.oracle or self.families)

    @property
    def all_given(self) -> tuple[Examples, ...]:
        """All given examples, those that are reserved among them."""
        return (*self.given, *self.reserved[0], *self.reserved[1])

    def set_aside(self, seed: int) -> Problem:
        """The same with a quarter of the given examples reserved, half of them in each part."""
        if not self.judged_by_examples or any(self.reserved):
            return self
        rng = np.random.default_rng([seed, 7])
        kept: list[Examples] = []
        parts: tuple[list[Examples], list[Examples]] = ([], [])
        first = 0
        for given in self.given:
            examples = given.numbered(first)
            first += len(given)
            held = apart(examples, rng, 4)
            half = len(held) // 2
            if examples.group is not None and half:  # no group is cut in two
                half = int(np.flatnonzero(examples.group[held] == examples.group[held[half]])[0])
            rest = np.setdiff1d(np.arange(len(examples)), held)
            for chosen, where in zip((held[:half], held[half:], rest), (*parts, kept), strict=True):
                if len(chosen):
                    where.append(examples.take(np.sort(chosen)))
        return replace(self, given=tuple(kept), reserved=(tuple(parts[0]), tuple(parts[1])))

    def second_round(self) -> Problem:
        """The same with the first part of what is reserved among what is learned from."""
        first, second = self.reserved
        return replace(self, given=_joined((*self.given, *first)), reserved=((), second))

    def examples(self, seed: int) -> tuple[tuple[Examples, ...], tuple[Examples, ...]]:
        """Training and held-out examples; the same seed gives the same ones.

        One quarter is held out for choosing among networks, at least one sample of each size that
        has several; nothing with ``hold_out=False``.
        """
        return _examples(self, seed)

    def generated(self, rng: np.random.Generator) -> tuple[Examples, ...]:
        """Inputs drawn at the training shapes, with the oracle's labels."""
        assert self.oracle is not None, "a problem without examples has an oracle"
        result = []
        for k, shape in enumerate(self.training_shapes):
            count = len(range(k, self.training_count, len(self.training_shapes)))
            drawn = [self.draw(rng, shape) for _ in range(count)]
            labels = [self.oracle(*inputs) for inputs in drawn]
            columns = tuple(np.stack(arrays) for arrays in zip(*drawn, strict=True))
            answered = None
            if self.promise is not None:
                answered = np.array([self.promise(*inputs) for inputs in drawn])
            result.append(Examples(columns, np.stack(labels), answered))
        return tuple(result)

    @staticmethod
    def from_arrays(
        x: Any,
        y: Any,
        axes: str | Mapping[str, str],
        name: str = "mine",
        check_shapes: tuple[Shape, ...] | None = None,
        groups: Any = None,
    ) -> Problem:
        """A problem from a user's own pairs: see
        :func:`deepdistill.data.arrays.pairs_from_arrays`.

        Samples that belong together, measured on one day or of one person, are held out together
        where ``groups`` has the same value for them, (samples,) in all. Raises :class:`InputError`
        with a sentence for arrays that cannot be learned from.
        """
        pairs = pairs_from_arrays(x, y, axes, name, check_shapes)
        return Problem(
            name=pairs.name,
            inputs=pairs.inputs,
            output=pairs.output,
            training_shapes=pairs.training_shapes,
            check_shapes=pairs.check_shapes,
            given=pairs.given
            if groups is None
            else tuple(
                replace(examples, group=grouped(groups, len(examples))) for examples in pairs.given
            ),
        )

    @staticmethod
    def from_examples(
        pairs: Any,
        axes: str | Mapping[str, str] | None = None,
        name: str = "mine",
        groups: Any = None,
    ) -> PairProblem:
        """A problem from a list of pairs (input, output) of any lengths.

        An input is a number, a text, a list of integers, a picture (rows of one length), or a
        mapping of names to such; an output likewise, or the name of a class. What the axes of an
        input are (``"set"``, ``"sequence"``, ``"grid(bounded) grid(bounded)"``) is found out where
        nobody tells. Pairs with one value in ``groups`` are held out together. Raises
        :class:`InputError` with a sentence for pairs that cannot be learned from.
        """
        from .from_pairs import pairs_from_examples

        return pairs_from_examples(pairs, axes, name, groups)


def _joined(groups: Sequence[Examples]) -> tuple[Examples, ...]:
    """Examples of one size in one group, in the order in which the sizes come first."""
    sizes = dict.fromkeys((group.shape, group.output.shape[1:]) for group in groups)
    return tuple(
        joined([g for g in groups if (g.shape, g.output.shape[1:]) == size]) for size in sizes
    )


@lru_cache(maxsize=4)  # train, lift, render and report ask for the same ones
def _examples(problem: Problem, seed: int) -> tuple[tuple[Examples, ...], tuple[Examples, ...]]:
    rng = np.random.default_rng([seed, 1])
    if not problem.hold_out:
        return problem.given or problem.generated(rng), ()
    training, held_out = [], []
    for examples in problem.given or problem.generated(rng):
        order = rng.permutation(len(examples))
        held = max(1, len(examples) // 4) if len(examples) > 1 else 0
        if held:
            held_out.append(examples.take(np.sort(order[:held])))
        training.append(examples.take(np.sort(order[held:])))
    return tuple(training), tuple(held_out)
