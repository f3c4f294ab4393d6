"""Proofs of item programs at every size: program and network as counts over places.

The two encodings share the language of :mod:`.counts` and nothing else; what is left is to show
that the answers agree, by :mod:`.refutation`. Taken for granted: an input has at least one place
along each axis, values lie in the declared domain, and integers do not overflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
import z3

from ...ir.evaluate import evaluate
from ...ir.expr import NoAnswer
from ...ir.program import Program
from ...ir.types import Port
from ...units.heads import Each
from ...units.items import ItemNetwork
from .counts import Counts
from .described import Described
from .encode import NotEncoded, Term
from .items_network import NetworkTerms
from .items_program import ProgramTerms
from .refutation import contradicts
from .session import BUDGET, Proof, Session
from .smt import Obligations
from .words import COUNTED

ARGUMENT = "counts of places by cells, Boolean algebra with Presburger arithmetic"
PREFIXES = "at every prefix, " + ARGUMENT

_TRIED = 60  # small inputs that are tried before a proof


def prove_items(program: Program, network: ItemNetwork, budget: int = BUDGET) -> Proof:
    """Whether program and network answer alike, for inputs of every size.

    Where the program has no answer, neither has the network, and the other way round.
    """
    return _prove(program, network, network, budget, ARGUMENT)


def prove_prefixes(
    program: Program, items: ItemNetwork, network: Any, budget: int = BUDGET
) -> Proof:
    """The same for a ``network`` that asks one over ``items`` about each prefix of a sequence."""
    return _prove(program, network, items, budget, PREFIXES)


def settle(program: Program, network: ItemNetwork, session: Session, prefixes: bool = False) -> str:
    """The reason why nothing is proved, empty where program and network are the same.

    With ``prefixes`` the program answers at each place for the elements up to there.
    """
    port = program.inputs[0]
    counts = Counts(len(port.axes), port.domain)
    requested = tuple(z3.Int(f"asked {axis}") for axis in range(len(program.output.axes)))
    ours = ProgramTerms(program, counts).described(requested)
    if prefixes:
        (t,) = requested
        answer = NetworkTerms(network, counts, (t + 1,)).described(())
        theirs = Described(counts.sizes, answer.value, answer.answered)
    else:
        theirs = NetworkTerms(network, counts, counts.sizes).described(requested)
    places = []
    if isinstance(network.head, Each) and not prefixes:  # the answer is one of its places
        places = list(zip(network.axes, requested, strict=False))
    inside = [z3.And(k >= 0, k < n) for k, n in zip(requested, ours.sizes, strict=False)]
    for what, facts in _cases(ours, theirs):
        session.about = what
        verdict = contradicts(counts, session, [*inside, *facts], places)
        if verdict != "contradiction":
            spent = session.effort >= session.budget
            return f"{what} is not settled" + (" in the budget" if spent else "")
    return ""


def _cases(ours: Described, theirs: Described) -> list[tuple[str, list[Term]]]:
    """What would have to hold if the answers differed, case by case."""
    if len(ours.sizes) != len(theirs.sizes):
        raise NotEncoded("answers of different shapes")
    sizes = [one != other for one, other in zip(ours.sizes, theirs.sizes, strict=True)]
    one, other = (
        z3.Int(name) == described.value for name, described in (("a", ours), ("b", theirs))
    )
    both = z3.And(ours.answered, theirs.answered)
    return [
        *(("the size of the answer", [differs]) for differs in sizes),
        *(("that the program can be run", [z3.Not(need)]) for need in ours.obligations),
        ("where there is an answer", [ours.answered, z3.Not(theirs.answered), one]),
        ("where there is an answer", [theirs.answered, z3.Not(ours.answered), other]),
        ("the answer", [both, ours.value < theirs.value]),
        ("the answer", [both, ours.value > theirs.value]),
    ]


def _prove(program: Program, network: Any, items: ItemNetwork, budget: int, argument: str) -> Proof:
    session = Session(budget)
    (port,) = network.inputs
    if len(program.inputs) != 1 or program.inputs[0] != port or items.inputs[0].axes != port.axes:
        raise NotEncoded("a program and a network of different inputs")
    if (wrong := _counterexample(program, network, port)) is not None:
        return Proof("refuted", argument, counterexample=wrong)
    prefixes = items is not network
    reason = settle(program, items, session, prefixes)
    if reason:
        return Proof("unknown", argument, session.effort, reason=reason)

    def again() -> Obligations:
        kept = Session(budget, lemmas=True)
        if settle(program, items, kept, prefixes):
            raise NotEncoded("a proof that z3 does not find again while it is written down")
        return Obligations(COUNTED, tuple(kept.asked))

    return Proof("proved", argument, session.effort, obligations=again)


def _counterexample(program: Program, network: Any, port: Port) -> dict[str, int] | None:
    """A small input on which the answers differ, of those that are tried."""
    rng = np.random.default_rng(0)
    sizes = [(1,), (2,), (3,), (5,)] if len(port.axes) == 1 else [(1, 1), (2, 3), (3, 2), (4, 4)]
    for shape in sizes:
        for k in range(_TRIED // len(sizes)):
            low, high = port.domain.low, port.domain.high
            if k % 3:
                high = min(high, low + k % 3)  # few values: ties
            array = rng.integers(low, high + 1, size=shape)
            if _answer(lambda a: evaluate(program, a), {port.name: array.tolist()}) != _answer(
                lambda a: np.asarray(network.run(a)).tolist(), {port.name: array}
            ):
                return {
                    f"{port.name}{list(map(int, index))}": int(value)
                    for index, value in islice(np.ndenumerate(array), 64)
                }
    return None


def _answer(run: Any, inputs: Mapping[str, Any]) -> Any:
    try:
        return run(inputs)
    except NoAnswer:
        return None
    except (ValueError, IndexError, ZeroDivisionError) as error:
        return type(error).__name__
