"""Answers of the whole prefix: a network over its items, the same at each step."""

from __future__ import annotations

import numpy as np

from ....data.problem import Examples, Problem
from ....ir.types import Axis, Port
from ....learn.item_fit import fit_items
from ..network import PrefixNetwork
from .cells import mixed
from .update import History

_SAMPLES = 240
_FEW = 3  # values of an output that may tell prefixes apart


def fit_prefixes(history: History, inputs: tuple[Port, ...], output: Port) -> PrefixNetwork | None:
    """The network over the items of a prefix that answers every step, if one is found.

    Only for one channel, where equal prefixes have equal answers of few values.
    """
    if history.x.shape[2] > 1 or history.y.shape[2] > 1 or history.length < 6:
        return None
    levels = np.unique(history.y)
    if not 2 <= len(levels) <= _FEW or not _repeats(history):
        return None
    given = []
    for length in range(2, history.length + 1):
        x, y = history.x[:, :length, 0], history.y[:, length - 1, 0]
        chosen = _both(y, levels.tolist())
        given.append(Examples((x[chosen],), y[chosen]))
    port = Port(inputs[0].name, (Axis("sequence"),), inputs[0].domain)
    answer = Port(output.name, (), output.domain)
    problem = Problem("prefixes", (port,), answer, (), (), given=tuple(given))
    fitted = fit_items(problem)
    return PrefixNetwork(inputs, output, fitted.network) if fitted.exact else None


def _both(y: np.ndarray, levels: list[int]) -> np.ndarray:
    """The first samples of each answer, so that rare answers are seen."""
    share = _SAMPLES // len(levels)
    return np.sort(np.concatenate([np.flatnonzero(y == level)[:share] for level in levels]))


def _repeats(history: History) -> bool:
    """Whether prefixes that come twice, of which there are some, never have two answers."""
    described = 0
    for length in range(1, history.length + 1):
        keys = mixed(history.x[:, :length, 0])
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        goal = history.y[:, length - 1, 0]
        if (goal[first][inverse] != goal).any():
            return False
        described += len(goal) - len(first)
    return described > 0


def wrong_prefixes(network: PrefixNetwork, history: History) -> int:
    """At how many steps the network is wrong; equal prefixes are asked once."""
    wrong = 0
    for length in range(1, history.length + 1):
        x, goal = history.x[:, :length, 0], history.y[:, length - 1, 0]
        _, first, inverse = np.unique(mixed(x), return_index=True, return_inverse=True)
        answers = np.array([network.answer(x[k]) for k in first])
        wrong += int((answers[inverse] != goal).sum())
    return wrong
