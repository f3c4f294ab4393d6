"""Lift a saved network again, so that the proof about its program can be repeated.

A result folder holds the network and the solver's text but not the program between them. It is
lifted once more; where its text is again that of ``solver.py``, it is the program of that solver.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ir.program import Program

if TYPE_CHECKING:
    from .data.problem import Problem
    from .forms.dense.network import DenseNetwork
    from .forms.files import AnyNetwork
    from .verify.certificate import Certificate


def verify_folder(
    folder: Path | str, size: int | None = None, examples: int | None = None
) -> Certificate:
    """Check a finished solver again, proofs included; see :func:`verify.recheck.recheck`."""
    from .verify.recheck import recheck

    return recheck(folder, size, examples, relift_folder, other_text)


def relift(problem: Problem, network: Any, source: bytes) -> Program | None:
    """The program of a solver, from its network; None where lifting gives another text.

    Only the module's docstring may differ, which tells what was learned from and what was checked.
    """
    program, draft = written_again(problem, network)
    return program if same_code(draft, source) else None


def other_text(problem: Problem, network: Any, source: bytes) -> bytes | None:
    """The solver that a network gives, where its code is not that of ``source``."""
    _, draft = written_again(problem, network)
    return None if same_code(draft, source) else draft


def written_again(problem: Problem, network: Any) -> tuple[Program, bytes]:
    """The program that a network gives, and its text but for what a docstring tells of its past."""
    from . import __version__
    from .stages import FORMS
    from .target import Provenance

    stages = FORMS[problem.form]
    lifted = stages.condense(network, problem)
    program = stages.shorten(lifted)
    shape = problem.training_shapes[0]
    provenance = Provenance("the network that is saved beside it", (), (), shape, __version__)
    return program, stages.render(program, provenance, network, lifted).encode()


def relift_dense(
    name: str, network: DenseNetwork, second: DenseNetwork | None, source: bytes
) -> Program | None:
    """The same for a network from elsewhere; ``second`` is the one of another size, if known."""
    from . import __version__
    from .forms.dense.lift import lift_dense
    from .forms.dense.reduce import reduce
    from .forms.dense.scaled_lift import NotAligned, lift_two
    from .ir.names import argument_name
    from .target.dense_source import Origin, dense_solver

    argument = argument_name(len(network.shape), name)
    layers = tuple(len(layer.bias) for layer in network.layers)
    origin = Origin(layers, network.layers[-1].activation, (), (), __version__)
    if second is None:
        program = lift_dense(reduce(network).network, name, network.domain, argument).program
    else:
        try:
            scaled = lift_two(network, second, name, argument)
        except NotAligned:
            return None
        program = scaled.program
        shapes = (network.shape, second.shape)
        origin = replace(origin, shapes=shapes, least=scaled.least, alike=scaled.alike)
    return program if same_code(dense_solver(program, origin).encode(), source) else None


def relift_folder(
    certificate: Certificate, network: AnyNetwork, files: Mapping[str, bytes]
) -> Program | None:
    """The same for the files of a result, whatever its network is like."""
    from .data import catalogue
    from .forms.clauses.network import ClauseNetwork
    from .forms.dense.network import DenseNetwork
    from .forms.files import read_network
    from .verify.certificate import SECOND
    from .verify.recheck import problem_of

    source = files["solver.py"]
    if isinstance(network, DenseNetwork):
        second = read_network(files[SECOND], SECOND) if SECOND in files else None
        if second is not None and not isinstance(second, DenseNetwork):
            return None
        return relift_dense(certificate.problem, network, second, source)
    if isinstance(network, ClauseNetwork):
        return relift(catalogue.find(certificate.problem), network, source)
    return relift(problem_of(certificate, network), network, source)


def same_code(one: bytes, other: bytes) -> bool:
    """Whether two modules do the same, their docstrings apart."""
    return _code(one) == _code(other)


def _code(source: bytes) -> str:
    """What a module does, without its docstring."""
    module = ast.parse(source)
    if ast.get_docstring(module) is not None:
        del module.body[0]
    return ast.dump(module)
