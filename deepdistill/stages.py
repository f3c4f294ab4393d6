"""The stages of each form of problem: who trains, lifts, shortens, renders and judges.

Imports wait until a stage runs, so that a form costs nothing where it is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .ir.program import Program
from .problem import Examples, Form, Problem

if TYPE_CHECKING:
    from .render import Provenance
    from .verify.certificate import Certificate


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A network, whether it is exact on all examples, and what the trainer tried."""

    network: Any
    exact: bool
    attempts: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Stages:
    """What is done with a problem of one form, in this order.

    ``condense`` takes a network and gives what ``shorten`` makes a program of; ``render`` and
    ``render_test`` take a program, its provenance, the network and what was condensed.
    """

    train: Callable[[Problem, int, Callable[[str], None]], Trained]
    condense: Callable[[Any, Problem], Any]
    shorten: Callable[[Any], Program]
    render: Callable[[Program, Provenance, Any, Any], str]
    render_test: Callable[[Program, Provenance, Any, Any], str]
    certify: Callable[..., Certificate]


# Grids that become grids of the same size


def _train_automaton(problem: Problem, seed: int, say: Callable[[str], None]) -> Trained:
    from .network.fit import fit

    fitted = fit(problem, seed, say)
    return Trained(fitted.network, fitted.exact, fitted.attempts)


def _lift_automaton(network: Any, problem: Problem) -> Program:
    from .condense.lift import lift

    return lift(network, problem.name)


def _shorten_automaton(program: Program) -> Program:
    from .passes.shorten import shorten

    return shorten(program)


def _render_automaton(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .render import solver

    return solver(program, provenance)


def _test_automaton(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .render import solver_test

    return solver_test(program, provenance, network.radius)


def _certify_automaton(*args: Any, **options: Any) -> Certificate:
    from .verify.judge import certify

    return certify(*args, **options)


# Sets of numbers and pictures, and one question about the whole


def _train_items(problem: Problem, seed: int, say: Callable[[str], None]) -> Trained:
    from .network.item_fit import fit_items

    fitted = fit_items(problem, seed, say)
    return Trained(fitted.network, fitted.exact, fitted.attempts)


def _lift_items(network: Any, problem: Problem) -> Program:
    from .condense.item_lift import lift_items

    return lift_items(network, problem.name)


def _shorten_items(program: Program) -> Program:
    from .passes.items.shorten import shorten_items

    return shorten_items(program)


def _render_items(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .render.item_source import item_solver

    return item_solver(program, provenance)


def _test_items(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .render.item_source import item_solver_test

    return item_solver_test(program, provenance)


def _certify_items(*args: Any, **options: Any) -> Certificate:
    from .verify.whole_judge import certify_whole

    return certify_whole(*args, **options)


# Few examples of one size, from which networks of dense layers are built without a gradient


def _train_essence(problem: Problem, seed: int, say: Callable[[str], None]) -> Trained:
    from .network.essence_fit import fit_essence

    fitted = fit_essence(problem, seed, say)
    return Trained(fitted.network, True, fitted.attempts)


def _lift_essence(network: Any, problem: Problem) -> Any:
    """A program of any size where one holds for the first two sizes, else one for the first."""
    from .condense.dense_lift import lift_dense
    from .condense.reduce import reduce
    from .condense.scaled_lift import NotAligned, lift_two

    first, argument = network.networks[0], problem.inputs[0].name
    if len(network.networks) > 1:
        try:
            return lift_two(first, network.networks[1], problem.name, argument, "grid")
        except NotAligned:
            pass
    return lift_dense(reduce(first).network, problem.name, first.domain, argument)


def _shorten_essence(lifted: Any) -> Program:
    from .condense.scaled_lift import Scaled
    from .passes.tournament import shorten_tournament

    program: Program = lifted.program
    one_size = isinstance(lifted, Scaled) and len(lifted.alike) == len(program.inputs[0].axes) - 1
    return shorten_tournament(program) if one_size else program


def _origin(provenance: Provenance, network: Any, lifted: Any) -> Any:
    from .condense.scaled_lift import Scaled
    from .render.dense_source import Origin

    layers = tuple(len(layer.bias) for layer in network.networks[0].layers)
    origin = Origin(
        layers,
        "argmax",
        provenance.checked,
        (),
        provenance.version,
        learned=provenance.learned_from,
    )
    if isinstance(lifted, Scaled):
        return replace(origin, shapes=network.sizes[:2], least=lifted.least, alike=lifted.alike)
    return origin


def _render_essence(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .render.dense_source import dense_solver

    return dense_solver(program, _origin(provenance, network, lifted))


def _test_essence(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .render.dense_source import dense_solver_test

    return dense_solver_test(program, _origin(provenance, network, lifted))


def _certify_essence(problem: Problem, network: Any, *args: Any, **options: Any) -> Certificate:
    from .verify.whole_judge import certify_whole

    return certify_whole(problem, network, *args, network_sizes=network.sizes, **options)


FORMS: dict[Form, Stages] = {
    "automaton": Stages(
        _train_automaton,
        _lift_automaton,
        _shorten_automaton,
        _render_automaton,
        _test_automaton,
        _certify_automaton,
    ),
    "items": Stages(
        _train_items, _lift_items, _shorten_items, _render_items, _test_items, _certify_items
    ),
    "essence": Stages(
        _train_essence,
        _lift_essence,
        _shorten_essence,
        _render_essence,
        _test_essence,
        _certify_essence,
    ),
}


def learned_from(
    problem: Problem, training: Sequence[Examples], held_out: Sequence[Examples]
) -> str:
    """What a network was trained on, in words."""
    first = problem.inputs[0]
    listed = any(axis.kind in ("set", "sequence") for axis in first.axes)
    parts = []
    for group in training:
        size = " x ".join(map(str, group.shape))
        if problem.form == "automaton":
            what = "grids" if len(group.shape) > 1 else "rows"
            parts.append(f"{len(group)} {what} of {size} cells")
        elif listed:
            parts.append(f"{len(group)} lists of {size} numbers")
        else:
            what = "pictures" if len(group.shape) > 1 else "rows"
            parts.append(f"{len(group)} {what} of {size} cells")
    held = sum(map(len, held_out))
    return " and ".join(parts) + (f" ({held} more held out)" if held else "")
