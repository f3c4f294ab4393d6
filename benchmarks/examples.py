"""Programs from pairs of any lengths: which tasks come out exact, refused or wrong.

    python -m benchmarks.examples [--only TEXT ...] [--kind KIND ...] [--pairs N] [--wrong RATE]
        [--models]

Every task shows a few pairs (input, output). The solver is judged on fresh inputs of the sizes that
were shown and of ten times those (texts: 1,000 letters). A row says *exact* (no wrong answer), how
many are *wrong*, or that it was *refused*: nothing was found, the certificate says itself that a
claim failed, or the solver that it does not take some of the inputs. Beside it stand the seconds of
one processor until the answer, and the nodes of the solver's syntax tree against those of a
hand-written program. With --wrong so large a share of the answers shown is replaced by wrong ones;
the solver is judged as ever, and what the certificate tells of them stands behind. With --models a
tree, a forest, a GRU and a small transformer learn from the same pairs (``example_models``).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import deepdistill as dd
from benchmarks import (
    example_held_out,
    example_held_pictures,
    example_held_puzzles,
    example_held_second,
    example_held_texts,
    example_held_third,
    example_languages,
    example_lists,
    example_pictures,
    example_steps,
)
from benchmarks.example_questions import QUESTIONS
from benchmarks.example_tasks import ExampleTask, nodes

CRASH = "crashed"
WORDS = ("exact", "refused", "wrong", CRASH)
FRESH = 60
LARGE = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: a word, a reason, processor seconds, the size of the program found.

    ``right`` are the shares of right answers at the sizes shown and at ten times those.
    """

    task: ExampleTask
    word: str
    reason: str
    seconds: float
    nodes: int | None = None
    right: tuple[float, float] = (0.0, 0.0)

    @property
    def fine(self) -> bool:
        """Whether it is what is wanted: exact, or refused where no short program exists."""
        return self.word == ("refused" if self.task.fails else "exact")


def tasks() -> tuple[ExampleTask, ...]:
    """All tasks, kind by kind."""
    return (
        *example_lists.TASKS,
        *QUESTIONS,
        *example_held_out.HELD_OUT,
        *example_languages.TASKS,
        *example_pictures.TASKS,
        *example_steps.TASKS,
        *example_held_texts.TASKS,
        *example_held_pictures.TASKS,
        *example_held_second.TASKS,
        *example_held_puzzles.TASKS,
        *example_held_third.TASKS,
    )


def flat(answer: list[Any]) -> list[int]:
    """The numbers of a list or of the rows of a picture."""
    return [n for part in answer for n in (part if isinstance(part, list) else [part])]


def with_wrong(pairs: list[Any], share: float, seed: int) -> tuple[list[Any], int]:
    """Pairs of which about that share has another answer that occurs, and how many these are.

    Of a list or a picture one number is another one that occurs; where there are too few, the
    answer is that of another pair.
    """
    rng = np.random.default_rng([seed, 41])
    answers = [answer for _, answer in pairs]
    numbers = sorted({n for answer in answers if isinstance(answer, list) for n in flat(answer)})
    found, wrong = [], 0
    for given, answer in pairs:
        if rng.random() < share:
            other = answer
            if isinstance(answer, list) and flat(answer):
                other = deepcopy(answer)
                rows = [row for row in other if isinstance(row, list) and row] or [other]
                row = rows[int(rng.integers(len(rows)))]
                row[int(rng.integers(len(row)))] = numbers[int(rng.integers(len(numbers)))]
            kinds = [one for one in answers if one != answer]
            if other == answer and kinds:
                other = kinds[int(rng.integers(len(kinds)))]
            wrong += other != answer
            answer = other
        found.append((given, answer))
    return found, wrong


def outcome(
    task: ExampleTask, seed: int, seconds: float, crowded: float = 1.0, share: float = 0.0
) -> Outcome:
    """Distill a task and judge its solver on inputs that nothing has seen.

    The time limit is by the clock, which may be ``crowded``; what takes more than so many seconds
    of the processor is refused. A ``share`` of the answers shown is wrong.
    """
    pairs, flipped = with_wrong(task.pairs(seed), share, seed)
    start = time.process_time()
    try:
        problem = dd.Problem.from_examples(pairs, name=task.name)
        result = dd.distill(problem, seed=seed, time_limit=seconds * crowded)
    except (dd.InputError, dd.CutOff) as reason:
        return Outcome(task, "refused", str(reason), time.process_time() - start)
    except Exception as error:  # the others are to be told all the same
        told = f"{type(error).__name__}: {error}"
        return Outcome(task, CRASH, told, time.process_time() - start)
    spent = time.process_time() - start
    size = nodes(result.form.excerpt(result.program, result.code, result.name))
    if spent > seconds:
        return Outcome(task, "refused", f"after {spent:.0f} s", spent, size)
    evidence = result.certificate.correct.evidence
    noise = None if evidence is None else evidence.noise
    told = f", told {noise['wrong']} {noise['looks']}" if noise else ""
    labels = f"{flipped} wrong labels{told}" if share else ""
    if not result.certificate.ok:
        return Outcome(task, "refused", f"a claim failed; {labels}".rstrip("; "), spent, size)
    wrong, unanswered = [], []
    fresh = [*task.pairs(seed + 1000, FRESH), *task.pairs(seed + 2000, LARGE, task.larger)]
    right = np.zeros(len(fresh), dtype=bool)
    for k, (given, answer) in enumerate(fresh):
        told = f"{given!s:.60} -> "
        try:
            found = (
                result.solve(*given.values()) if isinstance(given, dict) else result.solve(given)
            )
        except ValueError as error:  # it says itself that it has no answer
            unanswered.append(f"{told}{error!s:.60}")
            continue
        except Exception as error:  # whatever else it raises is no answer
            found = f"{type(error).__name__}: {error}"
        right[k] = found == answer
        if not right[k]:
            wrong.append(f"{told}{found!s:.40}, not {answer!s:.40}")
    near, far = right[:FRESH], right[FRESH:]
    shares = float(near.mean()), float(far.mean()) if len(far) else 1.0  # a task of one size
    bound = "" if evidence is None else f" (told: at most {evidence.bound:.0%} wrong)"
    for word, missed in (("wrong", wrong), ("refused", unanswered)):
        if missed:
            told = f"{len(missed)} of {len(fresh)}{bound if missed is wrong else ''}: {missed[0]}"
            return Outcome(task, word, f"{told}; {labels}".rstrip("; "), spent, size, shares)
    return Outcome(task, "exact", labels, spent, size, shares)


def rows(
    chosen: tuple[ExampleTask, ...],
    seed: int,
    seconds: float,
    crowded: float,
    models: bool,
    share: float = 0.0,
) -> Iterator[Outcome]:
    """One outcome after another, each told as it is known; at the end how right all models were."""
    shares: dict[str, list[tuple[float, float]]] = {}
    for task in chosen:
        found = outcome(task, seed, seconds, crowded, share)
        size = "-" if found.nodes is None else str(found.nodes)
        print(
            f"{task.kind:10} {task.name:32} {task.count:4} {found.word:8} {found.seconds:6.1f} s "
            f"{size:>5} / {task.reference_nodes:<5} {found.reason}",
            flush=True,
        )
        yield found
        if models:
            from benchmarks.example_models import accuracies, is_for_models  # torch takes its time

            if not is_for_models(task):
                continue
            every = {"deepdistill": found.right, **accuracies(task, seed, FRESH, LARGE)}
            for name, (near, far) in every.items():
                shares.setdefault(name, []).append((near, far))
                told = f"{name}: {near:.0%} at the sizes shown, {far:.0%} at ten times"
                print(f"{'':43} {told}", flush=True)
    for name, known in shares.items():
        near, far = np.mean(known, axis=0)
        print(f"{name}: {near:.1%} at the sizes shown, {far:.1%} at ten times; {len(known)} tasks")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[], help="parts of names of tasks")
    parser.add_argument(
        "--kind", nargs="*", default=[], help="lists, languages, pictures, steps, held-out"
    )
    parser.add_argument("--pairs", type=int, help="so many are shown, whatever a task says")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit of a task")
    parser.add_argument("--wrong", type=float, default=0.0, help="share of wrong answers shown")
    parser.add_argument(
        "--crowded",
        type=float,
        default=1.0,
        help="how many times as long as the processor the clock runs",
    )
    parser.add_argument("--models", action="store_true", help="beside trees, a GRU, a transformer")
    options = parser.parse_args()
    chosen = tuple(
        replace(task, count=options.pairs or task.count)
        for task in tasks()
        if (not options.kind or task.kind in options.kind)
        and (not options.only or any(part in task.name for part in options.only))
    )
    if not chosen:
        sys.exit("no task has such a name")
    how = (options.seed, options.seconds, options.crowded, options.models, options.wrong)
    found = list(rows(chosen, *how))
    for kind in dict.fromkeys(task.kind for task in chosen):
        own = [one for one in found if one.task.kind == kind]
        words = Counter(one.word for one in own)
        told = ", ".join(f"{words[word]} {word}" for word in WORDS if words[word] or word != CRASH)
        print(f"{kind}: {len(own)} tasks, {told}; as wanted: {sum(one.fine for one in own)}")


if __name__ == "__main__":
    main()
