"""Linear systems modulo a number: a solution, and all solutions of the homogeneous system."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .labelled import IntArray


def prime_powers(modulus: int) -> list[tuple[int, int]]:
    """The prime powers whose product a number is, as primes with exponents."""
    factors, p = [], 2
    while modulus > 1:
        exponent = 0
        while modulus % p == 0:
            modulus //= p
            exponent += 1
        if exponent:
            factors.append((p, exponent))
        p += 1
    return factors


def joined(first: IntArray, m: int, second: IntArray, n: int) -> IntArray:
    """What is the first modulo ``m`` and the second modulo ``n``, which have no common factor."""
    return (first + m * ((second - first) * pow(m, -1, n) % n)) % (m * n)


def solution(rows: IntArray, target: IntArray, modulus: int) -> IntArray | None:
    """One solution of ``rows @ x = target`` modulo a number; None where there is none."""
    vector, product = np.zeros(rows.shape[1], dtype=np.int64), 1
    for p, exponent in prime_powers(modulus):
        q = p**exponent
        reduced = _Reduced(np.column_stack([rows, target]) % q, p, exponent, rows.shape[1])
        part = reduced.particular()
        if part is None:
            return None
        vector, product = joined(vector, product, part, q), product * q
    return vector if not ((rows @ vector - target) % modulus).any() else None


def kernel(rows: IntArray, p: int, exponent: int) -> list[IntArray]:
    """Generators of all ``x`` with ``rows @ x = 0`` modulo a prime power."""
    return _Reduced(rows % p**exponent, p, exponent, rows.shape[1]).generators()


class _Reduced:
    """Rows in echelon form modulo a prime power; a pivot may be a power of the prime."""

    def __init__(self, rows: IntArray, p: int, exponent: int, columns: int) -> None:
        self.p, self.exponent, self.q, self.columns = p, exponent, p**exponent, columns
        self.pivots: list[tuple[int, int, IntArray]] = []  # column, power of the prime, row
        rows = np.unique(rows, axis=0)
        free = list(range(columns))
        while free:
            rows = rows[rows[:, :columns].any(axis=1)]
            if not len(rows):
                break
            powers = self._powers(rows[:, free])
            k, j = np.unravel_index(int(powers.argmin()), powers.shape)
            power, column = int(powers[k, j]), free[int(j)]
            row = rows[k] * pow(int(rows[k, column]) // p**power, -1, self.q) % self.q
            rows = (rows - np.outer(rows[:, column] // p**power, row)) % self.q
            self.pivots.append((column, power, row))
            free.remove(column)
        self.free = free
        self.left = rows

    def _powers(self, values: IntArray) -> IntArray:
        """How often the prime divides each value; of 0 the exponent."""
        powers = np.zeros_like(values)
        for k in range(1, self.exponent + 1):
            powers += values % self.p**k == 0
        return powers

    def particular(self) -> IntArray | None:
        """A solution where the last column is the target, all that is free 0."""
        if len(self.left) and self.left[:, self.columns :].any():
            return None
        start = np.zeros(self.columns, dtype=np.int64)
        return self._back(start, [int(row[-1]) for _, _, row in self.pivots])

    def generators(self) -> list[IntArray]:
        """One for each free column, and for each pivot that is no unit."""
        vectors = []
        zeros = [0] * len(self.pivots)
        for column in self.free:
            start = np.zeros(self.columns, dtype=np.int64)
            start[column] = 1
            vectors.append(self._back(start, zeros))
        for k, (column, power, _) in enumerate(self.pivots):
            if power:
                start = np.zeros(self.columns, dtype=np.int64)
                start[column] = self.p ** (self.exponent - power)
                vectors.append(self._back(start, zeros, k))
        return [one for one in vectors if one is not None]

    def _back(
        self, vector: IntArray, target: Sequence[int], upto: int | None = None
    ) -> IntArray | None:
        """The pivots' values from the last one on, those from ``upto`` on left as they are."""
        count = len(self.pivots) if upto is None else upto
        for k in reversed(range(count)):
            column, power, row = self.pivots[k]
            rest = (target[k] - int(row[: self.columns] @ vector)) % self.q
            if rest % self.p**power:
                return None
            vector[column] = rest // self.p**power % self.q
        return vector
