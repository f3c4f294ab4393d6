"""Hypothesis looks for inputs on which a solver differs, and shrinks those that it meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy


class _Differs(Exception):
    """This input is one."""


@contextmanager
def same_draws() -> Iterator[None]:
    """Draws that depend on the seed alone.

    Hypothesis also draws constants that it reads in the source of every loaded module outside of
    ``site-packages``: other ones from another folder, or after another import, and reading them
    takes seconds.
    """
    try:
        providers: Any = import_module("hypothesis.internal.conjecture.providers")
        nothing = import_module("hypothesis.internal.constants_ast").Constants()
        reads, cache = providers._get_local_constants, providers.CONSTANTS_CACHE.cache
    except (ImportError, AttributeError):  # a version of Hypothesis that reads none
        yield
        return
    cache.clear()
    providers._get_local_constants = lambda: nothing
    try:
        yield
    finally:
        providers._get_local_constants = reads
        cache.clear()


def quietly(examples: int) -> settings:
    """Settings of a search for a counterexample: nothing printed, stored or timed."""
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )


Compare: TypeAlias = Callable[[Sequence[str], Any], tuple[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Searched:
    """The shrunk differences by name, and how many inputs were drawn for them."""

    differences: dict[str, Any]
    count: int


def search(
    strategy: SearchStrategy[Any],
    compare: Compare,
    names: Sequence[str],
    examples: int,
    seed: int,
) -> Searched:
    """A difference from each of ``names``, as far as there is one among so many examples.

    ``compare`` gives the first of some names that differs at a case. The same seed looks at the
    same inputs.
    """
    differences: dict[str, Any] = {}
    most = 0
    while left := [name for name in names if name not in differences]:
        met, count = _first(strategy, compare, left, examples, seed)
        most = max(most, min(count, examples))  # shrinking is no evidence
        if met is None:
            break
        name, wrong = met
        differences[name] = wrong
    return Searched(differences, most)


def _first(
    strategy: SearchStrategy[Any],
    compare: Compare,
    names: Sequence[str],
    examples: int,
    seed: int,
) -> tuple[tuple[str, Any] | None, int]:
    met: list[tuple[str, Any]] = []
    count = 0

    @seeded(seed)
    @quietly(examples)
    @given(strategy)
    def agree(case: Any) -> None:
        nonlocal count
        count += 1
        wrong = compare([met[-1][0]] if met else names, case)  # shrink for the first that differed
        if wrong is not None:
            met.append(wrong)
            raise _Differs

    # flaky: the subject does not answer the same each time
    with same_draws(), suppress(_Differs, Flaky):
        agree()
    return met[-1] if met else None, count  # the last one that Hypothesis tries is the simplest
