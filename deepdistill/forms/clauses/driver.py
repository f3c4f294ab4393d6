"""The driver around a learned decision rule: a solver against the one that its network gives.

It has no network. What it owes is what ``target/clauses`` makes of the rule: the same literals
for the same clauses and weights, the same refusals, the same lines printed. A solver with the same
code needs no run.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, TypeAlias

from ...verify.certificate import Certificate
from ...verify.command_line import Broken, outcome, run_main
from ...verify.contract import breaking, call_in_words

Solve: TypeAlias = Callable[..., Any]
Clauses: TypeAlias = list[list[int]]
Weights: TypeAlias = list[Any] | None

_FORMULAS = 60
_LARGE = (120, 500)  # variables and clauses of the largest formula
_LAST_STEPS = 110  # seed of a formula whose answer depends on how long the walk is
_ODD: tuple[tuple[Any, ...], ...] = (
    ([],),
    ([[]],),
    ([], []),
    ([[1], []], [3, 2]),
    ([[1], [-1]], [None, None]),
    ([[1, -1], [2]],),
    ([[1, 1, -2], [2, 2]], [5, 0]),
    ([[7, -9], [-7]],),
    ([[1]], [0]),
    ([[1]], []),
    ([[1]], [1, 1]),
    ([[1]], [-1]),
    ([[1]], [1.0]),
    ([[1]], [True]),
    ([[0]],),
    ([[1.0]],),
    ([[True]],),
    ([["1"]],),
    ([[5 * 10**6]],),
    ([[5 * 10**6 + 1]],),
    ([[-5 * 10**6 - 1]],),
    ([1],),
    (None,),
)
_PLAIN = b"c plain\nh 1 -2 0\n3 2 0\n2 -1 0\n"
_TEXTS: tuple[str | bytes, ...] = (
    "",
    "c only this\n",
    "p cnf 2 1\n1 -2 0\n",
    "p cnf 2 1\n\t c indented\n1 -2 0\n  %\n0\n",
    "p cnf 3 2\nc in between\n1\n-2 0 3 0\n",
    "p cnf 2 1\n1 -2\n",
    "p cnf 2 2\n1 0\n",
    "p cnf 2 1\n1 0\n2 0\n",
    "p cnf 2 1\n3 0\n",
    "p cnf 2 1\n-3 0\n",
    "p cnf 2 1\n1 x 0\n",
    "p cnf 2 1\n1 0\n%\n0\n",
    "p cnf 2\n1 0\n",
    "p cnf\n",
    "p\n",
    "p dnf 2 1\n1 0\n",
    "p cnf -2 1\n1 0\n",
    "p cnf 2 -1\n1 0\n",
    "p cnf 5000001 1\n1 0\n",
    "p cnf 3 2 9\n1 0\n2 0\n",
    "p cnf 3 2\n0\n1 0\n",
    "p wcnf 2 2\n3 1 0\n0 -1 0\n",
    "p wcnf 2 3 9\n9 1 0\n10 -2 0\n8 -1 2 0\n",
    "p wcnf 2 1 9\n-3 1 0\n",
    "p wcnf 2 2 9\n9 0\n3 1 0\n",
    "p wcnf 2 1 9 9\n3 1 0\n",
    "c first\nh 1 -2 0\n3 2 0\n2 0\n",
    "h 1 0\nh -1 0\n",
    "h 0\n",
    "h 1 0\n1 -1 0\n",
    "-3 1 0\n",
    "3 1\n",
    "3 1 0 2 0\n",
    "3\n",
    "3 5000001 0\n",
    "h -5000001 0\n",
    "3 1 0\np cnf 1 1\n",
    "3 " + "9" * 19 + " 0\n",
    "3 " + "9" * 20 + " 0\n",
    "+3 1 0\n",
    "3 1 0\n\n  \nc\n4 -1 -2 0\n",
    "3 1 \u00e9\n",
    "4 1 0\n4 2 0\n\u00e9",
    "\ufeffc in \u00c5 and \u2028\n4 1 0\r\n3 -1 0\r2 -1 0",
    "p cnf 2 1\nc \u2026 1 0\n1 -2 0\n",
    f"{2**64 - 1} 1 0\n{2**64 - 2} -1 0\n",
    f"{2**64} 1 0\n",
    f"p wcnf 1 2 {2**64 - 1}\n{2**64 - 1} 1 0\n{2**64 - 2} -1 0\n",
    b"c \x85 1 0\n3 1 0\n4 -1 0\n",
    _PLAIN.decode().encode("utf-16"),
    gzip.compress(_PLAIN, mtime=0),
    lzma.compress(_PLAIN),
    bz2.compress(_PLAIN),
    gzip.compress(_PLAIN, mtime=0)[:-9],
    lzma.compress(_PLAIN)[:-9],
    bz2.compress(_PLAIN)[:-9],
    lzma.compress(_PLAIN, lzma.FORMAT_ALONE),
    b"PK\x03\x04\x14\0",
    b"p cnf 2 1\n1 \x002 0\n",
    b"\x1f\x8b",
)


def keeping_driver(certificate: Certificate, solve: Solve, twin: Solve) -> Certificate:
    """The certificate, with ``faithful`` failed where the solver does not do what ``twin`` does."""
    note = "its driver does something else than the one that its network gives"
    return breaking(certificate, broken_driver(solve, twin, certificate.seed), note)


def broken_driver(solve: Solve, twin: Solve, seed: int = 0) -> Broken | None:
    """The first call, or file to read, on which two clause solvers differ, if one is found."""
    for arguments in (*_ODD, *_formulas(seed)):
        expected, got = outcome(twin, arguments), outcome(solve, arguments)
        if got != expected:
            return Broken(call_in_words(arguments), expected, got)
    main, wanted = (getattr(one, "__globals__", {}).get("_main") for one in (solve, twin))
    if not callable(main) or not callable(wanted):
        return Broken("python solver.py", "prints an answer", "the module has no _main")
    read: list[tuple[list[str], str | bytes]] = [([], text) for text in _TEXTS]
    read += [([], text) for case in _formulas(seed, 4, 30) for text in _files(*case)]
    for words, text in [*read, (["no such file"], ""), (["a", "b"], "")]:
        described, expected_told = run_main(main, text, words), run_main(wanted, text, words)
        if described != expected_told:
            call = f"python solver.py {' '.join(words)} < {text!r}"
            return Broken(call[:200], repr(expected_told)[:200], repr(described)[:200])
    return None


def _formulas(
    seed: int, count: int = _FORMULAS, largest: int = 40
) -> Iterator[tuple[Clauses, Weights]]:
    """Random formulas of all kinds: weighted, with hard clauses, with names left out, with ties."""
    rng = Random(seed)
    for k in range(count):
        variables = rng.randint(1, 6 if k < count // 3 else largest)
        clauses = _clauses(rng, variables, rng.randint(1, 5 * variables))
        yield clauses, None
        costs: Weights = [rng.choice([0, 1, 1, 2, 3, 9, 1000, None]) for _ in clauses]
        yield [[literal * 3 for literal in clause] for clause in clauses], costs
    ring = [[v, -(v % 9 + 1)] for v in range(1, 10)]  # no variable is unlike another
    yield ring, None
    yield [*ring, *([-a, -b] for a, b in ring)], None
    if count == _FORMULAS:
        yield _clauses(rng, *_LARGE), None
        rng = Random(_LAST_STEPS)
        clauses = _clauses(rng, 100, 600)
        yield clauses, [rng.randint(1, 1000) for _ in clauses]


def _clauses(rng: Random, variables: int, count: int) -> Clauses:
    clauses = []
    for _ in range(count):
        own = rng.sample(range(1, variables + 1), min(variables, rng.choice([1, 2, 2, 3, 3, 3, 7])))
        clauses.append([v if rng.random() < 0.5 else -v for v in own])
    return clauses


def _files(clauses: Clauses, weights: Weights) -> Iterator[str]:
    """A formula in the dialects that can say it."""
    most = max(abs(literal) for clause in clauses for literal in clause)
    lines = [" ".join(map(str, [*clause, 0])) for clause in clauses]
    if weights is None:
        yield "\n".join([f"p cnf {most + 1} {len(lines)}", *lines, ""])
        weights = [1] * len(lines)
    described = zip(weights, lines, strict=True)
    yield "\n".join([f"{'h' if cost is None else cost} {line}" for cost, line in described]) + "\n"
    top = 1 + math.fsum(cost for cost in weights if cost is not None)
    described = zip(weights, lines, strict=True)
    old = [f"{int(top) if cost is None else cost} {line}" for cost, line in described]
    yield "\n".join([f"p wcnf {most} {len(lines)} {int(top)}", *old, ""])
