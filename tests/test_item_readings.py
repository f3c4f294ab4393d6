"""What units over items read: counts of pairs by their definition."""

from __future__ import annotations

from operator import eq, gt, lt
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from item_networks import NUMBERS

from deepdistill.units.item_readings import Order, Others, Relation
from deepdistill.units.site import Seen, Site

COMPARED = {"less": lt, "equal": eq, "greater": gt}
STANDS = {"any": lambda j, i: j != i, "before": lt, "after": gt}


@pytest.mark.parametrize("relation", get_args(Relation))
@pytest.mark.parametrize("order", get_args(Order))
@given(numbers=st.lists(st.integers(-3, 3), max_size=8))
def test_pairs_are_counted(relation: Relation, order: Order, numbers: list[int]) -> None:
    array = np.array(numbers, dtype=np.int64)
    found = Others(relation, order).values(Seen(Site((NUMBERS,), (0,)), (array,)))
    assert found.dtype == np.int64
    assert found.tolist() == [
        sum(
            STANDS[order](j, i) and COMPARED[relation](other, own)
            for j, other in enumerate(numbers)
        )
        for i, own in enumerate(numbers)
    ]
