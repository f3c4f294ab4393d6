"""Check a finished solver again, from the files of its folder."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from .. import __version__
from ..data import catalogue
from ..data.laws import Law
from ..data.problem import InputError, Problem
from ..forms.clauses.driver import keeping_driver
from ..forms.clauses.judge import EXAMPLES as CLAUSE_EXAMPLES
from ..forms.clauses.judge import LARGE_EXAMPLES as LARGE_CLAUSE_EXAMPLES
from ..forms.clauses.judge import certify_clauses
from ..forms.clauses.network import ClauseNetwork
from ..forms.dense.judge import EXAMPLES as DENSE_EXAMPLES
from ..forms.dense.judge import certify_dense
from ..forms.dense.network import DenseNetwork
from ..forms.dense.sized import SizedNetwork
from ..forms.files import read_network
from ..forms.formula.file import is_formula, read_formula
from ..forms.formula.judge import EXAMPLES as FORMULA_EXAMPLES
from ..forms.formula.judge import certify_formula, outside_ranges
from ..forms.grid.network import GridNetwork
from ..forms.sequence.judge import certify_sequences
from ..forms.sequence.network import PrefixNetwork, RecurrentNetwork
from ..ir.borders import comparisons
from ..ir.program import Formula, Program
from ..units.items import ItemNetwork
from .certificate import SECOND, Certificate, Claim, read_certified
from .contract import (
    keeping_contract,
    keeping_dense_contract,
    keeping_formula_contract,
    network_sizes,
)
from .equivalence import Solve
from .judge import EXAMPLES, LARGE_EXAMPLES, certify
from .whole_judge import EXAMPLES as WHOLE_EXAMPLES
from .whole_judge import LARGE_EXAMPLES as LARGE_WHOLE_EXAMPLES
from .whole_judge import certify_whole

Relift = Callable[[Certificate, Any, Mapping[str, bytes]], Program | None]
"""Makes the program of a solver from its certificate, network and files again, if it can."""

Rewrite = Callable[[Problem, Any, bytes], bytes | None]
"""Writes the solver of a problem and a network again; None where a text has its code."""

_NOT_AGAIN = "its proof was not repeated: lifting the network again gave another program"
_ANOTHER = (
    "the certificate speaks of a proof about a program, and the network, lifted again, gives "
    "another one than solver.py"
)

_LARGEST_INPUT = 3 * 10**7
_CLAUSES_PER_VARIABLE = 10


def load_solver(source: bytes, name: str) -> Solve:
    """The function ``solve`` of a solver module, executed from its text."""
    module = types.ModuleType(name)
    try:
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        raise InputError(f"{name}.py cannot be loaded: {type(error).__name__}") from None
    solve: Any = getattr(module, "solve", None)
    if not callable(solve):
        raise InputError(f"{name}.py has no function named solve")
    return solve  # type: ignore[no-any-return]


def recheck(
    folder: Path | str,
    size: int | None = None,
    examples: int | None = None,
    relift: Relift | None = None,
    rewrite: Rewrite | None = None,
) -> Certificate:
    """Check a finished solver again: ``deepdistill verify FOLDER [--size N] [--examples K]``.

    Every grid axis gets ``size`` cells; ``examples`` inputs are drawn at that size. The solver is
    executed only where its digest is the one in the certificate. Where the certificate speaks of
    a proof, ``relift`` makes the program about which it is found again; without it the solver is
    sampled, and where that program is not the solver's, the claim fails. A driver is compared
    with the one that ``rewrite`` gives.
    """
    folder = Path(folder)
    if examples is not None and examples < 1:
        raise InputError("the number of examples must be at least 1")
    certificate, files = read_certified(folder)
    if is_formula(files["network.npz"], str(folder / "network.npz")):
        return _recheck_formula(certificate, files, size, examples)
    network = read_network(files["network.npz"], str(folder / "network.npz"))
    solve = load_solver(files["solver.py"], "solver")
    if isinstance(network, DenseNetwork):
        second: DenseNetwork | None = None
        if SECOND in files:
            found = read_network(files[SECOND], str(folder / SECOND))
            if not isinstance(found, DenseNetwork):
                raise InputError(f"{folder / SECOND} is not a dense network")
            second = found
        if size is not None:
            raise InputError("a condensed network has the sizes of its files: leave out --size")
        result = _recheck_dense(certificate, network, second, solve, examples)
        program = _lifted_again(certificate, network, files, relift)
        networks = [network] if second is None else [network, second]
        result = _proved_again(certificate, result, None, networks, program, relift is not None)
        return _as_before(certificate, result)
    if isinstance(network, ClauseNetwork):
        problem = _clause_problem(certificate, network, size)
        result = _recheck_clauses(certificate, problem, network, solve, examples)
        text = rewrite(problem, network, files["solver.py"]) if rewrite is not None else None
        if text is not None:
            result = keeping_driver(result, solve, load_solver(text, "twin"))
        return _as_before(certificate, result)
    problem = problem_of(certificate, network)
    dimensions = len(network.inputs[0].axes)
    if size is not None:
        if size < 1 or size**dimensions > _LARGEST_INPUT:
            raise InputError(
                f"the size {size} is not usable: give a number of cells along one side"
            )
        checked = tuple(axis.size or size for axis in network.inputs[0].axes)
        problem = replace(problem, check_shapes=(checked,))
    program = _lifted_again(certificate, network, files, relift)
    if isinstance(network, GridNetwork):
        result = certify(
            problem,
            network,
            program,
            solve,
            certificate.seed,
            examples=examples or EXAMPLES,
            large_examples=examples or LARGE_EXAMPLES,
            versions=certificate.versions,
            local=certificate.faithful.status == "exhaustive",
        )
    elif isinstance(network, RecurrentNetwork | PrefixNetwork):
        result = certify_sequences(
            problem,
            network,
            program,
            solve,
            certificate.seed,
            examples=examples or WHOLE_EXAMPLES,
            large_examples=examples or LARGE_WHOLE_EXAMPLES,
            versions=certificate.versions,
        )
    else:
        result = certify_whole(
            problem,
            network,
            program,
            solve,
            certificate.seed,
            network_sizes=network_sizes(network) or None,
            examples=examples or WHOLE_EXAMPLES,
            large_examples=examples or LARGE_WHOLE_EXAMPLES,
            versions=certificate.versions,
        )
    shape, sizes = problem.training_shapes[0], network_sizes(network)
    result = keeping_contract(result, solve, problem.inputs, shape, sizes)
    result = _proved_again(certificate, result, problem, network, program, relift is not None)
    if not (problem.oracle or problem.families):
        result = replace(result, correct=certificate.correct)
    return _as_before(certificate, result)


def _was_proved(certificate: Certificate) -> bool:
    return any(claim.status == "proved" for claim in certificate.claims.values())


def _lifted_again(
    certificate: Certificate, network: Any, files: Mapping[str, bytes], relift: Relift | None
) -> Program | None:
    """The program that a proof spoke of, if there was a proof."""
    if relift is None or not _was_proved(certificate):
        return None
    return relift(certificate, network, files)


def _proved_again(
    before: Certificate,
    now: Certificate,
    problem: Problem | None,
    network: Any,
    program: Program | None,
    lifted: bool,
) -> Certificate:
    """What the judge found now, with the proof that there was before, or that it is gone.

    ``lifted`` says whether the network was lifted again, to ``program``. The same version of
    deepdistill lifts the same network alike: if that gave another program than the solver's, one of
    the two files was changed, and ``faithful`` fails. Another version may write another program,
    and then sampling is all there is.
    """
    from .proof import Proofs, prove
    from .proof.claims import with_proofs
    from .proof.session import Proof

    if not _was_proved(before):
        return now
    if program is not None:
        return with_proofs(now, prove(problem, network, program))
    now = with_proofs(now, Proofs(Proof("unknown", "", reason=_NOT_AGAIN)))
    if lifted and before.versions.get("deepdistill") == __version__ and now.faithful.ok:
        now = replace(now, faithful=replace(now.faithful, status="failed", note=_ANOTHER))
    return now


def _recheck_formula(
    certificate: Certificate, files: dict[str, bytes], size: int | None, examples: int | None
) -> Certificate:
    if size is not None:
        raise InputError("a formula of numbers has one size: leave out --size")
    formula, rows = read_formula(files["network.npz"], "network.npz")
    law = law_of(certificate, formula)
    oracle = None if law is None else law.oracle
    solve = load_solver(files["solver.py"], "solver")
    result = certify_formula(
        certificate.problem,
        formula,
        solve,
        rows,
        certificate.seed,
        examples=examples or FORMULA_EXAMPLES,
        oracle=oracle,
        versions=certificate.versions,
        undecided=tuple(comparisons(formula.value)),
        outside=None if oracle is None else outside_ranges(formula, oracle, certificate.seed),
    )
    result = keeping_formula_contract(result, solve, formula)
    before, correct = certificate.correct, result.correct
    if law is None and before.status != "no oracle":
        correct = before  # an oracle that is not at hand: what it said stands
    elif before.status == "no oracle" and before.note.startswith(correct.note):
        correct = before  # the same words, and what only the whole table could tell
    return _as_before(certificate, replace(result, correct=correct))


def law_of(certificate: Certificate, formula: Formula) -> Law | None:
    """The built-in law that the certificate names and speaks of, if its columns are the inputs."""
    law = catalogue.find_law(certificate.problem)
    if law is None or certificate.correct.status == "no oracle":
        return None
    asked = (tuple(column.name for column in law.columns), law.target)
    titles = tuple(scalar.title or scalar.name for scalar in formula.inputs)
    return law if asked == (titles, formula.output.title or formula.output.name) else None


def _recheck_dense(
    certificate: Certificate,
    network: DenseNetwork,
    second: DenseNetwork | None,
    solve: Solve,
    examples: int | None,
) -> Certificate:
    result = certify_dense(
        certificate.problem,
        network,
        None,
        solve,
        certificate.seed,
        examples=examples or DENSE_EXAMPLES,
        second=second,
        versions=certificate.versions,
    )
    return keeping_dense_contract(result, solve, [network] if second is None else [network, second])


def _clause_problem(certificate: Certificate, network: ClauseNetwork, size: int | None) -> Problem:
    """The problem that the certificate names, checked at ``size`` variables if that is given."""
    problem = catalogue.find(certificate.problem)
    if problem.inputs != network.inputs:
        raise InputError("the network has other inputs than the problem that its certificate names")
    if size is not None:
        if size < 1 or _CLAUSES_PER_VARIABLE * size**2 > _LARGEST_INPUT:
            raise InputError(f"the size {size} is not usable: give a number of variables")
        problem = replace(problem, check_shapes=((size, _CLAUSES_PER_VARIABLE * size),))
    return problem


def _recheck_clauses(
    certificate: Certificate,
    problem: Problem,
    network: ClauseNetwork,
    solve: Solve,
    examples: int | None,
) -> Certificate:
    return certify_clauses(
        problem,
        network,
        None,
        solve,
        certificate.seed,
        examples=examples or CLAUSE_EXAMPLES,
        large_examples=examples or LARGE_CLAUSE_EXAMPLES,
        versions=certificate.versions,
    )


def _as_before(before: Certificate, now: Certificate) -> Certificate:
    """What was found, with the digests and failures of the certificate that lay there."""
    return replace(
        now,
        faithful=_worse(before.faithful, now.faithful),
        scalable=_worse(before.scalable, now.scalable),
        correct=_worse(before.correct, now.correct),
        digests=before.digests,
    )


def _worse(before: Claim, now: Claim) -> Claim:
    """What stands now; where these very files failed before, that they did."""
    return before if now.ok and not before.ok else now


def problem_of(
    certificate: Certificate,
    network: GridNetwork | ItemNetwork | SizedNetwork | RecurrentNetwork | PrefixNetwork,
) -> Problem:
    """The built-in problem that the certificate names, or one without oracle for the network."""
    try:
        problem = catalogue.find(certificate.problem)
    except InputError:
        problem = None
    if (
        problem is not None
        and certificate.correct.status != "no oracle"
        and (problem.inputs, problem.output.domain) == (network.inputs, network.output.domain)
    ):
        return problem
    dimensions = len(network.inputs[0].axes)
    for claim in (certificate.faithful, certificate.scalable):
        if not claim.run_sizes or not all(
            len(size) == dimensions and 0 < prod(size) <= _LARGEST_INPUT for size in claim.run_sizes
        ):
            raise InputError("the certificate names sizes that do not fit its network")
    return Problem(
        name=certificate.problem,
        inputs=network.inputs,
        output=network.output,
        training_shapes=certificate.faithful.run_sizes,
        check_shapes=certificate.scalable.run_sizes,
    )
