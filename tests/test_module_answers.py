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
    assert module.past == [] and module.by == {"calls": 0} and not module.outside.any()


def test_the_run_that_is_certified_is_asked_again() -> None:
    """A module that answers all inputs as it was read, and otherwise from the next call on."""
    module = Remembering("number", 10**9)
    handed = of_module(module, (6,), "argmax", Integers(0, 1))
    assert beside(handed, handed.network, 0).outside is None
    module.limit = 1
    with pytest.raises(InputError, match="memory"):
        beside(handed, handed.network, 0)
    assert module.calls == 0 and module.training


def test_what_cannot_be_set_back_is_no_obstacle() -> None:
    """Sparse tensors and arrays that nobody may write."""
    module = signed()
    module.sparse = torch.eye(3).to_sparse()
    module.table = np.zeros(3)
    module.table.flags.writeable = False
    assert len(solved(module)[0]) == 64


def test_what_is_counted_without_another_answer_is_told() -> None:
    module = Remembering("number", 10**9)
    found, note = solved(module)
    assert "the module changes calls whenever it is called" in note
    with torch.no_grad():
        wanted = module.eval()(torch.as_tensor(INPUTS).float()).argmax(1)
    assert found.tolist() == wanted.tolist()
    assert "whenever" not in solved(signed())[1]


# What is at fault, by its name


def between(step: Any) -> Any:
    return nn.Sequential(nn.Linear(6, 5), step, nn.Linear(5, 3))


CAUSES: dict[str, tuple[Callable[[], Any], str]] = {
    "tanh": (lambda: between(nn.Tanh()), r"computes: Tanh \(1\);"),
    "sigmoid": (lambda: between(nn.Sigmoid()), r"computes: Sigmoid \(1\);"),
    "relu": (lambda: between(nn.ReLU()), r"computes: ReLU \(1\);"),
    "gelu, twice": (lambda: between(Applied(lambda x: 2 * F.gelu(x))), "the function gelu;"),
    "softmax": (lambda: between(nn.Softmax(1)), r"Softmax \(1\), .* end alone, before Linear"),
    "sum": (lambda: between(Applied(lambda x: x.tanh() + x)), "the method tanh;"),
    "another place": (
        lambda: between(Applied(lambda x: (x.sigmoid() > 0.7).float())),
        "method sigmoid;",
    ),
    "at the end": (lambda: nn.Sequential(nn.Linear(6, 3), nn.ReLU()), r"ReLU \(1\);"),
}


@pytest.mark.parametrize("name", CAUSES)
def test_the_step_that_is_at_fault_is_named(name: str) -> None:
    make, words = CAUSES[name]
    torch.manual_seed(0)
    with pytest.raises(InputError, match=words) as refusal:
        dd.condense_network(make(), (6,))
    assert len(str(refusal.value).splitlines()) == 1


JUMPS: dict[str, Callable[[Any], Any]] = {
    "sign of tanh": lambda x: x.tanh().sign(),
    "half of sigmoid": lambda x: (x.sigmoid() > 0.5).float(),
    "at least half of sigmoid": lambda x: torch.ge(torch.sigmoid(x), 0.5).to(x.dtype),
    "rounded sigmoid": lambda x: x.sigmoid().round(),
    "shifted sigmoid": lambda x: torch.sign(2 * x.sigmoid() - 1),
    "not": lambda x: (~(x.tanh() < 0)).float(),
    "relu": lambda x: (F.relu(x) > 0).float() + (x.tanh() > 0).float(),
    "cube": lambda x: (x**3 >= 0).float(),
}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("name", JUMPS)
def test_a_jump_behind_a_monotone_function_is_a_threshold(name: str, whole: bool) -> None:
    torch.manual_seed(1)
    module = between(Applied(JUMPS[name])).eval()
    if whole:
        with torch.no_grad():
            for one in module.parameters():
                one.copy_(torch.round(one * 6))
    found, _ = solved(module)
    with torch.no_grad():
        wanted = module(torch.as_tensor(INPUTS).float()).argmax(1)
    assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e5])
@pytest.mark.parametrize("place", ["0.bias", "2.weight"])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_weight_that_is_not_finite_is_named(value: float, place: str) -> None:
    module = signed().half()  # which knows no 1e5
    with torch.no_grad():
        dict(module.named_parameters())[place].flatten()[1] = value
    words = rf"{place}\[(0, )?1\] of the module is (nan|inf), which is not finite"
    with pytest.raises(InputError, match=words):
        dd.condense_network(module, (6,))


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_sums_that_overflow_are_told() -> None:
    module = signed().half()
    with torch.no_grad():
        module[2].weight[:] = 60000
    with pytest.raises(InputError, match=r"answers \[.*inf.*\], which is not finite.* in float16"):
        dd.condense_network(module, (6,))


@pytest.mark.filterwarnings("ignore")
def test_a_quantized_layer_is_named() -> None:
    module = torch.ao.quantization.quantize_dynamic(signed(), {nn.Linear})
    with pytest.raises(InputError, match=r"the quantized Linear \(0\), which is read as it was"):
        dd.condense_network(module, (6,))
