"""A table of the sequence problems: ``python benchmarks/sequences.py [NAME...] [--jobs 2]``.

For each problem: whether its solver is certified, whether it is exact at 10, 100 and 1,000 steps on
sequences of another seed, the seconds from data to certificate, what found the network, the
variables that the loop carries with how many states they take, and the AST nodes of the loop
beside those of the loop written by hand (tests/sequence_references.py). ``--out`` saves the
solvers.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

import deepdistill as dd
from deepdistill.data import catalogue
from deepdistill.data.parallel import mapped
from deepdistill.forms import form_of_task
from deepdistill.forms.sequence.network import PrefixNetwork, RecurrentNetwork
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Var
from deepdistill.ir.program import Program, Scan

LENGTHS = (10, 100, 1000)
REFERENCES = Path(__file__).parent.parent / "tests" / "sequence_references.py"

_SEQUENCES = 10  # at each length
_SEED = 12345  # of sequences that neither trainer nor judge has drawn
COLUMNS = (
    *("problem", "claims", "10", "100", "1,000", "seconds"),
    *("found by", "carried", "states", "nodes", "by hand"),
)


@cache
def references() -> ModuleType:
    """The solvers written by hand, which stand beside the tests."""
    spec = importlib.util.spec_from_file_location("sequence_references", REFERENCES)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def line(name: str, out: Path | None = None) -> str:
    """Distill one problem; its line in the table."""
    start = time.perf_counter()
    result = dd.distill(name)
    seconds = time.perf_counter() - start
    if out is not None:
        result.save(out)
    exact = ["yes" if exact_at(result, length) else "NO" for length in LENGTHS]
    claims = "certified" if result.certificate.ok else "FAILED"
    found = [a for a in result.attempts if a.outcome.startswith("exact")]
    by = found[-1].outcome.removeprefix("exact, ").split(" (length")[0] if found else "nothing"
    if by == "exact":
        by = str(found[-1]).split(":")[0]
    carried, states = _carried(result)
    nodes, by_hand = references().loop_nodes(result.code), references().reference_nodes(name)
    cells = (name, claims, *exact, f"{seconds:.1f}", by, carried, states, nodes, by_hand)
    return f"| {' | '.join(map(str, cells))} |"


def exact_at(result: dd.Result, length: int) -> bool:
    """Whether the solver agrees with the oracle on new sequences of a length."""
    problem = result.problem
    assert problem.oracle is not None
    rng = np.random.default_rng([_SEED, length])
    shape = (length, *problem.training_shapes[0][1:])
    for _ in range(_SEQUENCES):
        (numbers,) = problem.draw(rng, shape)
        if result.solve(numbers.tolist()) != problem.oracle(numbers).tolist():
            return False
    return True


def _carried(result: dd.Result) -> tuple[str, str]:
    """The loop's carried variables, and how many different values they take together."""
    program, network = result.program, result.network
    loops = [statement for statement in program.body if isinstance(statement, Scan)]
    if isinstance(network, PrefixNetwork):
        return "the whole prefix", "-"
    if not loops:
        assert isinstance(network, RecurrentNetwork)
        return f"{network.window} elements, read from the input", "-"
    names = [let.name for let in loops[0].state]
    if not names:
        return "nothing", "1"
    counts = [_states(program, loops[0], length) for length in (300, 1000)]
    return ", ".join(names), f"{counts[1]}" if counts[0] == counts[1] else f"over {counts[1]}"


def _states(program: Program, loop: Scan, length: int) -> int:
    """How many states are seen in a few sequences of a length."""
    values = tuple(Var(let.name) for let in loop.state)
    watched = replace(program, body=(replace(loop, values=values),))
    problem = catalogue.find(program.name)
    rng = np.random.default_rng(_SEED)
    seen = {tuple(let.value.value for let in loop.state)}  # type: ignore[union-attr]
    for _ in range(_SEQUENCES):
        (numbers,) = problem.draw(rng, (length, *problem.training_shapes[0][1:]))
        steps = evaluate(watched, {program.inputs[0].name: numbers.tolist()})
        seen |= {tuple(step) if isinstance(step, list) else (step,) for step in steps}
    return len(seen)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    names = options.names or [
        n for n in catalogue.names() if form_of_task(catalogue.find(n)).name == "sequence"
    ]
    print(f"| {' | '.join(COLUMNS)} |")
    print("|" + " --- |" * len(COLUMNS), flush=True)
    mapped(
        line,
        [(name, options.out) for name in names],
        options.jobs,
        lambda text: print(text, flush=True),
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from benchmarks import sequences  # by its name, for the workers know no __main__

    sequences.main()
