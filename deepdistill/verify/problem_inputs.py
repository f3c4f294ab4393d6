"""What the input spaces of arrays share: a problem, its network, its examples, its program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import log2
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.copies import copies_described
from ..data.problem import Examples, IntArray, Problem
from ..ir.alphabet import written
from ..ir.program import Program
from ..ir.types import Port
from .arrays import Case, Shape
from .certificate import Claim
from .contract import Contract, array_contract
from .equivalence import (
    NO_ANSWER,
    Difference,
    Inputs,
    Run,
    Solve,
    Wrong,
    answer,
    difference,
    of_oracle,
    of_program,
    of_solver,
)
from .evidence import CHANCE, FEW
from .inputs import (
    Against,
    InputSpace,
    Known,
    Missed,
    Reference,
)
from .looks import answer_looks, looks
from .noise import Compared, Context, Disagreement
from .support import OpenLimit, ProgramTrial, ScarceComparison, decided, gaps


class ProblemInputs(InputSpace):
    """What the input spaces of arrays share: a problem, its network and, if known, its program.

    A subclass has the rounds and the steps of reduction.
    """

    def __init__(
        self,
        problem: Problem,
        network: Any,
        program: Program | None = None,
        seed: int = 0,
        examples: int = 100,
        large_examples: int = 10,
    ) -> None:
        self.problem, self.network, self.program = problem, network, program
        self.ports: tuple[Port, ...] = problem.inputs
        self.name, self.seed = problem.name, seed
        self.examples, self.large_examples = examples, large_examples
        self.trained = problem.training_shapes
        self.checks = problem.check_shapes or self.trained

    # ---- what is compared

    def references(self) -> Mapping[str, Reference]:
        result = {"network": self.network_reference()}
        if self.program is not None:
            result["program"] = self.program_reference(self.program)
        if self.problem.oracle is not None:
            allowed = None if self.problem.promise is None else self.promised
            result["oracle"] = Reference(of_oracle(self.problem.oracle, self.ports), None, allowed)
        return result

    def network_reference(self) -> Reference:
        return Reference(lambda case: np.asarray(self.network.run(case)))

    def program_reference(self, program: Program) -> Reference:
        return Reference(of_program(program))

    def program_bits(self) -> float:
        """Its bits, and which of the forms that competed it is of."""
        return super().program_bits() + log2(self.problem.among)

    def promised(self, case: Inputs) -> bool:
        """Whether the problem promises an answer for this input."""
        promise = self.problem.promise
        return promise is None or bool(promise(*(case[port.name] for port in self.ports)))

    def subject(self, solve: Solve) -> Run:
        return of_solver(solve, self.ports)

    def at_trained_size(self) -> Against:
        return {"network": "faithful", "program": "faithful", "oracle": "correct"}

    def at_other_sizes(self) -> Against:
        return {"network": "scalable", "program": "faithful", "oracle": "correct"}

    def difference(self, reference: str, case: Inputs, expected: Any, got: Any) -> Wrong | None:
        return difference(case, expected, got)

    def size(self, case: Inputs) -> Shape | None:
        return next(iter(case.values())).shape

    def search_seed(self) -> int:
        return Random(self.seed).getrandbits(64)

    def draws(self, shape: Shape, count: int, stream: int) -> Iterator[Case]:
        """Inputs of one size, as the problem draws them."""
        rng = np.random.default_rng([self.seed, stream, *shape])
        names = [port.name for port in self.ports]
        for _ in range(count):
            yield dict(zip(names, self.problem.draw(rng, shape), strict=True))

    def contract(self) -> Contract | None:
        return array_contract(self.ports, self.trained[0])

    # ---- answers that are known

    def quality(self, solve: Solve) -> Claim | None:
        problem = self.problem
        known = problem.oracle is not None or problem.families or problem.given
        return None if known else Claim("no oracle")

    def constructed(self) -> Problem | None:
        return self.problem if self.problem.families else None

    def evidence(self) -> tuple[Sequence[Known], Sequence[Known]]:
        learned = self.problem.given or self.problem.examples(self.seed)[0]
        return self.known(learned), self.known(sum(self.problem.reserved, ()))

    def missed(self, known: Sequence[Known], run: Run) -> Missed:
        count = wrong = 0
        first: Difference | None = None
        groups: set[int] = set()
        missed: set[int] = set()
        for one in known:
            groups |= set() if one.group is None else {one.group}
            got = answer(run, one.case)
            mismatch = difference(one.case, one.answer, got)
            places = self.places(one.answer)
            count += places
            if mismatch is not None:
                missed |= set() if one.group is None else {one.group}
                wrong += self.differing(one.answer, got)
                if first is None or mismatch.cells < first.cells:
                    first = mismatch
        alone = len(groups) if groups else count
        return Missed(count, wrong, first, alone, len(missed) if groups else wrong)

    def compared(
        self, learned: Sequence[Known], untouched: Sequence[Known], run: Run
    ) -> Compared | None:
        """All labels beside the answers; None where one is no array of the label's shape."""
        known = [*learned, *untouched]
        answers = [answer(run, one.case) for one in known]
        for one, got in zip(known, answers, strict=True):
            if isinstance(one.answer, str) or isinstance(got, str):
                return None
            if got.shape != one.answer.shape:
                return None
        disagreements = [
            Disagreement(one.number, place, self.named(one.answer[place]), self.named(got[place]))
            for one, got in zip(known, answers, strict=True)
            for place in map(tuple, np.argwhere(one.answer != got).tolist())
        ]
        if not disagreements:
            return None
        late = np.repeat([False, True], [len(learned), len(untouched)])
        contexts = list(self.contexts(known))
        if self.unit == "sample" and self.problem.output.axes:
            sizes = [one.answer.size for one in known]
            for words, values in answer_looks(self.problem.output, [a.ravel() for a in answers]):
                contexts.append((words, np.repeat(values, sizes)))
        return Compared(
            np.concatenate([one.answer.ravel() for one in known]),
            np.concatenate([got.ravel() for got in answers]),
            np.repeat(late, [one.answer.size for one in known]),
            tuple(disagreements),
            contexts,
        )

    def named(self, value: Any) -> int | str:
        """An answer as it was handed over."""
        named: int | str = written(self.problem.output, int(value))
        return named

    def contexts(self, known: Sequence[Known]) -> Iterator[Context]:
        """What can be read around each label: by default, what the whole input is like."""
        sizes = [one.answer.size for one in known]
        for port in self.ports:
            arrays = [one.case[port.name] for one in known]
            for words, values in looks(port, [array.ravel() for array in arrays]):
                yield words, np.repeat(values, sizes)

    def differing(self, label: Any, got: Any) -> int:
        """In how many units of evidence an answer differs from the right one."""
        if isinstance(label, str) or isinstance(got, str) or got.shape != label.shape:
            return 0 if isinstance(label, str) and label == got else self.places(np.asarray(label))
        return self.places(label, label != got)

    def places(self, label: IntArray, chosen: NDArray[np.bool_] | None = None) -> int:
        """Into how many units of evidence an answer falls; of chosen elements, those with any."""
        if self.unit == "sample":
            return int(chosen is None or bool(chosen.any()))
        if chosen is None:
            return len(label) if self.unit == "step" else label.size
        return int(chosen.reshape(self.places(label), -1).any(axis=1).sum())

    def support(self) -> tuple[Mapping[str, Any], Sequence[str]]:
        counts, sentences = dict(self.coverage()), [*self.unknown(), *self._copied()]
        gaps = self.gaps
        if gaps:
            limits = [{"limit": gap.limit, "from": gap.low, "to": gap.high} for gap in gaps]
            counts["limits"] = limits
        idle = [one for one in self.decided if not one.examples]
        sentences += [gap.sentence for gap in gaps]
        sentences += [f"no example shows what {one.text} decides" for one in idle]
        return counts, sentences

    def too_thin(self) -> Iterator[str]:
        for one in self.decided:
            if one.examples:
                few = "one example" if one.examples == 1 else f"{one.examples} examples"
                yield f"{one.text} rests on {few}: show more of that kind"

    @cached_property
    def trial(self) -> ProgramTrial | None:
        """The program and the examples on which its parts are tried; None where they are not."""
        learned, untouched = self.evidence()
        known = self.tried([*learned, *untouched])
        if self.program is None or known is None:
            return None
        run = self.program_reference(self.program).run
        return ProgramTrial(
            self.program,
            [one.case for one in known],
            [answer(run, one.case) for one in known],
            lambda program: self.program_reference(program).run,
            self.differing,
        )

    @cached_property
    def decided(self) -> list[ScarceComparison]:
        """The comparisons of the program that hardly any example decides."""
        return [] if self.trial is None else decided(self.trial, FEW)

    @cached_property
    def gaps(self) -> list[OpenLimit]:
        """The limits in the program that the examples leave open."""
        return [] if self.trial is None else gaps(self.trial)

    def tried(self, known: Sequence[Known]) -> Sequence[Known] | None:
        """Examples that stand for all where parts of a program are tried; None: too many."""
        return known

    def _copied(self) -> tuple[str, ...]:
        """That most held-out inputs repeat others, unless no other one of their size exists."""
        if self.unit != "sample":
            return ()
        learned, untouched = (
            [repr([array.tolist() for array in one.case.values()]) for one in part]
            for part in self.evidence()
        )
        kinds = [log2(max(2, len(port.domain))) for port in self.ports]
        bits = [
            sum(one * array[0].size for one, array in zip(kinds, group.inputs, strict=True))
            for group in self.problem.all_given
        ]
        whole = log2(max(1, len({*learned, *untouched}))) >= min(bits, default=0.0) - 1e-9
        return () if whole else copies_described(untouched, learned, "input")

    def coverage(self) -> Iterator[tuple[str, Any]]:
        """How much of what could occur was shown, by what it is."""
        return iter(())

    def unknown(self) -> Iterator[str]:
        """What the examples cannot tell, in words."""
        return iter(())

    def numbers_left_out(self) -> Iterator[str]:
        """Numbers that the solver takes, and that hardly an example shows, in words."""
        groups = self.problem.all_given
        for k, port in enumerate(self.ports if groups else ()):
            values, counts = np.unique(
                np.concatenate([group.inputs[k].ravel() for group in groups]), return_counts=True
            )
            low, high = int(values[0]), int(values[-1])
            alike = np.isin(values, self._answered_alike(k))
            often = values[(counts > FEW) & ~alike]
            if port.domain.low < min(0, low) and port.domain.high > max(1, high):
                yield (
                    f"numbers from {low:,} to {high:,} were shown; others are taken, as order and "
                    "equality alone decide: that one of them has a meaning of its own is not known"
                )
            elif len(often) < len(port.domain):
                never = len(values) < len(port.domain)
                known = values if never else often
                edges = np.array([port.domain.low - 1, *known, port.domain.high + 1])
                missing = int(edges[np.flatnonzero(np.diff(edges) > 1)[0]]) + 1
                count = len(port.domain) - len(often)
                how = ["never"] * never + ["at most twice"] * bool((counts <= FEW).any())
                how += ["with one answer alone"] * bool(alike[counts > FEW].any())
                yield (
                    f"{count:,} of the {len(port.domain):,} numbers from {port.domain.low:,} to "
                    f"{port.domain.high:,} {'was' if count == 1 else 'were'} shown "
                    f"{' or '.join(how)}, {missing:,} for one: that one of them has a meaning of "
                    "its own is not known"
                )

    def _answered_alike(self, place: int) -> list[int]:
        """Numbers of an input whose samples have one answer, as so many may have by chance."""
        groups = () if self.problem.output.axes else self.problem.all_given
        samples = [
            (set(group.inputs[place][k].ravel().tolist()), int(group.output[k]))
            for group in groups
            for k in range(len(group))
            if group.answered is None or group.answered[k]
        ]
        answers = Counter(one for _, one in samples)
        of_each: dict[int, Counter[int]] = {}
        for numbers, given_answer in samples:
            for number in numbers:
                of_each.setdefault(number, Counter())[given_answer] += 1
        return [
            number
            for number, given in of_each.items()
            for only, count in given.items()
            if len(given) == 1 < len(answers) and (answers[only] / len(samples)) ** count > CHANCE
        ]

    def labels(self, known: Known) -> Iterator[Any]:
        return iter(known.answer.ravel().tolist())

    def known(self, groups: Sequence[Examples]) -> list[Known]:
        """The examples one by one."""
        names = [port.name for port in self.ports]
        result = []
        for group in groups:
            for k in range(len(group)):
                columns = [column[k] for column in group.inputs]
                some = group.answered is None or group.answered[k]
                label = np.asarray(group.output[k]) if some else NO_ANSWER
                together = None if group.group is None else int(group.group[k])
                case = dict(zip(names, columns, strict=True))
                number = None if group.number is None else int(group.number[k])
                result.append(Known(case, label, together, number))
        return result
