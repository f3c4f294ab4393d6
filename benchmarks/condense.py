"""Condense dense networks: `python benchmarks/condense.py [--large]` prints a table.

Units and weights (those other than 0) are those of the given network, the first one where two are
given; lines are those of the program's body; compression is the number of weights for each node of
the program's syntax tree. "Found" is the time for rounding and condensing, "in all" that with
rendering and checking.
"""

from __future__ import annotations

import argparse
import ast
import resource
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import published  # type: ignore[import-not-found]

from deepdistill.forms.dense.essence import essence_network
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.run import condense_network
from deepdistill.target.dense_source import body_lines
from problems.shapes import full_strokes

Made = tuple[DenseNetwork, DenseNetwork | None]


def _alone(make_one: Callable[[], DenseNetwork]) -> Made:
    return make_one(), None


def networks(large: bool) -> Iterator[tuple[str, Callable[[], Made]]]:
    """The networks to condense, and those of a second size, each made when its turn comes."""
    for title, make_one in one_size(large):
        yield title, partial(_alone, make_one)
    first, second = published.orientation, published.max_sat
    yield "orientation, and 14 x 14", lambda: (first(28), first(14))
    yield "max_sat, and 8 x 30", lambda: (second(10, 50), second(8, 30))
    yield "essence, and 14 x 14", lambda: (essence(28), essence(14))


def one_size(large: bool) -> Iterator[tuple[str, Callable[[], DenseNetwork]]]:
    for name in ("orientation", "max_sat"):
        make: Any = getattr(published, name)
        yield name, make
        yield f"{name}, shuffled", partial(_shuffled, make)
        for noise in (1e-6, 1e-3):
            yield f"{name}, noise {noise:g}", partial(_noisy, make, noise)
    yield "essence of 56 strokes", partial(essence, 28)
    yield "no structure", no_structure
    if large:
        yield "orientation 64 x 64", lambda: published.orientation(64)


def essence(n: int) -> DenseNetwork:
    """The essence network of all full rows and columns of an n × n picture."""
    strokes = full_strokes((n, n))
    return essence_network(strokes.inputs[0], strokes.output)


def _shuffled(make: Any) -> DenseNetwork:
    network: DenseNetwork = published.shuffled(make())
    return network


def _noisy(make: Any, noise: float) -> DenseNetwork:
    network: DenseNetwork = published.noisy(make(), noise)
    return network


def no_structure() -> DenseNetwork:
    """Random weights: the program is a table."""
    rng = np.random.default_rng(0)
    return DenseNetwork(
        (28, 28),
        (
            DenseLayer(rng.standard_normal((100, 784)), rng.standard_normal(100), "sign"),
            DenseLayer(rng.standard_normal((2, 100)), rng.standard_normal(2), "argmax"),
        ),
    )


def measure(title: str, network: DenseNetwork, second: DenseNetwork | None) -> str:
    """One line of the table."""
    start = time.perf_counter()
    result = condense_network(network, name="solver", second=second)
    seconds = time.perf_counter() - start
    units = sum(len(layer.bias) for layer in network.layers)
    weights = sum(int(np.count_nonzero(layer.weights)) for layer in network.layers)
    tree = next(
        node
        for node in ast.parse(result.code).body
        if isinstance(node, ast.FunctionDef) and node.name == result.name
    )
    constants = [node for node in ast.parse(result.code).body if isinstance(node, ast.Assign)]
    nodes = sum(1 for part in (tree, *constants) for _ in ast.walk(part))
    found = result.seconds["train"] + result.seconds["lift"]
    state = result.certificate.faithful.status if result.certificate.ok else "FAILED"
    sizes = "any" if result.network.second is not None else "one"
    return (
        f"| {title} | {units:,} | {weights:,} | {found:.1f} | {seconds:.1f} | "
        f"{body_lines(result.code, result.name)} | {weights / nodes:,.1f} | {sizes} | {state} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="with 64 x 64 pictures, too")
    arguments = parser.parse_args()
    print(
        "| network | units | weights | found, s | in all, s | lines | weights/node | size | "
        "faithful |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---|---|")
    for title, make in networks(arguments.large):
        print(measure(title, *make()), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\npeak memory {peak:.1f} GiB")


if __name__ == "__main__":
    main()
