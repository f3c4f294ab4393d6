"""What formulas of a row cannot tell: rows that look at each other, answers that are classes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import deepdistill as dd
from deepdistill.modules.calls import captured
from tests.surrogate_models import batches


class AcrossRows(nn.Module):
    """Less the mean of the rows of a call, or of the steps of a sequence."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x - x.mean(self.axis, keepdim=True) / 2


@pytest.mark.parametrize(
    ("block", "mixes"),
    [
        (AcrossRows(0), True),
        (AcrossRows(1), True),
        (AcrossRows(2), False),
        (nn.BatchNorm1d(4), False),
        (nn.MultiheadAttention(2, 1, batch_first=True), True),
    ],
)
def test_a_block_whose_rows_look_at_each_other_is_told(block: nn.Module, mixes: bool) -> None:
    inputs: Any = batches(4, 6, 4)
    if isinstance(block, nn.MultiheadAttention):
        inputs = [(x, x, x) for x in inputs]
    calls = captured(block.double(), "", inputs)
    assert any("other rows" in note for note in calls.notes) == mixes


def test_classes_are_refused_with_what_to_give() -> None:
    from sklearn.linear_model import LogisticRegression

    x = batches(1)[0].numpy()
    model = LogisticRegression().fit(x, x[:, 0] > 0)
    with pytest.raises(dd.InputError, match="predict_proba or decision_function"):
        dd.distill_module(model, "", x)
