"""Goals about counts, settled by ground instances.

To show that facts contradict one another, *points* are gathered (the places that the facts speak of
and witnesses of counts that are not 0), every count is told at every point, and what is left of the
places is divided into :mod:`.cells`. Every step adds a consequence of what the counts mean, so that
a contradiction is one for every size and every input; a contradiction that is not found proves
nothing. Conditions that compare, or count again, leave Boolean algebra with Presburger arithmetic,
where the method would be complete: here it is not, and points are added only as far as told below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import z3

from .alone import Alone
from .cells import CellAxis, Counted, Point, TooMany
from .counts import Counts, nodes
from .encode import Term
from .session import Session

_ROUNDS = 10
_DEPTH = 2  # counts in conditions of counts in conditions of counts are told nothing
_IMAGES = 2
_REFLECTED = 3
_OLDEST = 3  # witnesses of witnesses of witnesses are no points
_CONTRADICTION = "what would be where it differs contradicts what counts are"


@dataclass(slots=True)
class Refutation:
    """Facts, all that follows from them so far, and the search for a contradiction."""

    counts: Counts
    session: Session
    facts: list[Term]
    images: int = 0
    tried: int = 0
    points: dict[int, list[Point]] = field(default_factory=dict)
    counted: dict[int, Counted] = field(default_factory=dict)
    described: dict[tuple[int, int], Term] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    kept: list[Term] = field(default_factory=list)
    reads: list[tuple[tuple[Term, ...], int]] = field(default_factory=list)
    witnessed: set[int] = field(default_factory=set)

    def outcome(self) -> Literal["contradiction", "none", "unknown"]:
        """Whether the facts contradict one another."""
        self.facts.extend(size >= 1 for size in self.counts.sizes)
        self._learn(list(self.facts), 0, 0)
        before = len(self.session.asked)
        try:
            for _ in range(_ROUNDS):
                del self.session.asked[before:]  # lemmas of a round that did not suffice
                self._instances()
                solver = Alone(self.session, [*self.facts, *self._equations()], _CONTRADICTION)
                match solver.check():
                    case "unsat":
                        return "contradiction"
                    case "unknown":
                        return "unknown"
                if not self._more(solver):
                    return "none"
        except TooMany:
            pass
        return "unknown"

    # What terms mean

    def _learn(self, terms: Sequence[Term], level: int, age: int) -> None:
        """Take in what the applications among the subterms mean."""
        pending = [(term, age) for term in terms]
        while pending:
            top, born = pending.pop()
            for term in nodes([top]):
                if term.get_id() in self.seen or not z3.is_app(term) or level > _DEPTH:
                    continue
                self.seen.add(term.get_id())
                self.kept.append(term)
                name, args = term.decl().name(), tuple(term.children())
                if term.decl().eq(self.counts.array):
                    domain = self.counts.domain
                    self.facts.append(z3.And(term >= domain.low, term <= domain.high))
                    self.reads.append((args, born))
                elif name in self.counts.families:
                    family = self.counts.families[name]
                    self.counted[term.get_id()] = Counted(family, args, term, level, born)
                    if family.value is None:
                        size = self.counts.sizes[family.axis]
                        self.facts.append(z3.And(term >= 0, term <= size))
                elif name in self.counts.choices:
                    choice = self.counts.choices[name]
                    later = born + bool(args)
                    fact = z3.And(self._within(choice.axis, term), choice.described(args))
                    self.facts.append(fact)
                    self._point(choice.axis, term, z3.BoolVal(True), later)
                    pending.append((fact, later))

    def _within(self, axis: int, place: Term) -> Term:
        return z3.And(place >= 0, place < self.counts.sizes[axis])

    def _point(self, axis: int, place: Term, there: Term, age: int) -> None:
        points = self.points.setdefault(axis, [])
        place = place if z3.is_const(place) else z3.simplify(place)
        if age <= _OLDEST and not any(point.place.eq(place) for point in points):
            points.append(Point(place, there, age))

    def add_point(self, axis: int, place: Term) -> None:
        """A place that the facts speak of, inside the input."""
        self._point(axis, place, self._within(axis, place), 0)

    def _instances(self) -> None:
        """Tell every count at every point, and the counts that arise there too."""
        while True:
            pairs = [
                (counted, point)
                for counted in list(self.counted.values())
                for point in self.points.get(counted.family.axis, ())
                if (counted.term.get_id(), point.place.get_id()) not in self.described
            ]
            if not pairs:
                return
            for counted, point in pairs:
                share = counted.share(point.place)
                self.described[counted.term.get_id(), point.place.get_id()] = share
                self._learn([share], counted.level + 1, max(counted.age, point.age))

    # Witnesses, where a model has none

    def _more(self, solver: Alone) -> bool:
        """More points for a model that does not settle the goal; False where none is left."""
        if self._added(self._hint):
            return True
        missing = self._without_witness(solver)
        youngest = min((counted.age for counted in missing), default=1)
        if youngest > 0 and self.images < _IMAGES:
            self.images += 1
            if self._added(self._image):
                return True
        for counted in [c for c in missing if c.age == youngest][:2]:
            self.witnessed.add(counted.term.get_id())
            place = self.counts.witness(counted.family, counted.args)
            self._learn([place], counted.level, counted.age + 1)
        if missing:
            return True
        last = [self._reflect, self._neighbours][self.tried :]
        self.tried += len(last)
        return any([self._added(step) for step in last])

    def _added(self, step: Callable[[], None]) -> bool:
        before = sum(map(len, self.points.values()))
        step()
        return sum(map(len, self.points.values())) > before

    def _without_witness(self, solver: Alone) -> list[Counted]:
        """Counts that the model takes to be other than 0, though they are at every point."""
        missing = []
        for counted in self.counted.values():
            if counted.term.get_id() in self.witnessed or counted.level >= _DEPTH:
                continue
            if counted.age >= _OLDEST or not solver.number(counted.term):
                continue
            points = self.points.get(counted.family.axis, ())
            shares = (
                z3.If(point.there, self.described[counted.term.get_id(), point.place.get_id()], 0)
                for point in points
            )
            if not any(solver.number(share) for share in shares):
                missing.append(counted)
        return missing

    def _hint(self) -> None:
        for axis, hint in self.counts.hints:
            for point in [p for p in self.points.get(axis, ()) if p.age == 0]:
                self._learn([hint(point.place)], 0, 1)

    def _image(self) -> None:
        """Points of the places that are read and are no point's neighbours: mirror images, ends."""
        for index, age in list(self.reads):
            for axis, place in enumerate(index):
                away = (z3.simplify(place - p.place) for p in self.points.get(axis, ()))
                if not any(z3.is_int_value(steps) for steps in away):
                    self._point(axis, place, self._within(axis, place), age)

    def _neighbours(self) -> None:
        """Points of all the places that are read."""
        for index, age in list(self.reads):
            for axis, place in enumerate(index):
                self._point(axis, place, self._within(axis, place), age)

    def _reflect(self) -> None:
        """Points of mirror images, though nothing is read there."""
        for axis, points in self.points.items():
            for point in [p for p in points if p.age == 0][:_REFLECTED]:
                place = self.counts.sizes[axis] - 1 - point.place
                self._point(axis, place, self._within(axis, place), 1)

    def _equations(self) -> list[Term]:
        """What the counts are, along each axis: the sum of their points and of their cells."""
        result = []
        for number in range(self.counts.depth):
            counted = [c for c in self.counted.values() if c.family.axis == number]
            if counted:
                points, known = self.points.get(number, []), frozenset(self.counted)
                axis = CellAxis(
                    self.counts, self.session, number, points, self.facts, str(number), known
                )
                result += axis.equations(counted)
        return result


def contradicts(
    counts: Counts, session: Session, facts: Sequence[Term], places: Sequence[tuple[int, Term]]
) -> Literal["contradiction", "none", "unknown"]:
    """Whether facts, which speak of some ``places`` (with their axes), contradict one another."""
    refutation = Refutation(counts, session, list(facts))
    for axis, place in places:
        refutation.add_point(axis, place)
    return refutation.outcome()
