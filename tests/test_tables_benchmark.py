"""The tables of the benchmark: where their package is installed they load, always the same."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.tables import MOST_ROWS, NAMES, load


def test_there_are_twenty() -> None:
    assert len(NAMES) == 20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("default")
def test_a_table_is_numbers_and_repeats(name: str) -> None:
    try:
        table = load(name)
    except ModuleNotFoundError as error:
        pytest.skip(f'{error.name} is not installed: pip install -e ".[bench]"')
    again = load(name)
    assert np.array_equal(table.x, again.x) and np.array_equal(table.y, again.y)
    assert table.x.shape == (len(table.y), len(table.titles)) and 40 < len(table.y) <= MOST_ROWS
    assert np.isfinite(table.x).all() and np.std(table.y) > 0
    assert len(set(table.names)) == len(table.titles)
