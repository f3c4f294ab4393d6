"""A finished result, read from the files of its folder and checked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .data.problem import InputError, Problem
from .forms import form_of_network
from .forms.binding import read_binding
from .forms.files import NETWORK, read_network
from .forms.protocol import Form, Lifted, NotLifted, Trained
from .verify.certificate import DYNAMICS, Certificate, Claim, read_certified
from .verify.claimed import refuse_excess, refuse_invented, unbound
from .verify.solver import load_solver

if TYPE_CHECKING:
    from .verify.proof import Proofs

_NOT_AGAIN = "its proof was not repeated: lifting the network again gave another program"
_ANOTHER = (
    "the certificate speaks of a proof about a program, and the network, lifted again, gives "
    "another one than solver.py"
)


@dataclass(frozen=True, slots=True, eq=False)
class StoredResult:
    """The files of a result, of which none is executed yet, and what they tell.

    ``bound``: right answers were known to data alone, and the network binds what they said.
    """

    certificate: Certificate
    files: Mapping[str, bytes]
    form: Form
    network: Any
    bound: bool = False

    @property
    def task(self) -> Any:
        """What was handed over, as far as the files tell."""
        # Only the binding tells an own problem from the built-in one of its name: a claim can be
        # edited to "no oracle", so that nobody is asked.
        said = replace(self.certificate.correct, status="no oracle" if self.bound else "sampled")
        return self.form.task_of(replace(self.certificate, correct=said), self.network)


@dataclass(frozen=True, slots=True, eq=False)
class CheckedAgain:
    """A result's certificate after its claims were looked at again, and the proofs of that."""

    certificate: Certificate
    proofs: Proofs | None = None


def read_result(folder: Path | str) -> StoredResult:
    """A result's files; :class:`InputError` where they are not those that were certified."""
    from .surrogates.file import is_surrogate

    folder = Path(folder)
    if is_surrogate(folder):
        raise InputError(
            f"{folder} holds formulas of a block of a network, not at hand: read them with "
            "deepdistill.load"
        )
    if (folder / DYNAMICS).exists():
        raise InputError(
            f"{folder} holds equations of motion: deepdistill.load checks and opens it"
        )
    certificate, files = read_certified(folder)
    return stored_result(certificate, files, str(folder / NETWORK))


def stored_result(
    certificate: Certificate, files: Mapping[str, bytes], what: str = NETWORK
) -> StoredResult:
    """The same from files that were read; ``what`` names the network in messages.

    Raises :class:`InputError` where the certificate's claim *correct* is not the one that the
    network was written with.
    """
    network = read_network(files[NETWORK], what)
    form = form_of_network(network)
    said = read_binding(files[NETWORK], what)
    if said is not None:
        said.refuse_others(certificate)
    network = form.restore(network, files)
    return StoredResult(certificate, files, form, network, said is not None)


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


def load(folder: Path | str) -> Any:
    """A saved result, whatever it is; formulas of a block and equations of motion, too.

    Its program is lifted from the network again. Raises :class:`InputError` where the files are not
    those that were certified, or where that gives another program than the solver or another growth
    than the certificate's.
    """
    from .data.record import read_record_of
    from .result import Result
    from .surrogates.file import is_surrogate, read_surrogate
    from .verify.certificate import TEST

    folder = Path(folder)
    if is_surrogate(folder):
        return read_surrogate(folder)
    if (folder / DYNAMICS).exists():
        from .dynamics.result import load_dynamics

        return load_dynamics(folder)
    stored = read_result(folder)
    program = lifted_again(stored)
    if program is None:
        raise InputError(
            f"{folder} cannot be loaded: its network, lifted again, gives another program than its "
            "solver.py; distill it again"
        )
    _refuse_other_growth(stored.certificate, stored.form.growth(program))
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
    return check_again(folder, size, examples).certificate


def check_again(
    folder: Path | str, size: int | None = None, examples: int | None = None
) -> CheckedAgain:
    """The same with the proofs that were repeated, where there were any.

    Raises :class:`InputError` where the certificate claims more than such a result can bear, or
    more than is found by the same version at the same sizes.
    """
    if examples is not None and examples < 1:
        raise InputError("the number of examples must be at least 1")
    stored = read_result(folder)
    before, form, network, task = stored.certificate, stored.form, stored.network, stored.task
    known = form.knows_answers(task)
    if not known and not stored.bound:
        before = unbound(before)
    if size is not None:
        task = form.resized(task, network, size)
    solve = load_solver(stored.files["solver.py"], "solver")
    proved = any(claim.status == "proved" for claim in before.claims.values())
    program = lifted_again(stored) if proved or before.growth else None
    lifted = Lifted(program) if proved and program is not None else None
    space = form.inputs(task, Trained(network), lifted, before.seed, examples, before)
    refuse_invented(before, space, solve)
    now = form.judge(
        task,
        Trained(network),
        lifted,
        solve,
        before.seed,
        examples=examples,
        before=before,
    )
    proofs = None
    if proved:
        proofs = _proofs(stored, task, program)
        now = _proved_again(stored, now, program, proofs)
    now = _like_its_twin(stored, now, solve)
    if stored.bound or (not known and isinstance(task, Problem)):
        now = replace(now, correct=before.correct)  # the examples that told are not at hand
    if program is not None:
        _refuse_other_growth(before, form.growth(program))
    refuse_excess(before, now, proofs, same=size is None and examples is None)
    return CheckedAgain(_as_before(before, now), proofs)


def _refuse_other_growth(certificate: Certificate, loops: str) -> None:
    if certificate.growth not in ("", loops):
        raise InputError(
            f"the certificate says that the time grows as {certificate.growth}, and the loops of "
            f"its program {f'as {loops}' if loops else 'tell nothing'}: it was changed, distill it "
            "again"
        )


def _proofs(stored: StoredResult, task: Any, program: Any) -> Proofs:
    """The proofs that there are of a program, or the reason why there is none to prove."""
    from .verify.proof import Proofs
    from .verify.proof.session import Proof

    if program is None:
        return Proofs(Proof("unknown", "", reason=_NOT_AGAIN))
    return stored.form.prove(task, stored.network, program)


def _proved_again(
    stored: StoredResult, now: Certificate, program: Any, proofs: Proofs
) -> Certificate:
    """What the judge says now, with the proof that there was before, or that it is gone.

    The same version of deepdistill lifts the same network alike: if that gave another program than
    the solver's, one of the two files was changed, and ``faithful`` fails. Another version may
    write another program, and then sampling is all there is.
    """
    from .verify.proof.claims import with_proofs

    now = with_proofs(now, proofs)
    same = stored.certificate.versions.get("deepdistill") == __version__
    if program is None and same and now.faithful.ok:
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
        growth=before.growth,
    )


def _worse(before: Claim, now: Claim) -> Claim:
    """What stands now; where these very files failed before, that they did."""
    return before if now.ok and not before.ok else now
