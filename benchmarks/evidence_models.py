"""Tasks for ``benchmarks/evidence.py``: tables of numbers, and modules of torch from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, TypeAlias

import numpy as np

import deepdistill as dd
from benchmarks.evidence_tasks import Array, Draw, Rng, Task, Truth
from deepdistill.data.tables import checked
from deepdistill.run import fit_table

# Tables

TableFamily: TypeAlias = Callable[[Rng], tuple[str, int, Truth, Draw, float]]
"""The title, how many rows are shown, the law, how rows are drawn, the noise's deviation."""

_BUDGET = 0.25


def table_task(kind: str, number: int, family: TableFamily, rng: Rng) -> Task:
    """The task of a table; noise that is negative stands for 3 % of outliers."""
    title, count, truth, draw, noise = family(rng)

    def noisy(rng: Rng, label: Any) -> Any:
        if noise >= 0:
            return label + noise * rng.standard_normal()
        return label - 100 * noise * rng.standard_normal() * (rng.random() < 0.03)

    x = draw(rng, count)
    names = [f"x{k}" for k in range(x.shape[1])]
    true = np.array([float(truth(row)) for row in x])
    y = np.array([float(noisy(rng, one)) for one in true])

    def learn(seconds: float) -> Any:
        table = checked(x, y, names, "y")
        return fit_table(table, name="task", budget=_BUDGET, n_jobs=1, time_limit=seconds)

    def answer(result: Any, row: Array) -> float:
        used = [scalar.name for scalar in result.program.inputs]
        return float(result.solve(*(float(row[names.index(name)]) for name in used)))

    spread = float(np.std(true))
    return Task(
        kind,
        number,
        title,
        count,
        learn,
        truth,
        draw,
        noise=noisy if noise else None,
        answer=answer,
        right=1e-6 * spread + max(0.0, noise) / 2,
        random=spread == 0 and noise > 0,
    )


def _columns(*ranges: tuple[float, float]) -> Draw:
    def draw(rng: Rng, count: int) -> Array:
        return np.stack([rng.uniform(low, high, count) for low, high in ranges], axis=1)

    return draw


def _linear(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    a, b, c = (int(k) for k in rng.integers(-7, 8, 3))
    draw = _columns((1, 20), (1, 9), (0, 1))
    count = int(rng.choice([12, 30, 300]))
    return f"{a} a + {b} b + {c}", count, lambda r: a * r[0] + b * r[1] + c, draw, 0.0


def _noisy_linear(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    title, _, truth, draw, _ = _linear(rng)
    noise = float(rng.choice([0.1, 1.0, 5.0]))
    return f"{title}, noise {noise:g}", 300, truth, draw, noise


def _outliers(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    title, _, truth, draw, _ = _linear(rng)
    return f"{title}, 3 % outliers", 300, truth, draw, -1.0


def _product(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    p, q = (int(k) for k in rng.choice([-2, -1, 1, 2], 2))
    count = int(rng.choice([30, 300]))
    draw = _columns((1, 5), (1, 5))
    return f"a^{p} b^{q}", count, lambda r: r[0] ** p * r[1] ** q, draw, 0.0


def _pure_noise(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    count = int(rng.choice([12, 40, 300]))
    return "noise", count, lambda r: 0.0, _columns((0, 1), (0, 1)), 1.0


def _constant_table(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    k = int(rng.integers(10))
    return f"always {k}", 30, lambda r: float(k), _columns((0, 1), (0, 1)), 0.0


def _pieces(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    """Two laws on two sides of a limit around which no rows are."""
    c, gap = float(rng.uniform(3, 7)), float(rng.choice([0.0, 0.5, 1.5]))

    def draw(rng: Rng, count: int) -> Array:
        rows = rng.uniform(0, 10, (6 * count + 60, 2))
        return rows[abs(rows[:, 0] - c) >= gap][:count]

    def truth(row: Array) -> float:
        return float(2 * row[1] + 1 if row[0] > c else row[1])

    return f"two laws, limit {c:.2f}, gap {gap:g}", 300, truth, draw, 0.0


def _decision(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    """0 or 1 by two limits, one of which hardly any row decides."""
    share = float(rng.choice([0.01, 0.05, 0.3]))

    def truth(row: Array) -> float:
        return float(row[0] < 2000 or (row[1] < 25 and row[2] < share))

    draw = _columns((500, 9000), (18, 80), (0, 1))
    return f"income, or age and a share of {share:g}", 300, truth, draw, 0.0


def _waves(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    k, count = int(rng.integers(1, 9)), int(rng.choice([12, 40, 300]))
    return (
        f"sin({k} a) + b",
        count,
        lambda r: np.sin(k * r[0]) + r[1],
        _columns((0, 3), (0, 1)),
        0.0,
    )


def _divisor(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    def draw(rng: Rng, count: int) -> Array:
        return rng.integers(1, 60, (count, 2)).astype(np.float64)

    return "gcd(a, b)", 300, lambda r: float(np.gcd(int(r[0]), int(r[1]))), draw, 0.0


def _smooth(rng: Rng) -> tuple[str, int, Truth, Draw, float]:
    count, noise = int(rng.choice([20, 100, 300])), float(rng.choice([0.0, 0.05]))

    def truth(row: Array) -> float:
        return float(np.exp(-row[0]) * row[1] + np.sqrt(row[2]))

    return "exp(-a) b + sqrt(c)", count, truth, _columns((0, 3), (1, 5), (0, 4)), noise


TABLE_FAMILIES: Sequence[TableFamily] = (
    *(_linear, _noisy_linear, _outliers, _product, _pure_noise, _constant_table),
    *(_pieces, _decision, _waves, _divisor, _smooth),
)

# Modules

ModuleFamily: TypeAlias = Callable[[Rng], tuple[str, Any, int, dict[str, Any]]]
"""The title, the module, how many inputs it takes, and how it is handed over."""


def module_task(kind: str, number: int, family: ModuleFamily, rng: Rng) -> Task:
    """The task of a module: the truth is what it answers when it is run."""
    import torch

    title, module, inputs, options = family(rng)
    module.eval()
    head = options.get("head", "argmax")

    def scores(x: Array) -> Array:
        kind = next(module.parameters()).dtype
        with torch.no_grad():
            return np.asarray(module(torch.tensor(x[None], dtype=kind)).double()[0])

    def truth(x: Array) -> Any:
        return int(scores(x).argmax()) if head == "argmax" else scores(x)

    def margin(x: Array) -> float:
        """The least distance of a hidden sum from 0, or between the two highest scores."""
        sums: list[Array] = []
        layers = [layer for layer in module.modules() if isinstance(layer, torch.nn.Linear)]
        hooks = [
            layer.register_forward_hook(lambda _m, _i, y: sums.append(np.asarray(y.double()[0])))
            for layer in layers
        ]
        scores(x)
        for hook in hooks:
            hook.remove()
        *hidden, last = (np.sort(values) for values in sums)
        return float(min([last[-1] - last[-2], *(abs(values).min() for values in hidden)]))

    def draw(rng: Rng, count: int) -> Array:
        every = np.array(list(product((0, 1), repeat=inputs)))
        return every if len(every) <= count else every[rng.choice(len(every), count)]

    def learn(seconds: float) -> Any:
        return dd.condense_network(module, (inputs,), name="task", time_limit=seconds, **options)

    right = 0.0 if head == "argmax" else 1e-4
    return Task(kind, number, title, 0, learn, truth, draw, right=right, margin=margin)


def _sizes(rng: Rng) -> tuple[int, int, int]:
    return int(rng.integers(4, 11)), int(rng.integers(2, 7)), int(rng.integers(2, 4))


def _dense(rng: Rng, *between: Any, sizes: tuple[int, int, int] | None = None) -> tuple[Any, int]:
    """Two linear layers of small integers with modules between them."""
    from torch import nn

    n, hidden, classes = sizes or _sizes(rng)
    first, last = nn.Linear(n, hidden), nn.Linear(hidden, classes)
    _fill(rng, first, last)
    return nn.Sequential(first, *between, last), n


def _fill(rng: Rng, *layers: Any, divisor: float = 1) -> None:
    import torch

    for layer in layers:
        for parameter in layer.parameters():
            values = rng.integers(-4, 5, tuple(parameter.shape)) / divisor
            parameter.data = torch.tensor(values, dtype=parameter.dtype)


def _module(name: str, forward: Callable[..., Any]) -> Any:
    """A module of that class name that computes a function without parameters."""
    from torch import nn

    return type(name, (nn.Module,), {"forward": lambda self, x: forward(x)})()


def _sign_of(x: Any) -> Any:
    import torch

    return torch.sign(x)


def _step_of(x: Any) -> Any:
    return (x >= 0).to(x.dtype)


def _threshold(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    name, forward = (("Sign", _sign_of), ("Step", _step_of))[int(rng.integers(2))]
    module, n = _dense(rng, _module(name, forward))
    return name.lower(), module, n, {}


def _decimals(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    from torch import nn

    divisor = int(rng.choice([3, 10]))
    first, last = nn.Linear(12, 5).double(), nn.Linear(5, 3).double()
    _fill(rng, first, last, divisor=divisor)
    return f"weights k / {divisor}", nn.Sequential(first, _module("Sign", _sign_of), last), 12, {}


def _functional(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    """A class whose forward applies what no child shows."""
    import torch
    from torch import nn

    n, hidden, classes = _sizes(rng)
    name, between = (
        ("relu", torch.relu),
        ("sign", torch.sign),
        ("tanh", torch.tanh),
        ("nothing", lambda x: x),
    )[int(rng.integers(4))]

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(n, hidden), nn.Linear(hidden, classes)

        def forward(self, x: Any) -> Any:
            return self.last(between(self.first(x)))

    module = Net()
    _fill(rng, module.first, module.last)
    return f"{name} in forward", module, n, {}


def _no_activation(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    module, n = _dense(rng)
    return "Linear, Linear", module, n, {"hidden": str(rng.choice(["sign", "step"]))}


def _other_activation(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    from torch import nn

    kinds: tuple[Any, ...] = (nn.Softsign, nn.LogSigmoid, nn.ReLU, nn.Hardtanh, nn.Sigmoid)
    kind = kinds[int(rng.integers(len(kinds)))]
    module, n = _dense(rng, kind())
    return kind.__name__, module, n, {}


def _used_twice(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    from torch import nn

    n, hidden, classes = _sizes(rng)
    layers = nn.Linear(n, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, classes)
    _fill(rng, *layers)
    sign = _module("Sign", _sign_of)
    return "one sign twice", nn.Sequential(layers[0], sign, layers[1], sign, layers[2]), n, {}


def _other_ties(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    """Names that say sign or step for what answers otherwise at 0."""
    name, forward = (
        ("Step", lambda x: (x > 0).to(x.dtype)),
        ("Sign", lambda x: 2 * (x >= 0).to(x.dtype) - 1),
        ("StepLater", lambda x: (x >= 2).to(x.dtype)),
        ("SignAndHalf", lambda x: x.sign() / 2),
    )[int(rng.integers(4))]
    module, n = _dense(rng, _module(name, forward))
    return f"{name} that is another one", module, n, {}


def _square(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    n = int(rng.integers(4, 7))
    module, _ = _dense(rng, _module("Sign", _sign_of), sizes=(n, n, n))
    return "square layers", module, n, {}


def _numbers(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    title, module, n, options = _threshold(rng)
    return f"{title}, linear head", module, n, {**options, "head": "linear"}


def _half(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    import torch

    title, module, n, options = _threshold(rng)
    kind = (torch.bfloat16, torch.float16)[int(rng.integers(2))]
    return f"{title}, {kind}", module.to(kind), n, options


def _normalised(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    """BatchNorm, Dropout and no biases."""
    import torch
    from torch import nn

    n, hidden, classes = _sizes(rng)
    first, last = nn.Linear(n, hidden, bias=False), nn.Linear(hidden, classes)
    norm = nn.BatchNorm1d(hidden)
    _fill(rng, first, last)
    norm.running_mean = torch.tensor(rng.integers(-1, 2, hidden) + 0.5, dtype=torch.float32)
    norm.weight.data = torch.tensor(rng.choice([-2.0, 1.0, 3.0], hidden), dtype=torch.float32)
    layers = (first, norm, _module("Sign", _sign_of), nn.Dropout(0.5), last)
    return "BatchNorm and Dropout", nn.Sequential(*layers), n, {}


def _nested(rng: Rng) -> tuple[str, Any, int, dict[str, Any]]:
    from torch import nn

    title, module, n, options = _threshold(rng)
    children = list(module.children())
    return f"{title}, nested", nn.Sequential(nn.Sequential(*children[:2]), children[2]), n, options


MODULE_FAMILIES: Sequence[ModuleFamily] = (
    *(_threshold, _decimals, _functional, _no_activation, _other_activation, _used_twice),
    *(_other_ties, _square, _numbers, _half, _normalised, _nested),
)
