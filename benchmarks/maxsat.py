"""MAX-SAT: the distilled solver beside the classics, all on the same formulas.

    python benchmarks/maxsat.py [--scale 0.1] [--sets 50/500 cuts] [--rc2 SECONDS]

For each set of formulas the mean weight of the clauses that hold, the paired difference from
Johnson's rule with the most decided variable first and its standard error, and seconds a formula.
RC2 (exact, from python-sat) is dropped from a set at the first formula that it does not finish
within its time, or when the set takes more than three times that. The torch network learns from
the labels of the distilled rule, on counts of clauses by length, and decides the variable that it
is surest of. Needs deepdistill, torch and python-sat; measures ``outputs/maxsat/solver.py``.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import heapify, heappop, heappush
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import torch
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF
from torch import nn

from deepdistill.data import catalogue
from deepdistill.verify.solver import load_solver

SOLVER = Path(__file__).resolve().parents[1] / "outputs" / "maxsat" / "solver.py"
LONGEST = 5  # lengths that the torch network tells apart
FLIPS = 20  # of WalkSAT for each variable: the solver's own bound


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """Clauses of DIMACS literals over variables 1 to ``count``, and what each is worth."""

    count: int
    clauses: list[list[int]]
    weights: list[int]

    def held(self, chosen: Sequence[int]) -> int:
        """The weight of the clauses that hold."""
        true = set(chosen)
        pairs = zip(self.clauses, self.weights, strict=True)
        return sum(own for clause, own in pairs if not true.isdisjoint(clause))


Draw = Callable[[random.Random], Formula]
Method = Callable[[Formula, random.Random], Sequence[int]]


def uniform(count: int, clauses: int, lengths: Sequence[int], most: int = 1) -> Draw:
    """Clauses over different variables; weights from 1 to ``most``."""

    def draw(rng: random.Random) -> Formula:
        names = range(1, count + 1)
        drawn = [
            [rng.choice((-1, 1)) * v for v in rng.sample(names, rng.choice(lengths))]
            for _ in range(clauses)
        ]
        return Formula(count, drawn, [rng.randint(1, most) for _ in range(clauses)])

    return draw


def _renamed(rng: random.Random, count: int, clauses: list[list[int]]) -> Formula:
    """The formula with variables, polarities and clauses in random order."""
    names = [rng.choice((-1, 1)) * v for v in rng.sample(range(1, count + 1), count)]
    changed = [[names[x - 1] if x > 0 else -names[-x - 1] for x in clause] for clause in clauses]
    rng.shuffle(changed)
    return Formula(count, changed, [1] * len(changed))


def colouring(rng: random.Random, nodes: int = 40, colours: int = 3) -> Formula:
    """A random graph with an average of 6 neighbours, mostly too dense for 3 colours."""
    pairs = [(a, b) for a in range(nodes) for b in range(a)]
    clauses = [[a * colours + k + 1 for k in range(colours)] for a in range(nodes)]
    for a, b in rng.sample(pairs, 3 * nodes):
        clauses += [[-(a * colours + k + 1), -(b * colours + k + 1)] for k in range(colours)]
    return _renamed(rng, nodes * colours, clauses)


def cut(rng: random.Random, nodes: int = 60) -> Formula:
    """The largest cut of a random graph with an average of 8 neighbours, as Max-2-SAT."""
    pairs = [(a, b) for a in range(1, nodes + 1) for b in range(1, a)]
    clauses = [[s * a, s * b] for a, b in rng.sample(pairs, 4 * nodes) for s in (1, -1)]
    return _renamed(rng, nodes, clauses)


def pigeons(rng: random.Random) -> Formula:
    """One to three pigeons more than there are holes."""
    holes = rng.randint(4, 7)
    nests = [range(p * holes + 1, (p + 1) * holes + 1) for p in range(holes + rng.randint(1, 3))]
    clauses = [list(nest) for nest in nests]
    for h in range(holes):
        clauses += [[-a[h], -b[h]] for p, a in enumerate(nests) for b in nests[:p]]
    return _renamed(rng, len(nests) * holes, clauses)


SETS: dict[str, tuple[int, Draw]] = {
    "10/100": (200, uniform(10, 100, (3,))),
    "50/500": (200, uniform(50, 500, (3,))),
    "50/250": (200, uniform(50, 250, (3,))),
    "200/2000": (40, uniform(200, 2000, (3,))),
    "1000/10000": (10, uniform(1000, 10000, (3,))),
    "mixed": (200, uniform(50, 300, (1, 2, 3, 4, 5))),
    "weighted": (200, uniform(50, 500, (3,), most=10)),
    "max-2-sat": (200, uniform(50, 250, (2,))),
    "colouring": (200, colouring),
    "cuts": (200, cut),
    "pigeons": (200, pigeons),
}


class State:
    """A formula of which some variables have been decided."""

    def __init__(self, formula: Formula) -> None:
        self.formula = formula
        self.open = [len(clause) for clause in formula.clauses]
        self.alive = [True] * len(self.open)
        self.values = [0] * (formula.count + 1)
        self.clauses_of: dict[int, list[int]] = {}
        for c, clause in enumerate(formula.clauses):
            for literal in clause:
                self.clauses_of.setdefault(literal, []).append(c)

    def of(self, literal: int) -> list[tuple[int, int]]:
        """Open length and weight of the undecided clauses that hold a literal."""
        found = (c for c in self.clauses_of.get(literal, ()) if self.alive[c])
        return [(self.open[c], self.formula.weights[c]) for c in found]

    def choose(self, literal: int) -> None:
        self.values[abs(literal)] = literal
        for c in self.clauses_of.get(literal, ()):
            self.alive[c] = False
        for c in self.clauses_of.get(-literal, ()):
            self.open[c] -= 1


def in_order(prefer: Callable[[State, int, random.Random], bool]) -> Method:
    """A method that decides the variables in their order."""

    def method(formula: Formula, rng: random.Random) -> list[int]:
        state = State(formula)
        for v in range(1, formula.count + 1):
            state.choose(v if prefer(state, v, rng) else -v)
        return state.values[1:]

    return method


def _weighing(base: float) -> Method:
    """The heavier literal, a clause of k open ones weighing base**-k: 1 greedy, 2 Johnson."""

    def prefer(state: State, v: int, rng: random.Random) -> bool:
        pulls = [sum(w * base**-k for k, w in state.of(x)) for x in (v, -v)]
        return pulls[0] >= pulls[1]

    return in_order(prefer)


def _three_quarters(state: State, v: int, rng: random.Random) -> bool:
    """Poloczek's randomised rule: true with probability t / (t + f).

    t and f are what each value adds to the mean of the weight that holds and the weight that can
    still hold (Poloczek, Schnitger, Williamson and van Zuylen, SIAM J. Comput. 2017).
    """
    true, false = state.of(v), state.of(-v)
    t = sum(w for _, w in true) - sum(w for k, w in false if k == 1)
    f = sum(w for _, w in false) - sum(w for k, w in true if k == 1)
    if f <= 0 or t <= 0:
        return f <= 0
    return rng.random() * (t + f) < t


def _published(state: State, v: int, rng: random.Random) -> bool:
    """The published distilled rule: true with probability sigmoid(20 u + 4.596 g)."""
    signed = [(s * w, k) for s, x in ((1, v), (-1, -v)) for k, w in state.of(x)]
    total = sum((20 if k == 1 else 4.596) * w for w, k in signed)
    return rng.random() < 1 / (1 + math.exp(-max(-500.0, min(500.0, total))))


def johnson_most_decided(formula: Formula, rng: random.Random) -> list[int]:
    """Johnson's weights, the most decided variable first: the plain Python to be compared with."""
    clauses, weights, count = formula.clauses, formula.weights, formula.count
    half = [0.5**k for k in range(max(map(len, clauses), default=0) + 1)]
    left = [len(clause) for clause in clauses]
    alive = [True] * len(clauses)
    where: list[list[int]] = [[] for _ in range(2 * count + 1)]  # negative literals from the end
    lean = [0.0] * (count + 1)
    for c, clause in enumerate(clauses):
        for x in clause:
            where[x].append(c)
            lean[abs(x)] += math.copysign(weights[c] * half[left[c]], x)
    chosen, queued = [0] * (count + 1), [abs(number) for number in lean]
    queue = [(-queued[v], v) for v in range(1, count + 1)]
    heapify(queue)
    while queue:
        key, v = heappop(queue)
        if chosen[v]:
            continue
        if abs(lean[v]) < -key:
            queued[v] = abs(lean[v])
            heappush(queue, (-queued[v], v))
            continue
        literal = chosen[v] = v if lean[v] >= 0 else -v
        near = set()
        for x, sign in ((literal, -1), (-literal, 1)):
            for c in where[x]:
                if alive[c]:
                    pull = sign * weights[c] * half[left[c]]  # a shorter clause pulls twice as much
                    left[c] -= 1
                    alive[c] = sign > 0
                    for other in clauses[c]:
                        u = abs(other)
                        if not chosen[u]:
                            lean[u] += pull if other > 0 else -pull
                            near.add(u)
        for u in near:
            if abs(lean[u]) > queued[u]:
                queued[u] = abs(lean[u])
                heappush(queue, (-queued[u], u))
    return chosen[1:]


def walksat(formula: Formula, rng: random.Random, noise: float = 0.5) -> list[int]:
    """WalkSAT (Selman, Kautz and Cohen 1994) for weights, FLIPS flips for each variable."""
    clauses, weights = formula.clauses, formula.weights
    true = {rng.choice((v, -v)) for v in range(1, formula.count + 1)}
    where: dict[int, list[int]] = {}
    for c, clause in enumerate(clauses):
        for x in clause:
            where.setdefault(x, []).append(c)
    holds = [sum(x in true for x in clause) for clause in clauses]
    failed = [c for c, number in enumerate(holds) if number == 0]
    place = {c: k for k, c in enumerate(failed)}
    cost = sum(weights[c] for c in failed)
    best, kept = cost, set(true)
    for _ in range(FLIPS * formula.count):
        if not failed:
            break
        clause = clauses[rng.choice(failed)]
        broken = {x: sum(weights[c] for c in where.get(-x, ()) if holds[c] == 1) for x in clause}
        least = min(broken.values())
        free = least > 0 and rng.random() < noise
        literal = rng.choice([x for x in clause if free or broken[x] == least])
        true ^= {literal, -literal}
        for c in where[literal]:
            holds[c] += 1
            if holds[c] == 1:  # the last one takes its place
                last, k = failed.pop(), place.pop(c)
                if last != c:
                    failed[k], place[last] = last, k
                cost -= weights[c]
        for c in where.get(-literal, ()):
            holds[c] -= 1
            if holds[c] == 0:
                place[c] = len(failed)
                failed.append(c)
                cost += weights[c]
        if cost < best:
            best, kept = cost, set(true)
    return sorted(kept, key=abs)


def _counts(state: State, v: int) -> list[float]:
    """How much weight of clauses of each length holds v, and how much holds -v."""
    row = [0.0] * (2 * LONGEST)
    for k, x in enumerate((v, -v)):
        for length, weight in state.of(x):
            row[k * LONGEST + min(length, LONGEST) - 1] += weight
    return row


@cache
def _network() -> tuple[Any, ...]:
    """A perceptron of counts, trained on the optima that the distilled rule learned from."""
    torch.manual_seed(0)
    training, _ = catalogue.find("maxsat").examples(0)
    rows, labels = [], []
    for examples in training:
        for array, label in zip(examples.inputs[0], examples.output, strict=True):
            clauses = [[int((v + 1) * col[v]) for v in np.flatnonzero(col)] for col in array.T]
            state = State(Formula(len(array), clauses, [1] * len(clauses)))
            for v in np.flatnonzero(label[:, 0] != label[:, 1]):
                rows.append(_counts(state, int(v) + 1))
                labels.append(float(label[v, 0]))
    x, y = torch.tensor(rows), torch.tensor(labels)
    net = nn.Sequential(nn.Linear(2 * LONGEST, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(500):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(net(x)[:, 0], y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return tuple(p.detach().numpy().astype(np.float64) for p in net.parameters())


def perceptron(formula: Formula, rng: random.Random) -> list[int]:
    """The variable that the plain network is surest of, again and again."""
    first, bias, last, offset = _network()
    state, mean = State(formula), sum(formula.weights) / max(1, len(formula.weights))
    rows = np.array([_counts(state, v) for v in range(1, formula.count + 1)]) / mean
    undecided = np.ones(formula.count, dtype=bool)
    while undecided.any():
        logits = (np.maximum(rows @ first.T + bias, 0) @ last.T + offset)[:, 0]
        v = int(np.argmax(np.where(undecided, np.abs(logits), -1.0))) + 1
        undecided[v - 1] = False
        touched = [c for x in (v, -v) for c in state.clauses_of.get(x, ()) if state.alive[c]]
        state.choose(v if logits[v - 1] >= 0 else -v)
        for u in sorted({abs(x) for c in touched for x in formula.clauses[c]}):
            if undecided[u - 1]:
                rows[u - 1] = np.array(_counts(state, u)) / mean
    return state.values[1:]


def rc2(formula: Formula, seconds: float) -> list[int] | None:
    """An optimum, or None where it takes longer."""
    problem = WCNF()
    problem.extend(formula.clauses, weights=formula.weights)
    with RC2(problem) as solver:
        timer = Timer(seconds, solver.interrupt)
        timer.start()
        model: list[int] | None = solver.compute(expect_interrupt=True)
        timer.cancel()
    return model


def methods() -> dict[str, Method]:
    module = load_solver(SOLVER.read_bytes(), "maxsat").__globals__

    prepare = cache(lambda formula: module["Clauses"](formula.clauses, formula.weights))

    def rule_alone(formula: Formula, rng: random.Random) -> list[int]:
        values = module["decide"](prepare(formula))
        return [v if value else -v for v, value in zip(prepare(formula).names, values, strict=True)]

    return {
        "random": lambda f, rng: [rng.choice((v, -v)) for v in range(1, f.count + 1)],
        "greedy": _weighing(1),
        "3/4-approximation": in_order(_three_quarters),
        "published rule": in_order(_published),
        "Johnson, fixed order": _weighing(2),
        "Johnson, most decided": johnson_most_decided,
        "torch network": perceptron,
        "WalkSAT": walksat,
        "learned rule alone": rule_alone,
        "... its decisions alone": rule_alone,  # on the formulas prepared before
        "distilled solver": lambda f, rng: module["solve"](f.clauses, f.weights),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scale", type=float, default=0.1, help="of the number of formulas")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--rc2", type=float, default=60.0, help="seconds for a formula")
    options = parser.parse_args()
    _network()
    for name in options.sets:
        number, draw = SETS[name]
        count = max(2, round(number * options.scale))
        formulas = [draw(random.Random(f"0 {name} {k}")) for k in range(count)]
        print(f"\n{name}: {count} formulas\n\n| method | held | difference | error | seconds |")
        print("|---|---|---|---|---|")
        held: dict[str, list[int]] = {}
        seconds: dict[str, float] = {}
        for label, method in methods().items():
            start = time.process_time()
            answers = [method(f, random.Random(k)) for k, f in enumerate(formulas)]
            seconds[label] = time.process_time() - start
            held[label] = [f.held(a) for f, a in zip(formulas, answers, strict=True)]
        start, optima = time.process_time(), []
        for f in formulas:
            model = rc2(f, options.rc2)
            if model is None or time.process_time() - start > 3 * options.rc2:
                break
            optima.append(f.held(model))
        if len(optima) == count:
            seconds["RC2 (exact)"] = time.process_time() - start
            held["RC2 (exact)"] = optima
        base = np.array(held["Johnson, most decided"])
        for label, weights in held.items():
            gain = np.array(weights) - base
            figures = f"{np.mean(weights):.2f} | {gain.mean():+.2f} | "
            figures += f"{gain.std(ddof=1) / math.sqrt(count):.2f}"
            print(f"| {label} | {figures} | {seconds[label] / count:.4f} |", flush=True)


if __name__ == "__main__":
    main()
