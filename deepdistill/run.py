"""The whole story on one screen: a task → network → program → source → certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from .data import catalogue
from .data.examples import grouped
from .data.pairs import PairProblem
from .data.problem import Problem
from .data.running import CutOff, Progress, Run
from .forms import form_of_task
from .forms.files import certified_network
from .forms.protocol import Form, Lifted, NotLifted, Trained
from .forms.rounds import learned
from .ir.names import identifier
from .result import Result

if TYPE_CHECKING:
    from .data.tables import NumberTable
    from .formula.symbolic.backend import Backend
    from .formula.symbolic.losses import Loss
    from .formula.teaching.given import Teacher

STAGES = ("train", "lift", "shorten", "render", "verify", "prove")


def distill(
    problem: Problem | PairProblem | str,
    seed: int = 0,
    progress: Progress | None = None,
    *,
    n_jobs: int | None = 1,
    time_limit: float | None = None,
    no_data: bool = False,
) -> Result:
    """Learn a problem and write it as a program.

    ``problem`` is a :class:`Problem`, as from arrays or pairs of any lengths, or the name of a
    built-in problem or law. The same ``seed``
    gives the same files; ``progress`` is told what is being done. ``n_jobs`` workers are used, as
    joblib counts them. After ``time_limit`` seconds the search is cut off: what was best so far is
    kept, and its certificate says so. With ``no_data`` certificate, test and report quote none of
    the examples. Raises :class:`InputError` for unusable input and
    :class:`CutOff` where nothing was found by then. A result whose network is not exact or whose
    program is refuted is returned all the same: look at ``result.certificate.ok``.
    """
    task = named_task(problem, seed) if isinstance(problem, str) else problem
    return carry_out(task, Run(seed, progress, n_jobs, time_limit, no_data=no_data))


def named_task(name: str, seed: int = 0) -> Any:
    """The built-in problem or law of that name, the rows of a law drawn with the seed."""
    law = catalogue.find_law(name)
    if law is None:
        return catalogue.find(name)
    from .forms.formula.table import TableTask

    return TableTask(law.name, law.table(seed), oracle=law.oracle)


def condense_network(
    network: Any,
    shape: Sequence[int] | None = None,
    *,
    hidden: str = "sign",
    head: str = "argmax",
    name: str = "mine",
    values: tuple[int, int] = (0, 1),
    second: Any = None,
    seed: int = 0,
    progress: Progress | None = None,
    time_limit: float | None = None,
) -> Result:
    """Write a dense network of threshold units as a program.

    ``network`` is a ``DenseNetwork``, a list of pairs of weights (inputs, units) and biases
    (units,), a ``state_dict`` of torch, or a module of torch; ``shape`` is that of its input,
    flattened by rows, and ``values`` are the smallest and largest integer there. ``hidden`` is
    ``sign`` or ``step``, ``head`` is ``argmax``, ``softmax`` or ``linear``. Of a module it is read
    what it computes, its hidden units included; it is run itself, in evaluation mode and its own
    precision, on a batch (samples, *shape), on all inputs where there are at most 2**16, and left
    as it was. What the program answers otherwise than the floats of the network is within their
    rounding, counted in the certificate. ``second`` is the same network for inputs of
    another shape, a ``DenseNetwork`` or a pair (network, shape): numbers that follow the size
    become laws of it, and the program takes inputs of any size. Where no program holds for both
    sizes it is one for the first size, and the certificate says why. Raises :class:`InputError`
    for unusable input. The task is that of deep distilling (Blazek, Venkatesh and Lin 2024).
    """
    task = condensing_task(network, shape, hidden, head, name, values, second)
    return carry_out(task, Run(seed, progress, time_limit=time_limit))


def condensing_task(
    network: Any,
    shape: Sequence[int] | None = None,
    hidden: str = "sign",
    head: str = "argmax",
    name: str = "mine",
    values: tuple[int, int] = (0, 1),
    second: Any = None,
    note: str = "",
) -> Any:
    """What :func:`condense_network` is given, checked; ``note`` says how files were read."""
    from .forms.dense.given import given_task

    return given_task(network, shape, hidden, head, identifier(name), values, second, note)


def fit_table(
    table: NumberTable,
    *,
    name: str = "mine",
    backend: str | Backend = "auto",
    operators: Sequence[str] | None = None,
    budget: float = 1.0,
    seed: int = 0,
    oracle: Callable[..., Any] | None = None,
    progress: Progress | None = None,
    regimes: bool = True,
    teacher: bool | str | Teacher = False,
    n_jobs: int | None = -1,
    time_limit: float | None = None,
    no_data: bool = False,
    groups: Any = None,
    strict: bool = False,
    teacher_error: float | Literal["auto"] = 0.0,
    loss: Loss = "mse",
    weights: Any = None,
) -> Result:
    """Read a formula from a table of numbers.

    ``backend`` is ``auto``, ``sparse``, ``operon``, ``pysr`` or an engine such as
    ``dd.PySR(...)``; ``budget`` is an amount of work, 1 being a usual search. One row in four is
    held out and judges; rows that have the same value in ``groups`` (rows,) are held out together.
    A ``strict`` solver raises ``ValueError`` outside the ranges of the table. The same seed gives
    the same formula. Without ``regimes`` it is one formula for all rows.

    ``teacher`` is ``none`` (or False), ``auto`` (or True), ``jacobian``, ``lipschitz``,
    ``hessian``, or any function from rows (rows, columns) to answers (rows,): with one, formulas
    that follow a smooth network are compared with one that follows the labels, and what serves
    held-out labels best is kept. ``teacher_error`` is the root mean squared error that the answers
    are known to have, in their own units, as those of a network: a formula within it is good
    enough, and the shortest such one is chosen; with ``"auto"`` the knee of the front tells it.
    Answers that are rounded have the error of their grid. ``loss`` says what an error costs:
    ``mse`` its square, ``mae`` its size, ``huber`` its square where it is small; with these two
    a few large errors, as of a network near a pole, do not choose the law. Raises
    :class:`InputError` for unusable input.
    """
    from .forms.formula.table import TableTask

    if groups is not None:
        table = replace(table, groups=grouped(groups, len(table.y), "rows"))
    task = TableTask(
        identifier(name),
        table,
        backend,
        operators,
        budget,
        oracle,
        regimes,
        teacher,
        strict,
        None if isinstance(teacher_error, str) and teacher_error == "auto" else teacher_error,
        loss,
        weights,
    )
    return carry_out(task, Run(seed, progress, n_jobs, time_limit, no_data=no_data))


def carry_out(task: Any, run: Run) -> Result:
    """All stages, one after another, for whatever was handed over.

    Raises :class:`CutOff` where the search is cut off before anything was found.
    """
    with run.at("train"):
        try:
            if isinstance(task, PairProblem):
                from .contest import compete

                task, trained = compete(task, run)
            else:
                form, given = form_of_task(task), task
                task, trained = form.widened(*learned(form, given, run))
                from .instead import program_instead

                task, trained = program_instead(given, trained, run) or (task, trained)
        except CutOff as reason:
            raise CutOff(f"nothing was found before {reason} ended the search") from None
    return written(task, trained, run)


def written(task: Any, trained: Trained, run: Run) -> Result:
    """All that comes after training: lifted, shortened, rendered and judged."""
    form = form_of_task(task)
    why, result = "", None
    for lift in form.lifts(trained, task):
        try:
            result = _certified(form, task, trained, lift, why, run)
        except NotLifted as reason:
            why = str(reason)
            continue
        if result.certificate.ok:
            break
        why = ""
    assert result is not None, "a form has one way to lift a network that always does"
    return result


def _certified(
    form: Form,
    task: Any,
    trained: Trained,
    lift: Callable[[str], Lifted],
    why: str,
    run: Run,
) -> Result:
    """The result of one way to lift a network: lifted, shortened, written and judged."""
    from .ir.spec import check
    from .target.source import Provenance
    from .verify.proof.claims import with_proofs
    from .verify.solver import load_solver

    with run.at("lift"):
        lifted = lift(why)
        check(lifted.program, form.stage)
    if lifted.network is not None:
        trained = replace(trained, network=lifted.network)
    network = trained.network
    hopeless = bool(run.cut_off) and not trained.exact  # it fails, and the time is over
    if not hopeless:
        with run.at("shorten"):
            lifted = form.shorten(lifted)
            check(lifted.program, "shortened" if form.stage == "lifted" else form.stage)
    with run.at("render"):
        provenance = Provenance(
            form.learned_from(task, trained, run.seed),
            training_shape=form.training_shape(task, run.seed),
        )
        draft = form.render(lifted, provenance, network)
        solve = load_solver(draft.encode(), task.name)
        recorded = () if run.no_data else form.record(task, network, lifted, solve, run.seed)
    with run.at("verify"):
        certificate = form.judge(task, trained, lifted, solve, run.seed)
        evidence = certificate.correct.evidence
        if certificate.correct.ok and evidence is not None and evidence.noise is not None:
            coded = form.in_codes(solve, network)
            recorded = tuple(pair for pair in recorded if coded(*pair[0]) == pair[1])
        sampled = any(claim.status == "sampled" for claim in certificate.claims.values())
    with run.at("prove"):
        if not hopeless and (form.proves_exhausted or sampled):
            certificate = with_proofs(certificate, form.prove(task, network, lifted.program))
    if trained.rivals is not None and certificate.ok:
        from .question import with_doubt

        certificate = with_doubt(certificate, trained, run.seed, not run.no_data)
    grows = form.growth(lifted.program)
    certificate = replace(certificate, cut_off=run.cut_off, growth=grows)
    if run.no_data:
        certificate = certificate.without_examples()
        trained = replace(trained, network=form.without_examples(network))
        network = trained.network
    with run.at("render"):  # once more, now that it is known what was checked
        checked = tuple(certificate.sentences())
        provenance = replace(provenance, checked=checked, examples=recorded)
        code = form.render(lifted, provenance, network)
        test_code = form.render_test(lifted, provenance, network)
    sealed = certificate.sealed(
        {
            "solver.py": code.encode(),
            "test_solver.py": test_code.encode(),
            **certified_network(task, network, certificate),
        }
    )
    return Result(
        task,
        trained,
        lifted.program,
        code,
        test_code,
        sealed,
        dict(run.seconds),
        run.cut_off,
        run.seed,
        written,
    )
