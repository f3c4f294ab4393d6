"""Search for the simplest recurrent network that is exact, from no state to hidden registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...data.problem import Examples, InputError, Problem
from ...data.running import Attempt, Run
from ...ir.types import Axis, Integers, Port
from ...units.gates import AffineUnit
from .network import PrefixNetwork, RecurrentNetwork
from .noise import TIERS, Otherwise, noisy_search
from .search.attempt import Candidate, Question, mostly, output, window, wrong_steps
from .search.prefix import fit_prefixes, wrong_prefixes
from .search.stages import stages, with_names
from .search.update import History, IntArray, Update, Variable, network_of, only

_SHORTEST = 3
# Stages that are tried although an exact network was found, if its measure is beyond this.
_SHORTER = {
    "previous output": 5.0,
    "hidden register": 6.0,
    "finite state": 16.0,
    "hidden registers": 16.0,
}


@dataclass(frozen=True, slots=True, eq=False)
class SequencesFitted:
    """The network found, whether it is exact at every step, and what was tried.

    ``stages`` says for each channel of the output what found it.
    """

    network: RecurrentNetwork | PrefixNetwork
    exact: bool
    wrong: int
    rows: int
    attempts: tuple[Attempt, ...]
    stages: tuple[str, ...]
    excepted: int = 0


def fit_sequences(problem: Problem, run: Run | None = None) -> SequencesFitted:
    """Find the simplest network that is exact on training and held-out sequences.

    The search looks at the training sequences only; a network counts as exact where it is right
    at every step of all sequences, or at all but few whose labels are taken for wrong ones. Where
    none is found, and further sequences are set aside for the judge, it looks at all of these, too.
    The best one comes back with ``exact=False`` where nothing is exact.
    """
    run = run or Run()
    training, held_out = problem.examples(run.seed)
    histories, kept = list(map(_history, training)), list(map(_history, held_out))

    def exact(channel: Problem, known: list[History]) -> RecurrentNetwork | None:
        fit = fit_histories(known, [], channel.inputs, channel.output, run)
        network = fit.network
        return network if fit.exact and isinstance(network, RecurrentNetwork) else None

    otherwise = noisy_search(problem, [*histories, *kept], run, exact)
    fitted = fit_histories(histories, kept, problem.inputs, problem.output, run, otherwise)
    if fitted.exact or not kept or not any(problem.reserved) or run.cut_off or _same(histories):
        return fitted
    # what refuted the rules may be what they lack, and others are left to judge the next ones
    run.say("learning from the sequences that refuted these rules, too")
    everything = list(map(_history, problem.given))
    again = fit_histories(everything, [], problem.inputs, problem.output, run)
    return replace(again, attempts=(*fitted.attempts, *again.attempts))


def fit_arrays(
    x: IntArray, y: IntArray, x_held: IntArray, y_held: IntArray, run: Run | None = None
) -> SequencesFitted:
    """The same for arrays shaped (samples, length) or (samples, length, channels)."""
    return fit_histories(
        [History(_channels(x), _channels(y))],
        [History(_channels(x_held), _channels(y_held))],
        (_port("x", x),),
        _port("y", y),
        run,
    )


def fit_histories(
    training: Sequence[History],
    held_out: Sequence[History],
    inputs: tuple[Port, ...],
    output_port: Port,
    run: Run | None = None,
    otherwise: Otherwise | None = None,
) -> SequencesFitted:
    """The search itself: each output channel by itself, all of them in one network.

    Where nothing is exact up to a stage, ``otherwise`` may know a network of the channel that is
    right but for wrong labels, and the sequences to learn from. Raises :class:`InputError` where
    all training sequences have fewer than three elements.
    """
    run = run or Run()
    history = max(training, key=lambda h: (h.length, len(h.x)))
    if history.length < _SHORTEST:
        raise InputError(
            f"sequences of {history.length} show no rule that goes on: give some of at least "
            f"{_SHORTEST} elements"
        )
    checks, ports = [*training, *held_out], (inputs, output_port)
    attempts: list[Attempt] = []
    parts: list[Candidate] = []
    for channel in range(history.y.shape[2]):
        best: tuple[int, Candidate] | None = None
        run.keep(*_so_far(parts, best, history, checks, ports, attempts))
        for stage, finds in stages(history, channel, run.check):
            if best is not None and best[0] == 0 and not _worth(stage, best[1]):
                continue
            tried, hit = 0, None
            for candidate in finds:
                run.check()
                tried += 1
                wrong = sum(wrong_steps(candidate, check) for check in checks)
                if wrong == 0:
                    hit = candidate
                if best is None or (wrong, candidate.measure) < (best[0], best[1].measure):
                    best = (wrong, candidate)
                    run.keep(*_so_far(parts, best, history, checks, ports, attempts))
                if hit is not None:
                    break
            failed = f"{tried} candidates fail" if tried else "no exact cell"
            outcome = failed if hit is None else f"exact, {hit.stage} (length {hit.measure:.1f})"
            name = stage if history.y.shape[2] == 1 else f"output {channel}: {stage}"
            attempts.append(Attempt(name, None, outcome))
            run.say(str(attempts[-1]))
            if otherwise is not None and stage in TIERS and (best is None or best[0]):
                known = otherwise(channel, stage, None if best is None else best[1])
                if known is not None and history.y.shape[2] > 1:
                    split = (known[1][: len(training)], known[1][len(training) :])
                    again = fit_histories(*split, *ports, run, otherwise)
                    return _with_wrong(again, checks, attempts)
                if known is not None:
                    return _through_noise(*known, checks, ports, attempts, run)
        if best is None or best[0]:
            best = _least_wrong(history, channel, checks, best)
        parts.append(best[1])
    network = network_of(inputs, output_port, *_joined(parts))
    wrong = sum(_wrong(network, check) for check in checks)
    if wrong:
        prefixes = fit_prefixes(history, inputs, output_port)
        missed = 1 if prefixes is None else sum(wrong_prefixes(prefixes, c) for c in checks)
        outcome = "no exact network" if missed else "exact"
        attempts.append(Attempt("whole prefix", None, outcome))
        run.say(str(attempts[-1]))
        if prefixes is not None and not missed:
            return SequencesFitted(
                prefixes, True, 0, _steps(checks), tuple(attempts), ("whole prefix",)
            )
    same = _same(checks)
    if same and not wrong:
        attempts.append(Attempt("any rule", None, "the output never changes and shows none"))
    rows = _steps(checks)
    return SequencesFitted(
        network,
        wrong == 0 and not same,
        wrong,
        rows,
        tuple(attempts),
        tuple(part.stage for part in parts),
    )


def _through_noise(
    network: RecurrentNetwork,
    kept: Sequence[History],
    checks: Sequence[History],
    ports: tuple[tuple[Port, ...], Port],
    attempts: Sequence[Attempt],
    run: Run,
) -> SequencesFitted:
    """The simplest network that is exact on the sequences without wrong labels, else the given."""
    wrong = sum(_wrong(network, check) for check in checks)
    stages: tuple[str, ...] = ("right but for wrong labels",)
    behind = SequencesFitted(network, True, wrong, _steps(checks), tuple(attempts), stages, wrong)
    run.keep(lambda: behind, stages[0])
    own = run.part(run.share)
    again = own.or_best(lambda: fit_histories(kept, [], *ports, own))
    run.cut_off = run.cut_off or own.cut_off
    if again.exact and isinstance(again.network, RecurrentNetwork):
        missed = sum(_wrong(again.network, check) for check in checks)
        if missed <= wrong:
            network, wrong, stages = again.network, missed, again.stages
    rows = _steps(checks)
    last = Attempt(stages[0], None, f"{wrong:,} of {rows:,} labels are taken for wrong ones")
    run.say(str(last))
    return SequencesFitted(network, True, wrong, rows, (*attempts, last), stages, wrong)


def _with_wrong(
    again: SequencesFitted, checks: Sequence[History], attempts: Sequence[Attempt]
) -> SequencesFitted:
    """What was learned from other labels in place of wrong ones, counted against all as given."""
    network, attempts = again.network, (*attempts, *again.attempts)
    if not again.exact or not isinstance(network, RecurrentNetwork):
        return replace(again, exact=False, attempts=attempts)
    labels = sum(int((network.run_together(check.x) != check.y).sum()) for check in checks)
    wrong = sum(_wrong(network, check) for check in checks)
    return replace(again, wrong=wrong, attempts=attempts, excepted=labels)


def _so_far(
    parts: Sequence[Candidate],
    best: tuple[int, Candidate] | None,
    history: History,
    checks: Sequence[History],
    ports: tuple[tuple[Port, ...], Port],
    attempts: Sequence[Attempt],
) -> tuple[Callable[[], SequencesFitted], str]:
    """The network of the best updates so far, and what it is in words."""
    known = [*parts, *([] if best is None else [best[1]])]
    tried = tuple(attempts)

    def made() -> SequencesFitted:
        rest = range(len(known), history.y.shape[2])
        chosen = [*known, *(_most_common(history, channel) for channel in rest)]
        network = network_of(ports[0], ports[1], *_joined(chosen))
        wrong = sum(_wrong(network, check) for check in checks)
        stages = tuple(part.stage for part in chosen)
        exact = not wrong and not _same(checks)
        return SequencesFitted(network, exact, wrong, _steps(checks), tried, stages)

    if best is None:
        return made, "the most common value"
    return made, f"{best[0]} of {_steps(checks)} steps wrong, length {best[1].measure:.1f}"


def _worth(stage: str, candidate: Candidate) -> bool:
    """Whether a later stage may have a shorter network than the exact one that was found."""
    return candidate.recurrent and candidate.measure > _SHORTER.get(stage, np.inf)


def _same(checks: Sequence[History]) -> bool:
    """Whether the output never changes, and so shows no rule."""
    return all(bool((check.y == check.y[:1, :1]).all()) for check in checks)


def _steps(checks: Sequence[History]) -> int:
    return sum(check.y.shape[0] * check.y.shape[1] for check in checks)


def _wrong(network: RecurrentNetwork, history: History) -> int:
    """At how many steps the network, run by itself, is wrong in some channel."""
    return int((network.run_together(history.x) != history.y).any(axis=2).sum())


def _least_wrong(
    history: History,
    channel: int,
    checks: Sequence[History],
    best: tuple[int, Candidate] | None,
) -> tuple[int, Candidate]:
    """The best network where none is exact: one that holds for most steps, or a constant."""
    inputs, own = history.x.shape[2], Variable(output(channel))
    tried = [_most_common(history, channel)] + ([best[1]] if best is not None else [])
    for readings in (*(window(inputs, k) for k in range(4)), (*window(inputs, 0), own)):
        question = Question(channel, readings, "right at most steps")
        rule = mostly(question, history)
        tried += [rule] if rule is not None else []
    counted = [(sum(wrong_steps(rule, check) for check in checks), rule) for rule in tried]
    return min(counted, key=lambda pair: (pair[0], pair[1].measure))


def _history(examples: Examples) -> History:
    return History(_channels(examples.inputs[0]), _channels(examples.output))


def _channels(array: IntArray) -> IntArray:
    array = np.asarray(array, dtype=np.int64)
    return array[:, :, None] if array.ndim == 2 else array


def _port(name: str, array: IntArray) -> Port:
    axes: tuple[Axis, ...] = (Axis("sequence"),)
    if array.ndim == 3:
        axes = (*axes, Axis("fixed", size=array.shape[2]))
    return Port(name, axes, Integers(int(array.min()), int(array.max())))


def _most_common(history: History, channel: int) -> Candidate:
    levels, counts = np.unique(history.y[:, :, channel], return_counts=True)
    constant = only(AffineUnit((), int(levels[counts.argmax()])))
    name = output(channel)
    return Candidate(channel, {name: Update(name, (), constant)}, 0, "most common value")


def _joined(parts: Sequence[Candidate]) -> tuple[Mapping[str, Update], list[str], str]:
    """The updates of all channels under names of their own."""
    updates: dict[str, Update] = {}
    for part in parts:
        own = {output(part.channel), f"change{part.channel}"}
        names = {
            name: f"{name} of {part.channel}"
            for name, update in part.updates.items()
            if name not in own and updates.get(name, update) != update
            if not name.startswith("change")
        }
        for name, update in part.updates.items():
            if name in own or names.get(name, name) not in updates:
                updates[names.get(name, name)] = with_names(update, names)
    closed = sorted({part.stage for part in parts if part.closed})
    return updates, [output(c) for c in range(len(parts))], "; ".join(closed)


__all__ = ["SequencesFitted", "fit_arrays", "fit_histories", "fit_sequences"]
