"""Counts over places whose number is not known: a language and its laws.

A *place* is an index along an axis of the input; along axis a there are ``sizes[a] >= 1`` of them.
A *family* counts the places of a condition (or adds up a number over them), a *choice* is a place
that some fact describes. Both are uninterpreted functions of z3 whose arguments are the places that
their definition speaks of, so that nested counts are terms like any others. What they mean is told
by finitely many ground instances: see :mod:`.cells`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import z3

from ...ir.types import Integers
from .encode import Term


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The sum of ``value`` over the places of an axis where ``condition`` holds; a count if None.

    Both are terms of ``place`` and of ``params``, which the arguments of ``function`` replace.
    """

    function: Term
    axis: int
    place: Term
    params: tuple[Term, ...]
    condition: Term
    value: Term | None
    bounds: Integers | None = None

    def holds(self, args: tuple[Term, ...], place: Term) -> Term:
        """The condition at a place."""
        return _instance(self.condition, (self.place, *self.params), (place, *args))

    def gives(self, args: tuple[Term, ...], place: Term) -> Term:
        """The number at a place, 1 in a count."""
        if self.value is None:
            return z3.IntVal(1)
        return _instance(self.value, (self.place, *self.params), (place, *args))


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A place along an axis of which ``fact`` holds, whatever the arguments are."""

    function: Term
    axis: int
    place: Term
    params: tuple[Term, ...]
    fact: Term

    def described(self, args: tuple[Term, ...]) -> Term:
        """The fact about the place chosen for these arguments."""
        place = self.function(*args)
        return _instance(self.fact, (self.place, *self.params), (place, *args))


@dataclass(slots=True)
class Counts:
    """The families and choices of one proof.

    ``inside`` is the array that is read, one function of as many places as the input has axes, with
    values in ``domain``. ``hints`` make a choice for a place: more facts, all true, that are of use
    where the places at hand do not settle a goal.
    """

    depth: int
    domain: Integers
    families: dict[str, Family] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    hints: list[tuple[int, Callable[[Term], Term]]] = field(default_factory=list)
    _known: dict[tuple[Any, ...], Term] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    @property
    def sizes(self) -> tuple[Term, ...]:
        return tuple(z3.Int(f"size {axis}") for axis in range(self.depth))

    @property
    def array(self) -> Term:
        """The function that gives what stands at a place of the input."""
        return z3.Function("x", *[z3.IntSort()] * (self.depth + 1))

    @property
    def is_bits(self) -> bool:
        return self.domain.is_bits

    def running(self, axis: int) -> Term:
        """A new variable that runs over places: whatever is counted is a family of it."""
        name = f"place {len(self._places)}"
        self._places[name] = axis
        return z3.Int(name)

    def axis_of(self, place: Term) -> int | None:
        """The axis of a variable that runs over places."""
        return self._places.get(str(place)) if _is_name(place) else None

    def read(self, *index: Term) -> Term:
        """The element at an index of the input, 0 beyond its border."""
        inside = self.within(*index)
        return z3.If(inside, self.array(*index), z3.IntVal(0))

    def within(self, *index: Term) -> Term:
        """Whether an index lies inside the input."""
        pairs = zip(index, self.sizes, strict=True)
        return z3.And(*(z3.And(k >= 0, k < size) for k, size in pairs))

    def count(self, axis: int, condition: Callable[[Term], Term]) -> Term:
        """How many places along an axis meet a condition."""
        place = self.running(axis)
        return self._family(axis, place, condition(place), None, None)

    def total(
        self, axis: int, place: Term, condition: Term, value: Term, bounds: Integers | None
    ) -> Term:
        """The sum of a number (with known bounds, or None) over the places of a condition."""
        return self._family(axis, place, condition, value, bounds)

    def counted(self, axis: int, place: Term, condition: Term) -> Term:
        """How many places meet a condition that is written with the variable ``place``."""
        return self._family(axis, place, condition, None, None)

    def choose(self, axis: int, fact: Callable[[Term], Term]) -> Term:
        """A place with a fact. The caller answers for it: some place has to have it, always."""
        place = self.running(axis)
        own, params, (described,) = self._distinguished(place, (fact(place),))

        def made(function: Term, names: tuple[Term, ...]) -> Choice:
            return Choice(function, axis, own, names, described)

        return self._application(("choice", axis, described), "chosen", params, made)

    def first(self, axis: int, condition: Callable[[Term], Term], last: bool = False) -> Term:
        """The first place (or the last) that meets a condition, any place where none does."""

        def fact(place: Term) -> Term:
            earlier = self.count(
                axis,
                lambda k: z3.And(k > place if last else k < place, condition(k)),
            )
            none = self.count(axis, condition) == 0
            return z3.Or(none, z3.And(condition(place), earlier == 0))

        return self.choose(axis, fact)

    def kth(self, axis: int, condition: Callable[[Term], Term], k: Term) -> Term:
        """The place that meets a condition with k such places before it, where there are more."""

        def fact(place: Term) -> Term:
            before = self.count(axis, lambda j: z3.And(j < place, condition(j)))
            there = z3.And(k >= 0, k < self.count(axis, condition))
            return z3.Implies(there, z3.And(condition(place), before == k))

        return self.choose(axis, fact)

    def witness(self, family: Family, args: tuple[Term, ...]) -> Term:
        """A place that adds something to a count or sum, where that is not 0."""
        counted = family.function(*args)

        def fact(place: Term) -> Term:
            return z3.Implies(
                counted != 0, z3.And(family.holds(args, place), family.gives(args, place) != 0)
            )

        return self.choose(family.axis, fact)

    def _family(
        self, axis: int, place: Term, condition: Term, value: Term | None, bounds: Integers | None
    ) -> Term:
        own, params, described = self._distinguished(
            place, (condition,) if value is None else (condition, value)
        )
        held, given = described[0], described[-1] if value is not None else None

        def made(function: Term, names: tuple[Term, ...]) -> Family:
            return Family(function, axis, own, names, held, given, bounds)

        return self._application(("family", axis, *described), "count", params, made)

    def _distinguished(
        self, place: Term, parts: tuple[Term, ...]
    ) -> tuple[Term, tuple[Term, ...], tuple[Term, ...]]:
        """Definitions in names of their own: equal ones are then the same term."""
        own = z3.Int("own place")
        params = [
            name for name in names_in(parts) if str(name) in self._places and not name.eq(place)
        ]
        names = [z3.Int(f"parameter {k}") for k in range(len(params))]
        described = tuple(_instance(part, (place, *params), (own, *names)) for part in parts)
        return own, tuple(params), described

    def _application(
        self, key: tuple[Any, ...], kind: str, params: tuple[Term, ...], made: Callable[..., Any]
    ) -> Term:
        identity = tuple(part.get_id() if z3.is_expr(part) else part for part in key)
        if identity not in self._known:
            name = f"{kind} {len(self._known)}"
            sorts = [z3.IntSort()] * (len(params) + 1)
            function = z3.Function(name, *sorts)
            names = tuple(z3.Int(f"parameter {k}") for k in range(len(params)))
            self._known[identity] = function
            item = made(function, names)
            kept: dict[str, Any] = self.families if isinstance(item, Family) else self.choices
            kept[name] = item
        return self._known[identity](*params)


def _instance(term: Term, names: tuple[Term, ...], values: tuple[Term, ...]) -> Term:
    return z3.substitute(term, *zip(names, values, strict=True))


def _is_name(term: Term) -> bool:
    return bool(z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED)


def nodes(terms: Iterable[Term]) -> Iterator[Term]:
    """Every subterm once, in order."""
    seen = set()
    pending = list(terms)[::-1]
    while pending:
        term = pending.pop()
        if term.get_id() in seen:
            continue
        seen.add(term.get_id())
        yield term
        pending.extend(reversed(term.children()))


def names_in(terms: Iterable[Term]) -> list[Term]:
    """The constants without a meaning of their own, in order."""
    return [term for term in nodes(terms) if _is_name(term)]
