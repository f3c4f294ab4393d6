"""Sums over an array as sums of its rows, columns and single cells.

What threshold units and programs compute from a picture is mostly sums of whole rows and columns.
Each of these becomes one variable, from 0 cells' worth to all of them: a few dozen variables
instead of hundreds. That they are sums of the same cells is left out at first, so that what is
proved holds for more than there is; it is added where it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
import z3
from numpy.typing import NDArray

from ...ir.types import Integers
from .encode import Term, added

IntArray = NDArray[np.int64]


class Slices:
    """The variables of one array: its cells, and the sums of its slices along each axis."""

    def __init__(self, name: str, shape: tuple[int, ...], domain: Integers) -> None:
        self.shape, self.domain = shape, domain
        self.cells = [
            z3.Int(f"{name}[{', '.join(map(str, index))}]") for index in np.ndindex(shape)
        ]
        self._number = {cell.get_id(): k for k, cell in enumerate(self.cells)}
        self.used: set[int] = set()
        self.sums: dict[tuple[int, int], Term] = {}
        self._linear: dict[int, tuple[dict[int, int], int] | None] = {}
        self._kept: list[Term] = []  # z3 gives the number of a term that is gone to another one

    def term(self, weights: IntArray, constant: int) -> Term:
        """A weighted sum of cells (flat, one integer each): most of it by slices."""
        left = weights.reshape(self.shape).copy()
        parts: list[Term] = [z3.IntVal(constant)]
        for axis in range(len(self.shape)) if len(self.shape) > 1 else ():
            common = _majorities(left, axis)
            for k in np.flatnonzero(common).tolist():
                total = self.sums.setdefault((axis, k), z3.Int(f"slice {axis} {k}"))
                parts.append(int(common[k]) * total)
            left -= np.expand_dims(common, [d for d in range(left.ndim) if d != axis])
        for place in np.flatnonzero(left.ravel()).tolist():
            self.used.add(place)
            parts.append(int(left.ravel()[place]) * self.cells[place])
        return added(*parts)

    def rewritten(self, terms: Sequence[Term]) -> list[Term]:
        """The terms with every sum over cells written by slices."""
        pairs: dict[int, tuple[Term, Term]] = {}
        seen: set[int] = set()
        waiting = list(terms)
        while waiting:
            term = waiting.pop()
            if term.get_id() in seen:
                continue
            seen.add(term.get_id())
            linear = self._sum(term) if z3.is_int(term) else None
            if linear is None or not linear[0]:
                waiting += term.children()
                continue
            weights = np.zeros(prod(self.shape), dtype=np.int64)
            for place, weight in linear[0].items():
                weights[place] = weight
            pairs[term.get_id()] = (term, self.term(weights, linear[1]))
        return [z3.substitute(term, *pairs.values()) if pairs else term for term in terms]

    def _sum(self, term: Term) -> tuple[dict[int, int], int] | None:
        """Weights and constant where a term is a weighted sum of cells."""
        key = term.get_id()
        if key not in self._linear:
            self._kept.append(term)
            self._linear[key] = self._read(term)
        return self._linear[key]

    def _read(self, term: Term) -> tuple[dict[int, int], int] | None:
        if z3.is_int_value(term):
            return {}, term.as_long()
        if term.get_id() in self._number:
            return {self._number[term.get_id()]: 1}, 0
        if not (z3.is_add(term) or z3.is_sub(term) or z3.is_mul(term)):
            return None
        parts = [self._sum(child) for child in term.children()]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        if z3.is_mul(term):
            varying = [part for part in known if part[0]]
            factor = prod(constant for weights, constant in known if not weights)
            if len(varying) > 1:
                return None
            weights, constant = varying[0] if varying else ({}, 1)
            return {k: factor * w for k, w in weights.items()}, factor * constant
        signs = [1] + [-1 if z3.is_sub(term) else 1] * (len(known) - 1)
        total: dict[int, int] = {}
        for sign, (weights, _) in zip(signs, known, strict=True):
            for place, weight in weights.items():
                total[place] = total.get(place, 0) + sign * weight
        return total, sum(sign * part[1] for sign, part in zip(signs, known, strict=True))

    def assumptions(self) -> list[Term]:
        """The ranges of the variables that are used."""
        low, high = self.domain.low, self.domain.high
        known = []
        for place in sorted(self.used):
            known += [self.cells[place] >= low, self.cells[place] <= high]
        for (axis, _), total in sorted(self.sums.items()):
            count = prod(self.shape) // self.shape[axis]
            known += [total >= low * count, total <= high * count]
        return known

    def definitions(self) -> list[Term]:
        """That the slices are sums of the cells, and in which range these are."""
        place = np.arange(prod(self.shape)).reshape(self.shape)
        known = [self.domain.low <= cell for cell in self.cells]
        known += [cell <= self.domain.high for cell in self.cells]
        for (axis, k), total in sorted(self.sums.items()):
            inside = np.take(place, k, axis=axis).ravel().tolist()
            known.append(total == added(*(self.cells[p] for p in inside)))
        return known


def _majorities(array: IntArray, axis: int) -> IntArray:
    """For each slice along an axis the value of more than half of its cells, 0 without one."""
    rows = np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)
    middle = np.sort(rows, axis=1)[:, rows.shape[1] // 2]
    many = 2 * (rows == middle[:, None]).sum(axis=1) > rows.shape[1]
    majority: IntArray = np.where(many, middle, 0)
    return majority
