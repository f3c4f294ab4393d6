"""The inputs of a composed program: cases are the arguments as users write them, by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from math import log2
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...data.copies import copies_described
from ...data.pairs import ExamplePair, PairProblem
from ...ir.alphabet import coded, written
from ...ir.compiled import compiled
from ...ir.expr import NoAnswer
from ...ir.program import Program
from ...units.composed import ComposedNetwork, answered
from ...verify.certificate import Claim
from ...verify.contract import Contract
from ...verify.equivalence import Run, Solve, WrongAnswer, answer
from ...verify.evidence import FEW
from ...verify.inputs import Against, InputSpace, Known, Missed, Reference, Round, Verdict
from ...verify.noise import Compared
from ...verify.pair_contract import pair_contract
from ...verify.reduce import Candidates, Reduction, simpler_values
from ...verify.support import OpenLimit, ProgramTrial, ScarceComparison, decided, gaps
from .disagreeing import compared_answers
from .draws import changed, drawn, every_small, grown, small_values
from .unknown import unknown_of
from .values import (
    DESCRIBED,
    Case,
    PairDifference,
    case_codes,
    copied,
    differ,
    is_plain,
    numbers_in,
    plain_value,
    same_answers,
    size_of,
)
from .work import work_of

EXAMPLES = 200
_LONG = 6  # inputs at each larger size
_LONGEST = 1000
_OTHERS = "z9 Z_é"  # characters that were hardly shown
_WORK = 2_000_000  # steps of the evaluator in a round


class ComposedInputs(InputSpace):
    """Inputs of any lengths for a program that was found from some pairs."""

    one_size = "its inputs have one size"

    def __init__(
        self,
        task: PairProblem,
        network: ComposedNetwork,
        program: Program | None = None,
        seed: int = 0,
        examples: int = EXAMPLES,
    ) -> None:
        self.task, self.network, self.program = task, network, program
        self.name, self.seed, self.examples = task.name, seed, examples
        self.ports, self.output = network.inputs, network.output
        self.versions = {"composed": 1}
        self.always = {"faithful": f"the program was found by {network.found_by}"}
        self.longest = max([n for sizes in network.longest for n in sizes], default=0)

    # ---- what is compared

    def references(self) -> Mapping[str, Reference]:
        work = work_of(self.network.program)
        return {"network": Reference(self.run_of(self.network.run), None, None, work, _WORK)}

    def run_of(self, run: Run) -> Run:
        """What answers in the numbers of the program, as one that takes and gives symbols."""

        def answered(case: Case) -> Any:
            given = case_codes(self.ports, case, self.network.open)
            return given.written(self.output, run(given.codes))

        return answered

    def subject(self, solve: Solve) -> Run:
        def answered(case: Case) -> Any:
            given = [plain_value(case[port.name]) for port in self.ports]
            copies = [copied(value) for value in given]
            try:
                got = solve(*copies)
            except ValueError as error:
                raise NoAnswer(str(error)) from None
            if copies != given:
                raise WrongAnswer("the solver changed its input")
            if not is_plain(got):
                raise WrongAnswer(f"the answer holds {type(got).__name__} in place of plain values")
            return got

        return answered

    def difference(self, reference: str, case: Case, expected: Any, got: Any) -> Any:
        if same_answers(expected, got):
            return None
        return PairDifference(case, expected, got)

    def size(self, case: Case) -> tuple[int, ...] | None:
        sizes = [size_of(case[p.name], len(p.axes)) for p in self.ports if p.axes]
        return max(sizes) if sizes else None

    def search_seed(self) -> int:
        return Random(self.seed).getrandbits(64)

    # ---- the rounds

    def rounds(self) -> Iterator[Round]:
        small, length = every_small(self.ports)
        if small:
            yield from self._round(small)
            if length > 0:
                pictures = any(len(port.axes) > 1 for port in self.ports)
                what = "rows and columns" if pictures else "characters or numbers"
                note = f"among them every input of up to {length} {what}"
                yield Round(notes={"faithful": note})
        strategy = st.fixed_dictionaries({p.name: small_values(p) for p in self.ports})
        yield Round({"network": "faithful"}, strategy=strategy, examples=self.examples // 4)
        yield from self._round(self._like_examples())
        for length in self._lengths():
            yield from self._round(self._of_length(length), cut=True)

    def _round(self, cases: Sequence[Sequence[Any]], cut: bool = False) -> Iterator[Round]:
        """Cases as large as those that were shown, and larger ones."""
        all_cases = self._with_others([self.case(arguments) for arguments in cases])
        own = [case for case in all_cases if not self._is_larger(case)]
        other = [case for case in all_cases if self._is_larger(case)]
        against: Against = {"network": "faithful"}
        elsewhere: Against = {"network": "scalable"}
        if own:
            yield Round(against, own)
        if other:
            yield Round(elsewhere, other)

    def case(self, arguments: Sequence[Any]) -> Case:
        pairs = zip(self.ports, arguments, strict=True)
        return {port.name: written(port, value) for port, value in pairs}

    def _with_others(self, cases: Sequence[Case]) -> list[Case]:
        """The same, and of every fifth one with other characters where any are taken."""
        extended = [*cases]
        for k, case in enumerate(cases[::5] if self.network.open else ()):
            texts = "".join(case[name] for name in self.network.open)
            other = {
                ord(letter): _OTHERS[(k + n) % len(_OTHERS)]
                for n, letter in enumerate(sorted(set(texts)))
            }
            extended.append(
                {n: v.translate(other) if n in self.network.open else v for n, v in case.items()}
            )
        return extended

    def _is_larger(self, case: Case) -> bool:
        """Whether an input is longer than those that were shown, or shorter."""
        for port, low, high in zip(
            self.ports, self.network.shortest, self.network.longest, strict=True
        ):
            size = size_of(case[port.name], len(port.axes))
            if any(not a <= n <= b for a, n, b in zip(low, size, high, strict=True)):
                return True
        return False

    def _like_examples(self) -> list[list[Any]]:
        """Inputs of the sizes that were shown: drawn, and shown ones changed a little."""
        rng = np.random.default_rng([self.seed, 51])
        pairs = (*self.task.given, *self.task.reserved[0], *self.task.reserved[1])
        inputs: list[list[Any]] = [list(pair.inputs) for pair in pairs[: self.examples]]
        for k in range(self.examples):
            if pairs and k % 2:
                one, other = (pairs[int(n)] for n in rng.integers(0, len(pairs), size=2))
                paired = zip(self.ports, one.inputs, other.inputs, strict=True)
                inputs.append([changed(rng, port, a, b) for port, a, b in paired])
                continue
            sizes = zip(self.network.shortest, self.network.longest, strict=True)
            ends = [[(a, b) for a, b in zip(low, high, strict=True)] for low, high in sizes]
            size = [[int(rng.integers(a, b + 1)) for a, b in own] for own in ends]
            inputs.append([drawn(rng, p, n, k // 2) for p, n in zip(self.ports, size, strict=True)])
        return inputs

    def _lengths(self) -> list[int]:
        """Lengths, or sides of pictures, beyond those that were shown."""
        if not any(port.axes for port in self.ports):
            return []
        flat = max(len(port.axes) for port in self.ports) < 2
        own = [2 * self.longest, 10 * self.longest] if flat else [2 * self.longest]
        return sorted({max(1, n) for n in (*own, *((_LONGEST,) if flat else ()))})

    def _of_length(self, length: int) -> list[list[Any]]:
        rng = np.random.default_rng([self.seed, 52, length])
        inputs = []
        for k in range(2 * _LONG):
            arguments = []
            for place, port in enumerate(self.ports):
                values = [
                    p.inputs[place] for p in self.task.given if p.inputs[place] not in ([], 0)
                ]
                if k % 2 and values and len(port.axes) == 1:
                    arguments.append(grown(rng, port, values, length))
                else:
                    arguments.append(drawn(rng, port, (length,) * len(port.axes), k // 2))
            inputs.append(arguments)
        return inputs

    # ---- a difference made smaller

    def reduced(self) -> Sequence[Reduction]:
        return (Reduction(self._shorter, 600), Reduction(self._simpler, 600))

    def _shorter(self, wrong: PairDifference) -> Candidates:
        """Without a block of an input, large blocks first."""
        changed = True
        while changed:
            changed = False
            for port in self.ports:
                block = (len(wrong.inputs[port.name]) + 1) // 2 if port.axes else 0
                while block:
                    start = 0
                    while start < len(value := wrong.inputs[port.name]):
                        case = {**wrong.inputs, port.name: value[:start] + value[start + block :]}
                        smaller = yield case
                        if smaller is None:
                            start += block
                        else:
                            wrong, changed = smaller, True
                    block //= 2

    def _simpler(self, wrong: PairDifference) -> Candidates:
        """One value after another replaced by the simplest that serves."""
        if wrong.cells > DESCRIBED:
            return
        for port in self.ports:
            flat = len(port.axes) == 1
            places = range(len(wrong.inputs[port.name])) if flat else ()
            for place in places:
                codes = coded(port, wrong.inputs[port.name])
                for value in simpler_values(codes[place], port.domain):
                    other = [*codes[:place], value, *codes[place + 1 :]]
                    smaller = yield {**wrong.inputs, port.name: written(port, other)}
                    if smaller is not None:
                        wrong = smaller
                        break

    def contract(self) -> Contract:
        cases = [self.case(pair.inputs) for pair in self.task.given[:3]]
        return pair_contract(
            self.ports, [tuple(case.values()) for case in cases], self.network.open
        )

    # ---- what the examples bear

    def against(self, known: Sequence[Known], run: Run) -> Verdict:
        """A comparison with given answers; a program that misses some is no rule of all."""
        missed = self.missed(known, run)
        text = f"no program was found that gives all answers: {missed.wrong:,} of {len(known):,}"
        return Verdict(missed.first, len(known), f"{text} are missed by this one")

    def program_bits(self) -> float:
        return super().program_bits() + log2(self.task.among)

    def quality(self, solve: Solve) -> Claim | None:
        return None if self.task.given else Claim("no oracle")

    def evidence(self) -> tuple[list[Known], list[Known]]:
        first, second = self.task.reserved
        return self.known(self.task.given), self.known((*first, *second))

    def known(self, groups: Sequence[Any]) -> list[Known]:
        """The pairs one by one."""

        def known(pair: ExamplePair) -> Known:
            label = written(self.output, pair.output)
            return Known(self.case(pair.inputs), label, pair.group, pair.number)

        return list(map(known, groups))

    def missed(self, known: Sequence[Known], run: Run) -> Missed:
        wrong, first = 0, None
        groups: set[int] = set()
        missed: set[int] = set()
        for one in known:
            groups |= set() if one.group is None else {one.group}
            difference = self.difference("known", one.case, one.answer, answer(run, one.case))
            if difference is not None:
                wrong += 1
                missed |= set() if one.group is None else {one.group}
                first = difference if first is None or difference.cells < first.cells else first
        alone = len(groups) if groups else len(known)
        return Missed(len(known), wrong, first, alone, len(missed) if groups else wrong)

    def compared(
        self, learned: Sequence[Known], untouched: Sequence[Known], run: Run
    ) -> Compared | None:
        known = [*learned, *untouched]
        answers = [answer(run, one.case) for one in known]
        return compared_answers(self.ports, self.output, known, answers, len(learned))

    def labels(self, known: Known) -> Iterator[int]:
        """The numbers of an answer; one beyond them all says where a list or a row ends."""
        yield from numbers_in(coded(self.output, known.answer), self.output.domain.high + 1)

    def support(self) -> tuple[Mapping[str, Any], Sequence[str]]:
        counts: dict[str, Any] = dict(self._coverage())
        if self.gaps:
            limits = [{"limit": g.limit, "from": g.low, "to": g.high} for g in self.gaps]
            counts["limits"] = limits
        idle = [one for one in self.decided if not one.examples]
        learned, untouched = ([repr(one.case) for one in part] for part in self.evidence())
        sentences = [
            *unknown_of(self.task, self.network),
            *copies_described(untouched, learned, "input"),
            *(gap.sentence for gap in self.gaps),
        ]
        return counts, [*sentences, *(f"no example shows what {one.text} decides" for one in idle)]

    def _coverage(self) -> Iterator[tuple[str, Any]]:
        if self.output.symbols and not self.output.axes:
            answers = Counter(str(one.answer) for group in self.evidence() for one in group)
            yield "classes", {str(one): answers[str(one)] for one in self.output.symbols}

    def too_thin(self) -> Iterator[str]:
        learned, untouched = self.evidence()
        answers = [one.answer for one in (*learned, *untouched)]
        if self.output.axes and all(other == answers[0] for other in answers):
            yield f"all {len(answers):,} known answers are the same, and show no rule"
        for one in self.decided:
            if one.examples:
                few = "one example" if one.examples == 1 else f"{one.examples} examples"
                yield f"{one.text} rests on {few}: show more of that kind"

    @cached_property
    def trial(self) -> ProgramTrial | None:
        """The program and the examples on which its parts are tried."""
        learned, untouched = self.evidence()
        if self.program is None:
            return None
        cases = [one.case for one in (*learned, *untouched)]
        run = self._runner(self.program)
        answers = [(answer(run, case), self._weight(case)) for case in cases]

        def count(right: tuple[Any, int], got: Any) -> int:
            return right[1] * differ(right[0], got)

        return ProgramTrial(self.program, cases, answers, self._runner, count)

    def _weight(self, case: Case) -> int:
        """How many examples a case stands for: there is but one without any elements."""
        sizes = [size_of(case[port.name], len(port.axes)) for port in self.ports]
        return FEW + 1 if all(0 in size for size in sizes) else 1

    def _runner(self, program: Program) -> Run:
        return self.run_of(partial(answered, compiled(program)))

    @cached_property
    def decided(self) -> list[ScarceComparison]:
        return [] if self.trial is None else decided(self.trial, FEW)

    @cached_property
    def gaps(self) -> list[OpenLimit]:
        return [] if self.trial is None else gaps(self.trial)
