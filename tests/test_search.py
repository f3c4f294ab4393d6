"""The search for inputs on which a solver differs: the same ones for the same seed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from deepdistill.verify.search import same_draws, search


def drawn(seed: int) -> list[Any]:
    """What is looked at among floats and integers."""
    looked: list[Any] = []

    def compare(names: Any, case: Any) -> None:
        looked.append(case)

    search(st.tuples(st.floats(0, 1e6), st.integers(0, 10**9)), compare, ["a"], 200, seed)
    return looked


def test_draws_depend_on_the_seed_and_not_on_what_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    before = drawn(0)
    odd = Constants(floats={1234.5678 + k for k in range(300)})  # as of a module that was imported
    monkeypatch.setattr(providers, "_get_local_constants", lambda: odd)
    providers.CONSTANTS_CACHE.cache.clear()
    assert drawn(0) == before != drawn(1)


def test_the_draws_of_others_are_as_before() -> None:
    from hypothesis.internal.conjecture import providers

    reads = providers._get_local_constants
    with pytest.raises(RuntimeError), same_draws():
        assert providers._get_local_constants is not reads
        raise RuntimeError
    assert providers._get_local_constants is reads


def test_a_difference_is_found_and_made_small() -> None:
    found = search(
        st.integers(0, 1000), lambda names, case: ("a", case) if case > 17 else None, ["a"], 100, 0
    )
    assert found.differences == {"a": 18} and found.count <= 100
