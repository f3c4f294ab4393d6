"""Modules of torch, condensed: what they compute is read and run, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.data.problem import InputError

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of scripts

INPUTS = np.array(list(product([0, 1], repeat=4)))


class Activated(nn.Module):  # type: ignore[misc, name-defined]
    """Two linear layers whose children are named in another order than they are used."""

    def __init__(self, activation: Callable[..., Any], hidden: int = 3) -> None:
        super().__init__()
        self.last = nn.Linear(hidden, 3)
        self.first = nn.Linear(4, hidden)
        self.activation = activation

    def forward(self, x):  # type: ignore[no-untyped-def]
        return self.last(self.activation(self.first(x)))


class Compiled(nn.Module):  # type: ignore[misc, name-defined]
    """As torch.compile wraps a module."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self._orig_mod = module


class Applied(nn.Module):  # type: ignore[misc, name-defined]
    """A function as a module."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x):  # type: ignore[no-untyped-def]
        return self.function(x)


class StraightThrough(torch.autograd.Function):  # type: ignore[misc, name-defined]
    @staticmethod
    def forward(ctx, x):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(x)
        return torch.where(x >= 0, 1.0, -1.0)

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        return gradient


class SignedWeights(nn.Linear):  # type: ignore[misc, name-defined]
    def forward(self, input):  # type: ignore[no-untyped-def]
        return F.linear(input, torch.sign(self.weight), self.bias)


class Counting(nn.Module):  # type: ignore[misc, name-defined]
    calls = 0

    def forward(self, x):  # type: ignore[no-untyped-def]
        self.calls += 1
        return x * self.calls


class Residual(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x):  # type: ignore[no-untyped-def]
        x = torch.sign(self.a(x)) + x
        return self.c((self.b(x) > 0).float() + x)


def whole(module: Any, seed: int = 1) -> Any:
    """The module with small integers for weights, so that ties occur and are exact."""
    drawn = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for one in module.parameters():
            one.copy_(torch.randint(-2, 3, one.shape, generator=drawn).to(one.dtype))
    return module


def plain(*more: Any) -> Any:
    return nn.Sequential(nn.Linear(4, 3), Applied(torch.sign), nn.Linear(3, 2), *more)


def twice() -> Any:
    sign, layer = Applied(torch.sign), nn.Linear(4, 4)
    return nn.Sequential(layer, sign, layer, sign, nn.Linear(4, 2))


def normed() -> Any:
    norm = nn.BatchNorm1d(3)
    norm.running_mean[:] = torch.tensor([0.5, -1.0, 2.0])
    norm.running_var[:] = torch.tensor([2.0, 0.3, 1.5])
    return nn.Sequential(nn.Linear(4, 3), norm, Applied(torch.sign), nn.Linear(3, 2))


def hooked() -> Any:
    module = plain()
    module[0].register_forward_hook(lambda part, given, found: -found)
    module.register_forward_hook(lambda part, given, found: found.flip(1))
    return module


def patched() -> Any:
    module = plain()
    module[2].forward = lambda x: F.linear(x.flip(1), module[2].weight)
    return module


def nested() -> Any:
    first = nn.Sequential(nn.Flatten(), nn.Identity(), nn.Dropout(0.5))
    return nn.Sequential(first, nn.Sequential(nn.Linear(4, 3, bias=False), Applied(torch.sign)))


def parametrized() -> Any:
    module = plain()
    torch.nn.utils.parametrizations.weight_norm(module[0])
    return module


READ: dict[str, Callable[[], Any]] = {
    "sign": lambda: whole(Activated(torch.sign)),
    "method": lambda: whole(Activated(lambda x: x.sign())),
    "in place": lambda: whole(Activated(lambda x: x.sign_())),
    "step at 0 is 0": lambda: whole(Activated(lambda x: (x > 0).float())),
    "step at 0 is 1": lambda: whole(Activated(lambda x: (x >= 0).to(x.dtype))),
    "step down": lambda: whole(Activated(lambda x: (x < 0).float() - 2.0 * (x <= 1).float())),
    "equal": lambda: whole(Activated(lambda x: torch.eq(x, 1).float())),
    "sign at 0 is 1": lambda: whole(Activated(lambda x: torch.where(x >= 0, 1.0, -1.0))),
    "sign of twice the step": lambda: whole(Activated(lambda x: 2 * (x > 0).float() - 1)),
    "straight through": lambda: whole(Activated(StraightThrough.apply)),
    "detached": lambda: whole(Activated(lambda x: x + (torch.sign(x) - x).detach())),
    "heaviside 0": lambda: whole(Activated(lambda x: torch.heaviside(x, torch.tensor(0.0)))),
    "heaviside 1/2": lambda: whole(Activated(lambda x: torch.heaviside(x, torch.tensor(0.5)))),
    "heaviside 1/4": lambda: whole(Activated(lambda x: torch.heaviside(x, torch.tensor(0.25)))),
    "hardtanh of integers": lambda: whole(Activated(F.hardtanh)),
    "clamp of integers": lambda: whole(Activated(lambda x: x.clamp(0, 1))),
    "two linear layers": lambda: nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)),
    "one linear layer": lambda: nn.Linear(4, 3),
    "no bias": nested,
    "one activation and one layer twice": twice,
    "batch norm": normed,
    "residual": lambda: whole(Residual(), 3),
    "residual, floats": Residual,
    "own linear layer": lambda: nn.Sequential(SignedWeights(4, 3), Applied(torch.sign)),
    "hooks": hooked,
    "patched forward": patched,
    "reversed input": lambda: nn.Sequential(Applied(lambda x: x.flip(1)), *plain()),
    "parametrized": parametrized,
    "dropout": lambda: nn.Sequential(nn.Dropout(0.9), *plain()),
    "softmax": lambda: plain(nn.Softmax(dim=-1)),
    "log softmax": lambda: plain(nn.LogSoftmax(dim=1)),
    "argmax": lambda: plain(Applied(lambda x: x.argmax(1))),
    "data parallel": lambda: nn.DataParallel(plain()),
    "compiled": lambda: Compiled(plain()),
    "double": lambda: plain().double(),
    "logic": lambda: Applied(
        lambda x: torch.stack(
            [
                ((x[:, 0] > 0) & (x[:, 1] > 0)).float(),
                (~(x[:, 3] > 0.5) | (x[:, 2] > 0)).float(),
            ],
            1,
        )
    ),
}

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "relu": (lambda: Activated(F.relu), "relu"),
    "softsign": (
        lambda: nn.Sequential(nn.Linear(4, 3), nn.Softsign(), nn.Linear(3, 2)),
        "Softsign",
    ),
    "hardtanh": (lambda: Activated(F.hardtanh), "hardtanh"),
    "always dropout": (lambda: Activated(lambda x: F.dropout(torch.sign(x))), "by chance"),
    "noise": (lambda: Activated(lambda x: torch.sign(x) + torch.randn(3)), "by chance"),
    "memory": (lambda: plain(Counting()), "memory"),
    "branch": (lambda: Activated(lambda x: x.sign() if x.sum() > 0 else x), "cannot be traced"),
    "product": (lambda: Activated(lambda x: x * torch.sign(x)), "mul"),
    "batch": (lambda: Activated(lambda x: torch.sign(x - x.mean(0))), "mean"),
    "layer norm": (lambda: nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3)), "LayerNorm"),
    "one output": (lambda: nn.Linear(4, 1), "head='linear'"),
    "two answers": (lambda: Applied(lambda x: (x, x)), "one tensor"),
    "scripted": (lambda: torch.jit.script(nn.Linear(4, 2)), "scripted"),
    "lazy": (lambda: nn.LazyLinear(2), "run it once"),
    "other width": (lambda: nn.Linear(5, 2), "cannot be run"),
}


def answers(module: Any, x: np.ndarray) -> np.ndarray:
    """What the module itself says, in evaluation mode: classes, probabilities or numbers."""
    own = getattr(module, "_orig_mod", module)
    own = own.module if isinstance(own, nn.DataParallel) else own
    modes = [part.training for part in own.modules()]
    own.eval()
    kind = next(own.parameters(), torch.zeros(1)).dtype
    with torch.no_grad():
        found = own(torch.as_tensor(x).to(kind)).double().numpy()
    for part, mode in zip(own.modules(), modes, strict=True):
        part.training = mode
    return np.asarray(found)


def assert_same(module: Any, result: dd.Result, x: np.ndarray) -> None:
    found = answers(module, x)
    solved = np.array([result.solve(one.tolist()) for one in x])
    if solved.ndim == 1 and found.ndim == 2:
        found = found.argmax(axis=1) if found.shape[1] > 1 else found[:, 0]
    assert np.allclose(found, solved, atol=1e-5)


@pytest.mark.parametrize("name", READ)
def test_a_module_is_read_by_what_it_computes(name: str) -> None:
    torch.manual_seed(0)
    module = READ[name]()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    modes = [part.training for part in module.modules()]
    result = dd.condense_network(module, (4,), name="it")
    assert_same(module, result, INPUTS)
    claim = result.certificate.faithful
    assert claim.status == "exhaustive"
    assert "the module itself (" in claim.note and "was run on all 16 inputs" in claim.note
    after = module.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())
    assert modes == [part.training for part in module.modules()]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_threshold_network_is_refused_by_name(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(InputError) as refusal:
        dd.condense_network(make(), (4,))
    assert words in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


def test_what_cannot_be_seen_in_its_steps_is_seen_in_its_answers() -> None:
    """A step that looks linear wherever it is probed, and is not on the inputs themselves."""
    module = Applied(lambda x: torch.stack([x[:, 0], x.sum(1).clamp(max=1e7 + 0.5)], 1))
    with pytest.raises(InputError, match=r"answers .* where what was read from it answers"):
        dd.condense_network(module, (2,), head="linear", values=(0, 2 * 10**7))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_is_read_within_its_own_rounding(kind: Any) -> None:
    torch.manual_seed(2)
    module = plain().to(kind)
    result = dd.condense_network(module, (4,), name="half")
    found, solved = answers(module, INPUTS).argmax(1), [result.solve(x.tolist()) for x in INPUTS]
    assert int((found != np.array(solved)).sum()) <= told(result.certificate.faithful.note)


def told(note: str) -> int:
    """How many answers a note says the floats give otherwise."""
    words = note.split("the floats answer ")
    return int(words[1].split()[0].replace(",", "")) if len(words) > 1 else 0


def test_a_picture_is_handed_over_as_it_is_or_in_a_row() -> None:
    torch.manual_seed(3)
    for module in (nn.Sequential(nn.Flatten(), *plain()), plain()):
        result = dd.condense_network(module, (2, 2), name="picture")
        flat = nn.Sequential(*[p for p in module if not isinstance(p, nn.Flatten)])
        expected = answers(flat, INPUTS).argmax(1)
        assert [result.solve(x.reshape(2, 2).tolist()) for x in INPUTS] == expected.tolist()


def test_a_convolution_is_linear() -> None:
    torch.manual_seed(4)
    parts = nn.Conv2d(1, 2, 2), nn.Flatten(), Applied(torch.sign), nn.Linear(8, 2)
    module = nn.Sequential(nn.Unflatten(1, (1, 3)), *parts)
    result = dd.condense_network(module, (3, 3), name="picture")
    x = np.array(list(product([0, 1], repeat=9))).reshape(-1, 3, 3)
    expected = answers(module, x).argmax(1)
    assert [result.solve(one.tolist()) for one in x] == expected.tolist()


def test_inputs_of_more_values_are_carried_past_a_layer() -> None:
    module = whole(Residual(), 5)
    result = dd.condense_network(module, (4,), name="it", values=(-1, 2))
    assert_same(module, result, np.array(list(product(range(-1, 3), repeat=4))))


def test_a_number_and_many_inputs() -> None:
    torch.manual_seed(5)
    module = nn.Sequential(nn.Linear(30, 4), Applied(lambda x: (x > 0).float()), nn.Linear(4, 1))
    result = dd.condense_network(module, (30,), head="linear", name="number")
    x = np.random.default_rng(0).integers(0, 2, (200, 30))
    assert_same(module, result, x)
    assert "was run on 2,000 inputs, random ones and near ties" in result.certificate.faithful.note


@pytest.mark.slow
def test_a_compiled_module_is_the_module() -> None:
    module = plain()
    assert_same(module, dd.condense_network(torch.compile(module), (4,), name="it"), INPUTS)


def test_two_sizes_of_one_module_are_both_run() -> None:
    def most(n: int) -> Any:
        module = nn.Linear(n, 2)
        with torch.no_grad():
            module.weight[:] = torch.tensor([[-2.0] * n, [2.0] * n])
            module.bias[:] = torch.tensor([n * 1.0, -n * 1.0])
        return module

    result = dd.condense_network(most(6), (6,), name="most", second=(most(4), (4,)))
    assert result.certificate.ok
    assert "the module itself" in result.certificate.scalable.note
    assert result.solve([1, 1, 1, 1, 1, 0, 0, 0, 0]) == 1


# Random modules

ACTIVATIONS: list[Callable[..., Any]] = [
    torch.sign,
    lambda x: (x > 0).float(),
    lambda x: (x >= 0.5).float(),
    lambda x: torch.where(x < 0, -1.0, 1.0),
    lambda x: torch.heaviside(x, torch.tensor(0.5)),
    lambda x: (x > 0).float() + x.sign(),
    F.hardtanh,
    F.relu,
    F.softsign,
    lambda x: x.flip(1),
    nn.Identity(),
]


class Chained(nn.Module):  # type: ignore[misc, name-defined]
    """Layers one after another with activations, as a function; some are used twice."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        widths = [4, *rng.integers(1, 4, int(rng.integers(0, 3))).tolist()]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.last = nn.Linear(widths[-1], 3)
        kinds = len(ACTIVATIONS) if rng.random() < 0.5 else 6
        self.kinds = rng.integers(0, kinds, len(widths)).tolist()
        self.skips = (rng.random(len(widths)) < 0.2).tolist()
        drawn = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for one in self.parameters():
                found = torch.randint(-4, 5, one.shape, generator=drawn).float()
                one.copy_(found / float(rng.choice([1, 2, 10, 3])))
        if rng.random() < 0.3:
            self.double()

    def forward(self, x):  # type: ignore[no-untyped-def]
        for layer, kind, skip in zip(self.layers, self.kinds, self.skips, strict=False):
            found = ACTIVATIONS[kind](layer(x))
            x = torch.cat([found, x], 1)[:, : found.shape[1]] + x[:, :1] if skip else found
        return self.last(x)


@settings(max_examples=tries(40), deadline=None, derandomize=True)
@given(st.integers(0, 2**31))
def test_random_modules_are_right_or_refused(seed: int) -> None:
    module = Chained(seed)
    try:
        result = dd.condense_network(module, (4,), name="random")
    except InputError:
        return
    found = answers(module.to(next(module.parameters()).dtype), INPUTS).argmax(1)
    solved = np.array([result.solve(x.tolist()) for x in INPUTS])
    assert int((found != solved).sum()) == told(result.certificate.faithful.note)
