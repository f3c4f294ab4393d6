"""What a network over items answers, as counts: the definition in :mod:`deepdistill.units`.

Readings, units and heads say it themselves, in the language of :mod:`.counts` that stands here. The
program has an encoding of its own. Integers are the mathematical ones: NumPy's 64 bits are taken to
be enough for every sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import z3

from ...ir.types import Integers
from ...units.gates import Gate
from ...units.heads import Pick
from ...units.item_readings import Others
from ...units.items import ItemNetwork
from ...units.site import Site
from .counts import Counts
from .described import Described
from .encode import NotEncoded, Term, Z3Logic


@dataclass(frozen=True, slots=True)
class NetworkTerms(Z3Logic):
    """The terms of one network, for an input of the given ``sizes``, at most the counts' own.

    They speak of the ``item`` at these places along the network's axes, and of one ``turn``.
    """

    network: ItemNetwork
    counts: Counts
    sizes: tuple[Term, ...]
    item: tuple[Term, ...] = ()
    turn: Term = None

    @property
    def site(self) -> Site:
        return self.network.site

    def described(self, requested: tuple[Term, ...]) -> Described:
        """The element of the answer at the index ``requested``, which lies inside."""
        network = self.network
        if refusal := network.refusal():
            raise NotEncoded(refusal)
        if len(requested) != len(network.output.axes):
            raise NotEncoded("answers of different shapes")
        turned = replace(self, turn=requested[0]) if network.site.turns else self
        answer = network.head.answer(network.layer, turned, requested)
        if isinstance(network.head, Pick):
            turned.hints()
        return Described(*answer)

    def at(self, *item: Term) -> NetworkTerms:
        return replace(self, item=item)

    def stands(self, *place: Term) -> Term:
        return self.counts.array(*place)

    def element(self, name: str, offset: tuple[int, ...]) -> Term:
        return self.counts.array(*self._place(offset))

    def inside(self, name: str, offset: tuple[int, ...]) -> Term:
        pairs = zip(self._place(offset), self.sizes, strict=True)
        return z3.And(*(z3.And(k >= 0, k < n) for k, n in pairs))

    def _place(self, offset: tuple[int, ...]) -> tuple[Term, ...]:
        return tuple(k + step if step else k for k, step in zip(self.item, offset, strict=True))

    def count(self, axis: int, condition: Callable[[Term], Term]) -> Term:
        return self.counts.count(axis, lambda k: self._inside(axis, k, condition(k)))

    def along(
        self, axis: int, number: Callable[[Term], Term], bounds: Integers | None = None
    ) -> Term:
        place = self.counts.running(axis)
        inside, value = self._inside(axis, place, z3.BoolVal(True)), number(place)
        if bounds is not None and bounds.is_bits:
            return self.counts.counted(axis, place, z3.And(inside, value == 1))
        return self.counts.total(axis, place, inside, value, bounds)

    def first(self, axis: int, condition: Callable[[Term], Term], last: bool) -> tuple[Term, Term]:
        def fires(place: Term) -> Term:
            return z3.And(z3.And(place >= 0, place < self.sizes[axis]), condition(place))

        position = self.counts.first(axis, fires, last)
        return position, self.counts.count(axis, fires) >= 1

    def _inside(self, axis: int, place: Term, condition: Term) -> Term:
        return z3.And(place >= 0, place < self.sizes[axis], condition)

    def hints(self) -> None:
        """Places that a pick by rank finds: among the items as large as one, the k-th.

        Such a place exists wherever there are more than k of them. Here k is the largest that the
        unit's bound allows.
        """
        for unit in self.network.units:
            for index, feature in enumerate(self.network.features):
                match unit, feature:
                    case Gate(total), Others("equal", "before"):
                        weight = total.weights[index]
                        bound = unit.high if weight > 0 else unit.low
                        if weight and bound is not None:
                            hint = partial(self._ranked, unit, index, feature, bound)
                            self.counts.hints.append((self.site.axes[0], hint))

    def _ranked(self, unit: Gate, index: int, feature: Others, bound: int, like: Term) -> Term:
        weights = unit.sum.weights
        rest = replace(
            unit.sum, weights=tuple(0 if k == index else w for k, w in enumerate(weights))
        )
        here = self.at(like)
        left = bound - rest.term(self, self.network.layer.feature_terms(here))
        k = (left if weights[index] > 0 else -left) / z3.IntVal(abs(weights[index]))
        (axis,) = self.site.axes

        def alike(place: Term) -> Term:
            own, other = (feature.of.term(at) for at in (self.at(place), here))
            return self._inside(axis, place, own == other)

        return self.counts.kth(axis, alike, k)
