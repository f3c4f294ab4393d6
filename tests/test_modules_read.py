"""Modules of torch read step by step: the units that were read answer as the module does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from deepdistill.ir.errors import InputError
from deepdistill.modules.capture import precision, unchanged, unwrapped
from deepdistill.modules.read import ReadModule, read_module

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

BITS = np.array(list(product([0, 1], repeat=4)))


class Applied(nn.Module):  # type: ignore[misc, name-defined]
    """A layer of small integers, and a function of what it gives."""

    def __init__(self, function: Callable[..., Any], layer: bool = True) -> None:
        super().__init__()
        self.function = function
        self.layer = nn.Linear(4, 3) if layer else nn.Identity()
        drawn = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for one in self.layer.parameters():
                one.copy_(torch.randint(-2, 3, one.shape, generator=drawn).to(one.dtype))

    def forward(self, x):  # type: ignore[no-untyped-def]
        return self.function(self.layer(x))


class Branching(nn.Module):  # type: ignore[misc, name-defined]
    """What cannot be traced but acts on each number alone."""

    def forward(self, x):  # type: ignore[no-untyped-def]
        return torch.sign(x) if x.isfinite().all() else x


class OwnSign(torch.autograd.Function):  # type: ignore[misc, name-defined]
    @staticmethod
    def forward(ctx, x):  # type: ignore[no-untyped-def]
        return torch.where(x >= 0, 1.0, -1.0)


class Compiled(nn.Module):  # type: ignore[misc, name-defined]
    """As torch.compile wraps a module."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self._orig_mod = module


def normed(affine: bool) -> Any:
    norm = nn.BatchNorm1d(3, affine=affine)
    norm.running_mean[:] = torch.tensor([0.5, -1.0, 2.0])
    norm.running_var[:] = torch.tensor([2.0, 0.3, 1.5])
    return nn.Sequential(Applied(nn.Identity()), norm, Applied(torch.sign, layer=False)).eval()


def of_units(read: ReadModule, x: np.ndarray) -> np.ndarray:
    """The outputs for inputs (samples, inputs), unit after unit."""
    terms = [np.ones(len(x)), *x.T.astype(float)]
    for unit in read.units:
        total = np.array(terms[: len(unit.row)]).T @ unit.row
        terms.append(np.sign(total) if unit.kind == "sign" else (total >= 0).astype(float))
    return np.array(terms).T @ read.outputs.T


def truths(x: Any) -> Any:
    """Truths joined in every way."""
    a, b, c = x[:, 0] > 0, x[:, 1] >= 1, x[:, 2] < 1
    return torch.stack([(a & b).float(), (~a | c).float(), (a * b).float()], 1)


def in_place(x: Any) -> Any:
    x.sign_()
    x += 1
    return x


ALIKE: dict[str, Callable[..., Any]] = {
    "up to a place and from it": lambda x: torch.heaviside(x, torch.tensor(0.25)),
    "equal": lambda x: torch.eq(x, 1).float(),
    "two steps": lambda x: (x < 0).float() - 2.0 * (x <= 1).float(),
    "not equal": lambda x: x.ne(0).double(),
    "a line on integers": lambda x: x.clamp(-100, 100),
    "one value on integers": lambda x: x.clamp(-100, -99),
    "integers cut off": lambda x: x.int().float(),
    "other than 0": lambda x: x.bool().float(),
    "other than 0, by its kind": lambda x: x.to(torch.bool).float(),
    "a truth stays one": lambda x: (x > 0).bool().float(),
    "logic": truths,
    "in place": in_place,
    "in place, as an argument": lambda x: F.hardtanh(x, inplace=True),
    "another order": lambda x: x.data.flip(1),
    "its own functions": lambda x: OwnSign.apply(x) + OwnSign.apply(torch.ones(3)),
    "one number alone": lambda x: torch.heaviside(x - x, torch.tensor(0.5)),
    "constants": lambda x: torch.where(x > 0, 2.0, torch.full_like(x, -1.0)),
    "a function of weights": lambda x: F.linear(torch.sign(x), torch.tensor([[1.0, 2.0, 3.0]])),
    "of two axes": lambda x: F.linear(x.unsqueeze(1), torch.eye(3)).flatten(1),
}


@pytest.mark.parametrize("name", ALIKE)
def test_the_units_answer_as_the_module(name: str) -> None:
    module = Applied(ALIKE[name])
    read = read_module(module, (4,), range(2))
    with torch.no_grad():
        expected = module(torch.tensor(BITS, dtype=torch.float32)).double().numpy()
    assert read.head == "scores"
    assert np.array_equal(of_units(read, BITS), expected)


@pytest.mark.parametrize("affine", [True, False])
def test_a_norm_is_what_it_learned(affine: bool) -> None:
    module = normed(affine)
    with torch.no_grad():
        expected = module(torch.tensor(BITS, dtype=torch.float32)).double().numpy()
    assert np.array_equal(of_units(read_module(module, (4,), range(2)), BITS), expected)


def test_modules_around_a_module_and_inside_are_read() -> None:
    """What cannot be traced is one step; what is only a wrapper is taken off."""
    inner = nn.Sequential(Applied(nn.Identity()), Branching())
    for module in (Compiled(inner), nn.DataParallel(Compiled(inner))):
        own = unwrapped(module)
        assert own is inner
    expected = inner(torch.tensor(BITS, dtype=torch.float32)).detach().double().numpy()
    assert np.array_equal(of_units(read_module(inner, (4,), range(2)), BITS), expected)
    with pytest.raises(InputError, match="list is not a module of torch"):
        unwrapped([])


HEADS: list[tuple[Callable[..., Any], str]] = [
    (lambda x: x.softmax(1), "softmax"),
    (lambda x: x.softmax(1).argmax(1), "argmax"),
    (lambda x: torch.log_softmax(x, dim=-1).argmax(dim=1), "argmax"),
    (lambda x: torch.sigmoid(x), "monotone"),
    (lambda x: torch.argmax(x, 1).float().squeeze(), "argmax"),
]


@pytest.mark.parametrize(("function", "head"), HEADS)
def test_what_becomes_of_the_outputs_is_told(function: Callable[..., Any], head: str) -> None:
    plain = Applied(nn.Identity())
    read = read_module(Applied(function), (4,), range(2))
    assert read.head == head and not read.units
    expected = plain(torch.tensor(BITS, dtype=torch.float32)).detach().numpy()
    assert np.array_equal(of_units(read, BITS), expected)


REFUSED: list[tuple[Callable[..., Any], str]] = [
    (lambda x: x.softmax(1) + 1, "the function add;"),
    (lambda x: 1 + x.softmax(1), "the function add;"),
    (lambda x: x.argmax(1).cos(), "the method cos;"),
    (lambda x: x.argmax(0), "the method argmax;"),
    (lambda x: torch.where(x, 1.0, 2.0), "the function where;"),
    (lambda x: torch.where(x > 0, x, 2.0), "the function where;"),
    (lambda x: 1 / (x - x), "truediv"),
    (lambda x: x.reshape(-1, 7), "the method reshape"),
    (lambda x: x.unsqueeze(2), r"an array of shape \(3, 1\): it must give one list of numbers"),
    (lambda x: torch.ones(3), "one tensor that depends on its input"),
    (lambda x: x % 3, "the function mod"),
    (lambda x: x.T, "the function getattr"),
]


@pytest.mark.parametrize(("function", "words"), REFUSED)
def test_what_no_unit_computes_is_named(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as refusal:
        read_module(Applied(function), (4,), range(2))
    assert len(str(refusal.value).splitlines()) == 1


def test_more_units_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room grows with the units; too many of them are refused."""
    many = Applied(lambda x: torch.cat([torch.sign(x - (k + 0.5) / 3) for k in range(30)], 1))
    read = read_module(many, (4,), range(2))
    assert len(read.units) == 90
    parts = of_units(read, BITS).reshape(16, 30, 3)
    assert (np.diff(parts, axis=1) <= 0).all() and set(parts.ravel()) == {-1.0, 1.0}
    monkeypatch.setattr("deepdistill.modules.read._MOST_TERMS", 2**7)
    with pytest.raises(InputError, match="too many units"):
        read_module(many, (4,), range(2))


def test_half_of_the_digits_are_told() -> None:
    assert read_module(Applied(torch.sign), (4,), range(2)).epsilon == 2.0**-23
    halved = Applied(lambda x: torch.sign(x.half()).float())
    assert read_module(halved, (4,), range(2)).epsilon == 2.0**-10
    to = Applied(lambda x: torch.sign(x.to(torch.bfloat16)).float())
    assert read_module(to, (4,), range(2)).epsilon == 2.0**-7


def test_a_module_is_afterwards_as_it_was() -> None:
    """Numbers that it changes while it runs are set back; its kind of number is that of floats."""
    norm = nn.BatchNorm1d(3).train()
    with unchanged(norm):
        norm.running_mean += 1
        assert not norm.training
    assert norm.training and not norm.running_mean.any()
    counter = nn.Module()
    counter.register_buffer("count", torch.zeros(1, dtype=torch.int64))
    assert precision(counter) == torch.get_default_dtype()
    assert precision(norm.double()) == torch.float64
