"""The stages of each form of problem: who trains, lifts, shortens, renders and judges.

Imports wait until a stage runs, so that a form costs nothing where it is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .data.problem import Examples, Form, Problem
from .ir.program import Program
from .ir.types import Port

if TYPE_CHECKING:
    from .target import Provenance
    from .verify.certificate import Certificate
    from .verify.proof import Proofs


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
    ``render_test`` take a program, its provenance, the network and what was condensed. ``prove``
    takes the problem, the network and the program; ``certify`` judges the rendered solver.
    ``told`` says in words what a group of training examples is.
    """

    train: Callable[[Problem, int, Callable[[str], None]], Trained]
    condense: Callable[[Any, Problem], Any]
    shorten: Callable[[Any], Program]
    prove: Callable[[Problem, Any, Program], Proofs]
    render: Callable[[Program, Provenance, Any, Any], str]
    render_test: Callable[[Program, Provenance, Any, Any], str]
    certify: Callable[..., Certificate]
    told: Callable[[Problem, Examples], str]


def _size(group: Examples) -> str:
    return " x ".join(map(str, group.shape))


def _prove(problem: Problem, network: Any, program: Program) -> Proofs:
    """The argument is chosen by the network's kind: all forms share this stage."""
    from .verify.proof import prove

    return prove(problem, network, program)


# Grids that become grids of the same size


def _train_automaton(problem: Problem, seed: int, say: Callable[[str], None]) -> Trained:
    from .forms.grid.train import fit

    fitted = fit(problem, seed, say)
    return Trained(fitted.network, fitted.exact, fitted.attempts)


def _lift_automaton(network: Any, problem: Problem) -> Program:
    from .forms.grid.lift import lift

    return lift(network, problem.name)


def _shorten_automaton(program: Program) -> Program:
    from .forms.grid.shorten import shorten

    return shorten(program)


def _render_automaton(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target import solver

    return solver(program, provenance)


def _test_automaton(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target import solver_test

    return solver_test(program, provenance, network.radius)


def _certify_automaton(*args: Any, **options: Any) -> Certificate:
    from .verify.judge import certify

    return certify(*args, **options)


def _told_automaton(problem: Problem, group: Examples) -> str:
    what = "grids" if len(group.shape) > 1 else "rows"
    return f"{len(group)} {what} of {_size(group)} cells"


# Sets of numbers and pictures, and one question about the whole


def _train_items(problem: Problem, seed: int, say: Callable[[str], None]) -> Trained:
    from .learn.item_fit import fit_items

    fitted = fit_items(problem, seed, say)
    return Trained(fitted.network, fitted.exact, fitted.attempts)


def _lift_items(network: Any, problem: Problem) -> Program:
    from .units.items_lift import lift_items

    return lift_items(network, problem.name)


def _shorten_items(program: Program) -> Program:
    from .passes.items.shorten import shorten_items

    return shorten_items(program)


def _render_items(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target.item_source import item_solver

    return item_solver(program, provenance)


def _test_items(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target.item_source import item_solver_test

    return item_solver_test(program, provenance)


def _certify_items(*args: Any, **options: Any) -> Certificate:
    from .verify.whole_judge import certify_whole

    return certify_whole(*args, **options)


def _told_items(problem: Problem, group: Examples) -> str:
    if any(axis.kind in ("set", "sequence") for axis in problem.inputs[0].axes):
        return f"{len(group)} lists of {_size(group)} numbers"
    what = "pictures" if len(group.shape) > 1 else "rows"
    return f"{len(group)} {what} of {_size(group)} cells"


# Sequences, and a loop that answers step after step


@dataclass(frozen=True, slots=True)
class Prefixes:
    """A program for one whole prefix, and the ports of the sequences it is told for."""

    whole: Program
    inputs: tuple[Port, ...]
    output: Port


def _train_sequence(problem: Problem, seed: int, say: Callable[[str], None]) -> Trained:
    from .forms.sequence.train import fit_sequences

    fitted = fit_sequences(problem, seed, say)
    return Trained(fitted.network, fitted.exact, fitted.attempts)


def _lift_sequence(network: Any, problem: Problem) -> Program | Prefixes:
    from .forms.sequence.lift import lift_recurrent
    from .forms.sequence.network import PrefixNetwork
    from .units.items_lift import lift_items

    if isinstance(network, PrefixNetwork):
        return Prefixes(lift_items(network.items, problem.name), network.inputs, network.output)
    return lift_recurrent(network, problem.name)


def _shorten_sequence(lifted: Program | Prefixes) -> Program:
    from .forms.sequence.prefix_lift import over_prefixes
    from .forms.sequence.shorten.passes import shorten_scan
    from .passes.items.shorten import shorten_items

    if isinstance(lifted, Prefixes):
        whole = shorten_items(lifted.whole)
        return over_prefixes(whole, lifted.inputs, lifted.output, whole.name)
    return shorten_scan(lifted)


def _render_sequence(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target.scan_source import scan_solver

    return scan_solver(program, provenance)


def _test_sequence(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target.scan_source import scan_solver_test

    return scan_solver_test(program, provenance)


def _certify_sequence(*args: Any, **options: Any) -> Certificate:
    from .forms.sequence.judge import certify_sequences

    return certify_sequences(*args, **options)


def _told_sequence(problem: Problem, group: Examples) -> str:
    return f"{len(group)} sequences of {group.shape[0]} steps"


# Few examples of one size, from which networks of dense layers are built without a gradient


def _train_essence(problem: Problem, seed: int, say: Callable[[str], None]) -> Trained:
    from .forms.dense.train import fit_essence

    fitted = fit_essence(problem, seed, say)
    return Trained(fitted.network, True, fitted.attempts)


def _lift_essence(network: Any, problem: Problem) -> Any:
    """A program of any size where one holds for the first two sizes, else one for the first."""
    from .forms.dense.lift import lift_dense
    from .forms.dense.reduce import reduce
    from .forms.dense.scaled_lift import NotAligned, lift_two

    first, argument = network.networks[0], problem.inputs[0].name
    if len(network.networks) > 1:
        try:
            return lift_two(first, network.networks[1], problem.name, argument, "grid")
        except NotAligned:
            pass
    return lift_dense(reduce(first).network, problem.name, first.domain, argument)


def _shorten_essence(lifted: Any) -> Program:
    from .forms.dense.scaled_lift import Scaled
    from .forms.dense.tournament import shorten_tournament

    program: Program = lifted.program
    one_size = isinstance(lifted, Scaled) and len(lifted.alike) == len(program.inputs[0].axes) - 1
    return shorten_tournament(program) if one_size else program


def _origin(provenance: Provenance, network: Any, lifted: Any) -> Any:
    from .forms.dense.scaled_lift import Scaled
    from .target.dense_source import Origin

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
    from .target.dense_source import dense_solver

    return dense_solver(program, _origin(provenance, network, lifted))


def _test_essence(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target.dense_source import dense_solver_test

    return dense_solver_test(program, _origin(provenance, network, lifted))


def _certify_essence(problem: Problem, network: Any, *args: Any, **options: Any) -> Certificate:
    from .verify.whole_judge import certify_whole

    return certify_whole(problem, network, *args, network_sizes=network.sizes, **options)


# Formulas: a learned rule that a driver applies, decision after decision


@dataclass(frozen=True, slots=True)
class Driven:
    """A program of a rule, and the name of the template that applies it."""

    program: Program
    driver: str


def _train_clauses(problem: Problem, seed: int, say: Callable[[str], None]) -> Trained:
    from .forms.clauses.train import fit_clauses

    fitted = fit_clauses(problem, seed, say)
    return Trained(fitted.network, True, fitted.attempts)


def _lift_clauses(network: Any, problem: Problem) -> Driven:
    from .forms.clauses.lift import lift_clauses

    return Driven(lift_clauses(network, problem.name), problem.driver)


def _shorten_clauses(lifted: Driven) -> Program:
    from .forms.clauses.shorten import shorten_curves

    return shorten_curves(lifted.program)


def _render_clauses(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target.rule_source import rule_solver

    return rule_solver(program, provenance, lifted.driver)


def _test_clauses(program: Program, provenance: Provenance, network: Any, lifted: Any) -> str:
    from .target.rule_source import rule_solver_test

    return rule_solver_test(program, lifted.driver)


def _certify_clauses(*args: Any, **options: Any) -> Certificate:
    from .forms.clauses.judge import certify_clauses

    return certify_clauses(*args, **options)


def _told_clauses(problem: Problem, group: Examples) -> str:
    limits = "{} variables and {} clauses".format(*group.shape)
    return f"the exact optima of {len(group)} formulas of at most {limits}"


FORMS: dict[Form, Stages] = {
    "automaton": Stages(
        _train_automaton,
        _lift_automaton,
        _shorten_automaton,
        _prove,
        _render_automaton,
        _test_automaton,
        _certify_automaton,
        _told_automaton,
    ),
    "items": Stages(
        _train_items,
        _lift_items,
        _shorten_items,
        _prove,
        _render_items,
        _test_items,
        _certify_items,
        _told_items,
    ),
    "sequence": Stages(
        _train_sequence,
        _lift_sequence,
        _shorten_sequence,
        _prove,
        _render_sequence,
        _test_sequence,
        _certify_sequence,
        _told_sequence,
    ),
    "essence": Stages(
        _train_essence,
        _lift_essence,
        _shorten_essence,
        _prove,
        _render_essence,
        _test_essence,
        _certify_essence,
        _told_items,
    ),
    "clauses": Stages(
        _train_clauses,
        _lift_clauses,
        _shorten_clauses,
        _prove,
        _render_clauses,
        _test_clauses,
        _certify_clauses,
        _told_clauses,
    ),
}


def learned_from(
    problem: Problem, training: Sequence[Examples], held_out: Sequence[Examples]
) -> str:
    """What a network was trained on, in words."""
    told = FORMS[problem.form].told
    held = sum(map(len, held_out))
    more = f" ({held} more held out)" if held else ""
    return " and ".join(told(problem, group) for group in training) + more
