"""What modules of torch answer: rounding of their own, words for causes, state that they keep."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.data.problem import InputError

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

INPUTS = np.array(list(product([0, 1], repeat=6)))


class Applied(nn.Module):  # type: ignore[misc, name-defined]
    """A function as a module."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x):  # type: ignore[no-untyped-def]
        return self.function(x)


def signed(*more: Any) -> Any:
    """Two layers of small integers around a sign, then more."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(6, 5), Applied(torch.sign), nn.Linear(5, 3), *more)
    with torch.no_grad():
        for one in module.parameters():
            one.copy_(torch.round(one * 6))
    return module.eval()


def solved(module: Any, **more: Any) -> tuple[Any, str]:
    """What the solver answers to every input, and the note of its certificate."""
    result = dd.condense_network(module, (6,), name="it", **more)
    assert result.certificate.ok
    return np.array([result.solve(x.tolist()) for x in INPUTS]), result.certificate.faithful.note


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.float64])
def test_a_softmax_rounds_by_itself_where_the_sums_do_not(kind: Any) -> None:
    module = signed(nn.Softmax(1)).to(kind)
    found, note = solved(module)
    with torch.no_grad():
        wanted = module(torch.as_tensor(INPUTS).to(kind)).double().numpy()
    assert np.allclose(found, wanted, atol=8 * torch.finfo(kind).eps, rtol=0)
    assert "ends with softmax, so it answers probabilities, not argmax" in note
    assert "so it answers" not in solved(module, head="softmax")[1]


class softmax(torch.autograd.Function):  # type: ignore[misc, name-defined]
    """Something else by the name of a softmax, by less than a thousandth."""

    @staticmethod
    def forward(ctx, x, dim):  # type: ignore[no-untyped-def]
        return F.softmax(1.001 * x, dim)


def test_what_a_softmax_rounds_is_no_excuse_for_another_function() -> None:
    with pytest.raises(InputError, match=r"answers .* where what was read from it answers"):
        solved(signed(Applied(lambda x: softmax.apply(x, 1))))


def test_an_argmax_at_the_end_is_told_where_numbers_were_asked() -> None:
    found, note = solved(signed(Applied(lambda x: x.argmax(1))), head="linear")
    assert set(found) <= {0, 1, 2}
    assert "ends with argmax, so it answers a class, not linear" in note
