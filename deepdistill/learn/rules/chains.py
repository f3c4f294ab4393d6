"""Class shares along the steps of one sum in a tree: curves, where leaves alone have few rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ...units.rules import Floats, Leaf, RuleModel, Split, Tree, leaves
from .gains import information
from .snap import Key, reading

Span: TypeAlias = tuple[int, int]
"""The first leaf of a chain, and the one after its last."""

_LEAST_STEPS = 4
_RIDGE = 0.3
_NONE = 1e-9
_MOST_CHANGES = 20
_LARGEST = 4.0  # change of a line in one step
_NEAR = 1e-4
_BY_CHANCE = 1.0  # nats that each share of a step may gain by chance


def chains(model: RuleModel) -> list[Span]:
    """The longest chains of splits of a model's one tree that ask one sum for growing limits."""
    return list(_chains(model, model.trees[0], 0))


def _chains(model: RuleModel, tree: Tree, first: int) -> Iterator[Span]:
    if isinstance(tree, Leaf):
        return
    length = _steps(model, tree, reading(tree.unit, model)[0])
    if length >= _LEAST_STEPS:
        yield first, first + length + 1
        return
    yield from _chains(model, tree.fires, first)
    yield from _chains(model, tree.rests, first + sum(1 for _ in leaves(tree.fires)))


def _steps(model: RuleModel, tree: Tree, key: Key) -> int:
    """The splits of a tree where it is a chain of questions about one sum; else 0."""
    length = 0
    while isinstance(tree, Split):
        if not isinstance(tree.fires, Leaf) or reading(tree.unit, model)[0] != key:
            return 0
        length, tree = length + 1, tree.rests
    return length


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The class shares along a chain: a softmax of lines (classes, 2) over its steps.

    The constants are those in the ``middle`` of the rows.
    """

    first: int
    end: int
    middle: float
    lines: Floats

    def shares(self, flat: float) -> Floats:
        """The shares (steps, classes), the slopes ``flat`` times as steep."""
        basis = _basis(self.end - self.first, self.middle)
        return _softmax(basis @ (self.lines * [1.0, flat]).T)


def curves_along(model: RuleModel, counts: Floats) -> list[Curve]:
    """The likeliest curves for the ``counts`` (leaves, classes) of the one tree's chains.

    None where the steps' own shares are likelier than they would be by chance.
    """
    whole = counts.sum(axis=0) + 1 / counts.shape[1]
    made = []
    for first, end in chains(model):
        here = counts[first:end]
        weights = here + whole / whole.sum() / len(here)
        middle = float(weights.sum(axis=1) @ _steps_of(len(here)) / weights.sum())
        one = Curve(first, end, middle, _likeliest(weights, middle))
        lost = float(information(here).sum())
        lost -= float((here * np.log(one.shares(1.0) + _NONE)).sum())
        if round(lost - _BY_CHANCE * len(here) * (here.shape[1] - 1), 6) <= 0:
            made.append(one)
    return made


def _likeliest(weights: Floats, middle: float) -> Floats:
    """The lines (classes, 2) that are likeliest for these weights (steps, classes)."""
    steps, classes = weights.shape
    basis = _basis(steps, middle)
    total = weights.sum(axis=1)
    lines = np.zeros((classes, 2))
    lines[:, 0] = np.log(weights.sum(axis=0) + _NONE)
    ridge = np.tile([_NONE, _RIDGE], classes)
    for _ in range(_MOST_CHANGES):
        p = _softmax(basis @ lines.T)
        slope = (weights - total[:, None] * p).T @ basis
        spread = p[:, :, None] * (np.eye(classes) - p[:, None, :])
        bend = np.einsum("s,sij,sa,sb->iajb", total, spread, basis, basis)
        bend = bend.reshape(2 * classes, 2 * classes)
        # the same change of all classes is none
        bend += np.diag(ridge + _NONE * bend.diagonal().max())
        change = np.linalg.solve(bend, slope.ravel() - ridge * lines.ravel())
        lines = lines + np.clip(change, -_LARGEST, _LARGEST).reshape(classes, 2)
        if float(np.abs(change).max()) < _NEAR:
            break
    return lines


def _basis(steps: int, middle: float) -> Floats:
    return np.stack([np.ones(steps), _steps_of(steps) - middle], axis=1)


def _steps_of(count: int) -> Floats:
    return np.linspace(-1.0, 1.0, count)


def _softmax(values: Floats) -> Floats:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
