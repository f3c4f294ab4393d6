"""A finished result, read from the files of its folder and checked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .data.problem import InputError, Problem
from .forms import form_of_network
from .forms.files import NETWORK, read_network
from .forms.protocol import Form, Lifted, NotLifted, Trained
from .verify.certificate import Certificate, Claim, read_certified
from .verify.solver import load_solver

if TYPE_CHECKING:
    from .result import Result

_NOT_AGAIN = "its proof was not repeated: lifting the network again gave another program"
_ANOTHER = (
    "the certificate speaks of a proof about a program, and the network, lifted again, gives "
    "another one than solver.py"
)


@dataclass(frozen=True, slots=True, eq=False)
class StoredResult:
    """The files of a result, of which none is executed yet, and what they tell."""

    certificate: Certificate
    files: Mapping[str, bytes]
    form: Form
    network: Any

    @property
    def task(self) -> Any:
        """What was handed over, as far as the files tell."""
        return self.form.task_of(self.certificate, self.network)


def read_result(folder: Path | str) -> StoredResult:
    """A result's files; :class:`InputError` where they are not those that were certified."""
    folder = Path(folder)
    certificate, files = read_certified(folder)
    return stored_result(certificate, files, str(folder / NETWORK))


def stored_result(
    certificate: Certificate, files: Mapping[str, bytes], what: str = NETWORK
) -> StoredResult:
    """The same from files that were read; ``what`` names the network in messages."""
    network = read_network(files[NETWORK], what)
    form = form_of_network(network)
    return StoredResult(certificate, files, form, form.restore(network, files))


def lifted_again(stored: StoredResult) -> Any | None:
    """The program of a solver, from its network; None where lifting gives another text.

    Only the module's docstring may differ, which tells what was learned from and what was checked.
    """
    from .forms.relift import same_code, written_again

    try:
        program, draft = written_again(stored.form, stored.task, stored.network)
    except NotLifted:
        return None
    return program if same_code(draft, stored.files["solver.py"]) else None


def load(folder: Path | str) -> Result:
    """A saved result: what :meth:`Result.save` wrote, whatever it is.

    Its program is lifted from the network again. Raises :class:`InputError` where the files are not
    those that were certified, or where that gives another program than the solver.
    """
    from .data.record import read_record_of
    from .result import Result
    from .verify.certificate import TEST

    folder = Path(folder)
    stored = read_result(folder)
    program = lifted_again(stored)
    if program is None:
        raise InputError(
            f"{folder} cannot be loaded: its network, lifted again, gives another program than its "
            "solver.py; distill it again"
        )
    record = read_record_of(folder / "report.html")
    trained = Trained(
        stored.network, attempts=record.attempts, front=record.front, trials=record.trials
    )
    certificate = stored.certificate
    return Result(
        stored.task,
        trained,
        program,
        stored.files["solver.py"].decode(),
        stored.files.get(TEST, b"").decode(),
        certificate,
        cut_off=certificate.cut_off,
    )


def verify_folder(
    folder: Path | str, size: int | None = None, examples: int | None = None
) -> Certificate:
    """Check a finished solver again: ``deepdistill verify FOLDER [--size N] [--examples K]``.

    Every axis of any size gets ``size`` places; ``examples`` inputs are drawn at that size. The
    solver is executed only where its digest is the one in the certificate. Where the certificate
    speaks of a proof, the program is lifted from the network again and the proof repeated; where
    that program is not the solver's, the claim fails. What failed before stays failed.
    """
    if examples is not None and examples < 1:
        raise InputError("the number of examples must be at least 1")
    stored = read_result(folder)
    before, form, network, task = stored.certificate, stored.form, stored.network, stored.task
    if size is not None:
        task = form.resized(task, network, size)
    solve = load_solver(stored.files["solver.py"], "solver")
    proved = any(claim.status == "proved" for claim in before.claims.values())
    program = lifted_again(stored) if proved else None
    now = form.judge(
        task,
        Trained(network),
        None if program is None else Lifted(program),
        solve,
        before.seed,
        examples=examples,
        before=before,
    )
    if proved:
        now = _proved_again(stored, task, now, program)
    now = _like_its_twin(stored, now, solve)
    if isinstance(task, Problem) and not (task.oracle or task.families or task.baseline):
        now = replace(now, correct=before.correct)  # the examples that told are not at hand
    return _as_before(before, now)


def _proved_again(stored: StoredResult, task: Any, now: Certificate, program: Any) -> Certificate:
    """What the judge says now, with the proof that there was before, or that it is gone.

    The same version of deepdistill lifts the same network alike: if that gave another program than
    the solver's, one of the two files was changed, and ``faithful`` fails. Another version may
    write another program, and then sampling is all there is.
    """
    from .verify.proof import Proofs
    from .verify.proof.claims import with_proofs
    from .verify.proof.session import Proof

    if program is not None:
        return with_proofs(now, stored.form.prove(task, stored.network, program))
    now = with_proofs(now, Proofs(Proof("unknown", "", reason=_NOT_AGAIN)))
    if stored.certificate.versions.get("deepdistill") == __version__ and now.faithful.ok:
        now = replace(now, faithful=replace(now.faithful, status="failed", note=_ANOTHER))
    return now


def _like_its_twin(stored: StoredResult, now: Certificate, solve: Any) -> Certificate:
    """For a form whose solver holds more than its program: compared with what its network gives."""
    from .forms.relift import same_code, written_again

    if not stored.form.has_driver:
        return now
    _, draft = written_again(stored.form, stored.task, stored.network)
    if same_code(draft, stored.files["solver.py"]):
        return now
    return stored.form.compare(now, solve, load_solver(draft, "twin"))


def _as_before(before: Certificate, now: Certificate) -> Certificate:
    """What is known now, with the digests and failures of the certificate that lay there."""
    return replace(
        now,
        faithful=_worse(before.faithful, now.faithful),
        scalable=_worse(before.scalable, now.scalable),
        correct=_worse(before.correct, now.correct),
        digests=before.digests,
        cut_off=before.cut_off,
    )


def _worse(before: Claim, now: Claim) -> Claim:
    """What stands now; where these very files failed before, that they did."""
    return before if now.ok and not before.ok else now
