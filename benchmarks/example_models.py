"""What a user would pick instead of a program: trees on padded inputs, a GRU, a transformer.

They get the same pairs and answer the same questions as deepdistill in ``benchmarks/examples``:
tasks whose input is one list or text and whose answer is one number, truth or letter. Answers are
classes, those that were shown. Trees see inputs padded or cut to the longest that was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from benchmarks.example_tasks import ExampleTask

STEPS, PATIENCE, WIDTH = 2000, 100, 32
Numbers: TypeAlias = NDArray[np.int64]
Predict: TypeAlias = Callable[[Sequence[Sequence[int]]], Numbers]


def is_for_models(task: ExampleTask) -> bool:
    """Whether a task is a sequence with one answer."""
    given, answer = task.pairs(0, 2)[0]
    plain = isinstance(given, str) or (
        isinstance(given, list) and not any(isinstance(part, list) for part in given)
    )
    return plain and not isinstance(answer, list)


def accuracies(
    task: ExampleTask, seed: int, fresh: int, large: int
) -> dict[str, tuple[float, float]]:
    """For each model the share of right answers at the sizes shown and at ten times those."""
    pairs = task.pairs(seed)
    letters = {one: k + 1 for k, one in enumerate(sorted({v for given, _ in pairs for v in given}))}
    classes = {one: k for k, one in enumerate(dict.fromkeys(answer for _, answer in pairs))}
    x = [[letters[value] for value in given] for given, _ in pairs]
    y = np.array([classes[answer] for _, answer in pairs], dtype=np.int64)
    sets = (task.pairs(seed + 1000, fresh), task.pairs(seed + 2000, large, task.larger))
    found = {}
    for name, fit in MODELS.items():
        predict = fit(x, y, len(letters), len(classes), seed)
        shares = []
        for known in sets:
            asked = [[letters.get(value, 0) for value in given] for given, _ in known]
            right = np.array([classes.get(answer, -1) for _, answer in known])
            shares.append(float((predict(asked) == right).mean()))
        found[name] = (shares[0], shares[1])
    return found


def _padded(x: Sequence[Sequence[int]], length: int) -> Numbers:
    table = np.zeros((len(x), max(1, length)), dtype=np.int64)
    for row, values in zip(table, x, strict=True):
        row[: min(len(values), length)] = values[:length]
    return table


def _tree(model: Any) -> Callable[..., Predict]:
    def fit(x: Any, y: Numbers, letters: int, classes: int, seed: int) -> Predict:
        longest = max(map(len, x))
        fitted = model(random_state=seed).fit(_padded(x, longest), y)
        return lambda asked: np.asarray(fitted.predict(_padded(asked, longest)), dtype=np.int64)

    return fit


class _Recurrent(nn.Module):
    """A GRU whose last state answers."""

    def __init__(self, letters: int, classes: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(letters + 1, WIDTH)
        self.body = nn.GRU(WIDTH, 2 * WIDTH, batch_first=True)
        self.head = nn.Linear(2 * WIDTH, classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        states, _ = self.body(self.embed(x))
        last = states[torch.arange(len(x)), (lengths - 1).clamp(min=0)]
        answer: torch.Tensor = self.head(last)
        return answer


class _Attentive(nn.Module):
    """Two layers of a transformer with sinusoidal places; the mean over the items answers."""

    def __init__(self, letters: int, classes: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(letters + 1, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, dropout=0.0, batch_first=True)
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        places = torch.arange(x.shape[1])[:, None]
        rates = torch.exp(-torch.arange(0, WIDTH, 2) * (np.log(10_000.0) / WIDTH))
        waves = torch.cat([torch.sin(places * rates), torch.cos(places * rates)], dim=1)
        beyond = torch.arange(x.shape[1])[None] >= lengths.clamp(min=1)[:, None]
        states = self.body(self.embed(x) + waves, src_key_padding_mask=beyond)
        states = states.masked_fill(beyond[..., None], 0.0)
        answer: torch.Tensor = self.head(states.sum(1) / lengths.clamp(min=1)[:, None])
        return answer


def _network(kind: type[nn.Module]) -> Callable[..., Predict]:
    def fit(x: Any, y: Numbers, letters: int, classes: int, seed: int) -> Predict:
        torch.manual_seed(seed)
        model = kind(letters, classes)
        given, right = _batch(x), torch.from_numpy(y)
        adam = torch.optim.Adam(model.parameters(), 3e-3)
        sure = 0
        for _ in range(STEPS):  # to convergence: all right for a hundred steps
            scores = model(*given)
            loss = nn.functional.cross_entropy(scores, right)
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
            sure = sure + 1 if bool((scores.argmax(1) == right).all()) else 0
            if sure >= PATIENCE:
                break

        def predict(asked: Sequence[Sequence[int]]) -> Numbers:
            with torch.no_grad():
                return np.concatenate(
                    [model(*_batch([one])).argmax(1).numpy() for one in asked]
                ).astype(np.int64)

        return predict

    return fit


def _batch(x: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = torch.tensor([len(one) for one in x])
    return torch.from_numpy(_padded(x, max(map(len, x)))), lengths


MODELS: dict[str, Callable[..., Predict]] = {
    "tree": _tree(DecisionTreeClassifier),
    "forest": _tree(RandomForestClassifier),
    "GRU": _network(_Recurrent),
    "transformer": _network(_Attentive),
}
