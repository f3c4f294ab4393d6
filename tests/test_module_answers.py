"""What modules of torch answer: rounding of their own, words for causes, state that they keep."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.data.problem import InputError
from deepdistill.forms.dense.handed import beside, of_module
from deepdistill.ir.types import Integers

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


# State that is kept from call to call


class Remembering(nn.Module):  # type: ignore[misc, name-defined]
    """Answers the opposite from some call on; what it counts stands in itself or elsewhere."""

    def __init__(self, counted: str, limit: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(6, 5), nn.Linear(5, 3)
        self.calls, self.by, self.limit = 0, {"calls": 0}, limit
        self.past: list[int] = []
        self.register_buffer("seen", torch.zeros(()))
        self.outside = np.zeros(1)
        self.counted = counted

    def count(self) -> int:
        match self.counted:
            case "number":
                self.calls += 1
                return self.calls
            case "list":
                self.past.append(0)
                return len(self.past)
            case "dict":
                self.by["calls"] += 1
                return self.by["calls"]
            case "array":
                self.outside += 1
                return int(self.outside[0])
            case _:
                self.seen += 1
                return int(self.seen)

    def forward(self, x):  # type: ignore[no-untyped-def]
        x = torch.sign(self.first(x))
        return self.last(-x if self.count() > self.limit else x)


@pytest.mark.parametrize("counted", ["number", "list", "dict", "array", "buffer"])
@pytest.mark.parametrize("limit", [2, 60])
def test_what_answers_otherwise_later_is_refused(counted: str, limit: int) -> None:
    module = Remembering(counted, limit)
    with pytest.raises(InputError, match="memory"):
        dd.condense_network(module, (6,))
    assert module.calls == 0 and not module.seen and module.training


def test_the_run_that_is_certified_is_asked_again() -> None:
    """A module that answers all inputs as it was read, and otherwise from the next call on."""
    module = Remembering("number", 10**9)
    handed = of_module(module, (6,), "argmax", Integers(0, 1))
    assert beside(handed, handed.network, 0).outside is None
    module.limit = 1
    with pytest.raises(InputError, match="memory"):
        beside(handed, handed.network, 0)
    assert module.calls == 0 and module.training


def test_what_is_counted_without_another_answer_is_told() -> None:
    module = Remembering("number", 10**9)
    found, note = solved(module)
    assert "the module changes calls whenever it is called" in note
    with torch.no_grad():
        wanted = module.eval()(torch.as_tensor(INPUTS).float()).argmax(1)
    assert found.tolist() == wanted.tolist()
    assert "whenever" not in solved(signed())[1]
