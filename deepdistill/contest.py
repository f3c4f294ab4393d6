"""Pairs of any lengths → the form that tells them in the fewest bits, among all that may.

Each form is tried with its counted share of the work. What a program costs is its bits and those
of the pairs that it misses, the same for all forms; one that misses more pairs than may have wrong
labels loses to any that misses none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .data.looks import AxesGuess, guessed_axes
from .data.pair_groups import by_sizes, size_of
from .data.pairs import PairProblem
from .data.problem import InputError, Problem
from .data.running import INTERRUPT, SHARE, Attempt, CutOff, Run
from .forms import form_of_task
from .forms.protocol import Form, NotLifted, Trained
from .forms.rounds import learned
from .ir.alphabet import coded, written
from .ir.evaluate import evaluate
from .ir.program import Program
from .ir.program_length import program_bits
from .ir.types import AxisKind
from .learn.programs.proposal import RAISES

SHARES = {"set": 6000, "sequence": 400, "grid": 6000}
"""How often a search of a form may ask to go on; a quarter of it after a program was found.

Of pictures with one answer the slow searches come last, and not at all where one was found."""


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """A program that was found, what it takes its inputs for, and the pairs that it misses.

    ``bits`` are those of the program and of the pairs missed, which are told one by one.
    """

    program: Program
    axes: str
    bits: float
    missed: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """All programs that were found for pairs of any lengths, the one that was taken first."""

    problem: PairProblem
    programs: tuple[Rival, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """What one form found, and the task that it found it for."""

    task: Any
    trained: Trained
    rivals: tuple[Rival, ...]

    @property
    def best(self) -> Rival:
        return self.rivals[0]


def compete(problem: PairProblem, run: Run) -> tuple[Any, Trained]:
    """The task of the form that won, as it was learned, and what it found.

    Raises :class:`InputError` where no form takes the pairs, :class:`CutOff` where nothing was
    found in time.
    """
    from .forms.composed.train import first_believed

    problem = problem.set_aside(run.seed)
    entries: list[_Entry] = []
    attempts: list[Attempt] = []
    ended: Exception | None = None
    for task, guess in _contenders(problem):
        try:
            run.say(f"as {guess.in_words}: {guess.why}")
            form = form_of_task(task)
            own = _run_of(form, run, task, any(not entry.best.missed for entry in entries))
            entry = _entered(form, task, guess, problem, own)
        except (InputError, NotLifted) as reason:
            attempts.append(Attempt(f"as {guess.in_words}", None, str(reason)))
            ended = ended or (reason if isinstance(reason, InputError) else None)
            continue
        except CutOff as reason:
            attempts.append(Attempt(f"as {guess.in_words}", None, f"nothing before {reason}"))
            if str(reason) == SHARE:
                continue
            ended = reason
            break
        except KeyboardInterrupt:
            if not entries:
                raise
            run.cut_off = INTERRUPT
            break
        attempts.append(Attempt(f"as {guess.in_words}", None, _account(entry.best, problem)))
        entries.append(entry)
        if own.cut_off and own.cut_off != SHARE:
            run.cut_off = own.cut_off
            break
    if isinstance(ended, CutOff) and entries:
        run.cut_off = str(ended)
    if not entries:
        raise ended or CutOff(SHARE)
    entries.sort(key=lambda entry: (entry.best.bits, isinstance(entry.task, Problem)))
    accounts = [(entry.best.bits, len(entry.best.missed)) for entry in entries]
    won = entries[first_believed(accounts, problem, entries[0].trained.exact)]
    rivals = sorted((r for entry in entries for r in entry.rivals), key=lambda one: one.bits)
    notes = (*won.trained.notes, _reason(won, entries, problem))
    among = len(attempts)
    return replace(won.task, among=among), replace(
        won.trained,
        attempts=(*attempts, *won.trained.attempts),
        notes=notes,
        rivals=Rivals(problem, (won.best, *(one for one in rivals if one is not won.best))),
    )


def _contenders(problem: PairProblem) -> Iterator[tuple[Any, AxesGuess]]:
    """The tasks to try, likely ones or what somebody told, with what they take the inputs for."""
    own, given = problem.inputs[0].axes, problem.axes
    refused, fits = "", False
    composed = AxesGuess(own, "a program of any such inputs", True, composed=True)
    soon = given is None and _asks_of_picture(problem)  # what is quick goes first
    if soon:
        yield problem, composed
    for guess in guessed_axes(problem):
        if guess.likely if given is None else all(axes == guess.axes for axes in given):
            try:
                yield by_sizes(problem, guess.axes), guess
                fits = True
            except InputError as reason:
                refused = f": {reason}"
    if soon:
        return
    if given is None or all(a == p.axes for a, p in zip(given, problem.inputs, strict=True)):
        yield problem, composed
    elif not fits:
        words = AxesGuess(given[0], "", True).in_words
        raise InputError(
            f"the pairs are none of {words!r:.60}{refused}: leave out the axes, and those that fit "
            "are found"
        )


def _run_of(form: Form, run: Run, task: Any, solved: bool) -> Run:
    share = SHARES.get(form.name)
    if share is not None and solved:
        share = 0 if _asks_of_picture(task) else share // 4
    return run.part(share)


def _asks_of_picture(task: PairProblem | Problem) -> bool:
    """Whether pictures have one answer each."""
    return len(task.inputs[0].axes) == 2 and not task.output.axes


def _entered(form: Form, task: Any, guess: AxesGuess, problem: PairProblem, run: Run) -> _Entry:
    """What a form finds, with its price."""
    task, trained = form.widened(*learned(form, task, run))
    if isinstance(task, PairProblem):
        return _Entry(task, trained, _composed_rivals(task, trained, guess))
    lifted = form.shorten(form.lifts(trained, task)[0](""))
    program: Program = lifted.program
    exact = trained.exact and not trained.excepted and _all_in(task, problem)
    missed = () if exact else _missed(program, problem, task.inputs[0].axes[0].kind)
    rival = Rival(program, guess.in_words, _bits(program, missed, problem), missed)
    return _Entry(task, trained, (rival,))


def _all_in(task: Problem, problem: PairProblem) -> bool:
    """Whether the arrays hold every pair: then what is exact on them misses none."""
    return sum(map(len, task.given)) >= len(problem.given)


def _composed_rivals(task: PairProblem, trained: Trained, guess: AxesGuess) -> tuple[Rival, ...]:
    """What the search for programs kept, the chosen one first."""
    details = trained.details
    kept = [
        Rival(one.proposal.program, guess.in_words, one.cost, tuple(one.proposal.missed))
        for one in details.candidates
    ]
    chosen = kept[details.taken]
    return (chosen, *(one for one in kept if one is not chosen))


def _bits(program: Program, missed: Sequence[int], problem: PairProblem) -> float:
    from .forms.composed.train import missed_bits

    return program_bits(program) + missed_bits([problem.given[k] for k in missed], problem.given)


def _missed(program: Program, problem: PairProblem, kind: AxisKind) -> tuple[int, ...]:
    """The pairs whose answer a solver does not give; only those of sequences take empty lists."""
    return tuple(
        k
        for k, pair in enumerate(problem.given)
        if (kind != "sequence" and 0 in size_of(pair.inputs[0]))
        or answer_of(program, pair.inputs, problem) != pair.output
    )


def answer_of(program: Program, inputs: Sequence[Any], problem: PairProblem) -> Any:
    """The answer of a program in the numbers of the problem, which may have other symbols."""
    case = {
        mine.name: coded(mine, written(own, value))
        for mine, own, value in zip(program.inputs, problem.inputs, inputs, strict=True)
    }
    try:
        return coded(problem.output, written(program.output, _plain(evaluate(program, case))))
    except RAISES:
        return None


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _account(rival: Rival, problem: PairProblem) -> str:
    missed, count = len(rival.missed), len(problem.given)
    pairs = f"{missed} of {count} pairs missed" if missed else f"all {count} pairs"
    return f"{rival.bits:.0f} bits, {pairs}"


def _reason(won: _Entry, entries: Sequence[_Entry], problem: PairProblem) -> str:
    """Which axes were taken, and why."""
    others = ", ".join(
        f"{entry.best.bits:.0f} as {entry.best.axes}" for entry in entries if entry is not won
    )
    origin = "as was told" if problem.axes is not None else "found by trial"
    more = f"; it takes {others}" if others else ""
    return f"taken as {won.best.axes} ({origin}): {_account(won.best, problem)}{more}"
