"""What a form's judge compares a solver on: its space of inputs, and the rounds drawn from it.

An input space says what runs beside the solver, which inputs are tried (small ones that Hypothesis
searches, all there are, drawn ones), how a difference is made smaller, and what must be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from ..data.problem import Examples, IntArray, Problem
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
from .evidence import FEW, Unit
from .reduce import Reduction
from .support import Decided, Gap, Trial, decided, gaps

ClaimName: TypeAlias = Literal["faithful", "scalable", "correct"]
Against: TypeAlias = Mapping[str, ClaimName]

INEXACT = "the trained network is not exact on its examples"


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a solver is compared with: the network, the program, the oracle.

    ``many`` answers several cases of one size at once. Only cases that are ``allowed`` are
    compared, and in a round no more than whose ``work`` sums up to ``most_work``.
    """

    run: Run
    many: Callable[[Sequence[Any]], Sequence[Any]] | None = None
    allowed: Callable[[Any], bool] | None = None
    work: Callable[[Any], int] | None = None
    most_work: int = 0

    def answers(self, cases: Sequence[Any]) -> Sequence[Any]:
        """What it answers; a sentence where it raises instead."""
        if self.many is not None and len(cases) > 1:
            try:
                return list(self.many(cases))
            except Exception:  # let each case tell what is wrong with it
                pass
        return [answer(self.run, case) for case in cases]


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """Cases that speak for or against claims: which reference stands for which one.

    ``cases`` are compared one by one, or, where there is a ``strategy``, as many as ``examples``
    are searched. What is compared with a reference in ``uncounted`` is not counted. ``notes`` are
    told of claims that hold, and of those that are ``settled`` every case was tried. ``subject``
    names a reference that stands in the solver's place.
    """

    against: Against = field(default_factory=dict)
    cases: Iterable[Any] = ()
    strategy: SearchStrategy[Any] | None = None
    examples: int = 0
    uncounted: tuple[str, ...] = ("program",)
    notes: Mapping[ClaimName, str] = field(default_factory=dict)
    settled: tuple[ClaimName, ...] = ()
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A case whose answer was given."""

    case: Any
    answer: Any


@dataclass(frozen=True, slots=True)
class Missed:
    """How many units of answers were compared, how many are wrong, and the plainest wrong one."""

    count: int
    wrong: int
    first: Wrong | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison with given answers says: the plainest wrong one, of how many cases."""

    wrong: Wrong | None
    count: int
    note: str


class InputSpace(Protocol):
    """The inputs of one form of problem, for a solver of one problem and network.

    ``always`` are notes that stand on a claim whether it holds or not; ``one_size`` says why
    nothing is claimed about other sizes, where there are no rounds for that; ``pairs`` names the
    examples, ``unit`` is what evidence counts, ``program`` is what the solver was written from
    (where that is known), and ``versions`` are further ones that a certificate carries.
    """

    name: str
    seed: int
    one_size: str = "the network has one size"
    pairs: str = "pairs"
    unit: Unit = "sample"
    program: Any = None
    always: Mapping[ClaimName, str] = {}
    versions: Mapping[str, int] = {}

    # ---- what is compared

    def references(self) -> Mapping[str, Reference]:
        """What runs beside the solver: ``network``, ``program``, ``oracle`` where there are."""
        ...

    def subject(self, solve: Solve) -> Run:
        """The solver as a function of a case."""
        ...

    def rounds(self) -> Iterator[Round]:
        """All comparisons, in the order in which they are made: small, all there are, drawn."""
        ...

    def search_seed(self) -> int:
        """Where the search among small inputs starts."""
        return self.seed

    def difference(self, reference: str, case: Any, expected: Any, got: Any) -> Wrong | None:
        """How two answers to a case differ, if they do."""
        ...

    def size(self, case: Any) -> Shape | None:
        """The size of a case; None where all have one that nobody names."""
        return None

    def reduced(self) -> Sequence[Reduction]:
        """How a difference is made smaller."""
        ...

    def contract(self) -> Contract | None:
        """What must be refused, taken in other forms and printed; None: a template's promise."""
        ...

    # ---- where no oracle knows the answers

    def quality(self, solve: Solve) -> Claim | None:
        """What stands for correctness where nobody knows the answers; None where they are known."""
        return None

    def constructed(self) -> Problem | None:
        """The problem, where its answers are known by construction."""
        return None

    def evidence(self) -> tuple[Sequence[Known], Sequence[Known]]:
        """The given answers: those that were learned from, and those that were held out."""
        return (), ()

    def known(self, groups: Sequence[Examples]) -> list[Known]:
        """Examples one by one."""
        raise TypeError(f"{self.name} has no examples")

    def against(self, known: Sequence[Known], run: Run) -> Verdict:
        """A comparison with given answers: by default, the first one that is missed."""
        wrong: Wrong | None = None
        for one in known:
            wrong = wrong or self.difference("known", one.case, one.answer, answer(run, one.case))
        return Verdict(wrong, len(known), INEXACT)

    def missed(self, known: Sequence[Known], run: Run) -> Missed:
        """The same counted in the unit of the evidence."""
        raise TypeError(f"the answers of {self.name} are not judged by examples")

    def labels(self, known: Known) -> Iterator[Any]:
        """The answers of one example, as integers or tuples of them."""
        raise TypeError(f"the answers of {self.name} are not judged by examples")

    def support(self) -> tuple[Mapping[str, Any], Sequence[str]]:
        """What could occur and what was shown; and in sentences what the examples cannot tell."""
        return {}, ()

    def too_thin(self) -> Iterator[str]:
        """Why the examples are too few for the rule that was read from them, in words."""
        return iter(())


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
        return self.known(learned), self.known([e for part in self.problem.reserved for e in part])

    def missed(self, known: Sequence[Known], run: Run) -> Missed:
        count = wrong = 0
        first: Difference | None = None
        for one in known:
            got = answer(run, one.case)
            found = difference(one.case, one.answer, got)
            places = self.places(one.answer)
            count += places
            if found is not None:
                alike = not isinstance(got, str) and got.shape == one.answer.shape
                wrong += self.places(one.answer, one.answer != got) if alike else places
                if first is None or found.cells < first.cells:
                    first = found
        return Missed(count, wrong, first)

    def places(self, label: IntArray, chosen: NDArray[np.bool_] | None = None) -> int:
        """Into how many units of evidence an answer falls; of chosen elements, those with any."""
        if self.unit == "sample":
            return int(chosen is None or bool(chosen.any()))
        if chosen is None:
            return len(label) if self.unit == "step" else label.size
        return int(chosen.reshape(self.places(label), -1).any(axis=1).sum())

    def support(self) -> tuple[Mapping[str, Any], Sequence[str]]:
        counts, sentences = dict(self.shown()), [*self.unknown()]
        found = self.gaps
        if found:
            limits = [{"limit": gap.limit, "from": gap.low, "to": gap.high} for gap in found]
            counts["limits"] = limits
        idle = [one for one in self.decided if not one.examples]
        sentences += [gap.sentence for gap in found]
        sentences += [f"no example shows what {one.text} decides" for one in idle]
        return counts, sentences

    def too_thin(self) -> Iterator[str]:
        for one in self.decided:
            if one.examples:
                few = "one example" if one.examples == 1 else f"{one.examples} examples"
                yield f"{one.text} rests on {few}: show more of that kind"

    @cached_property
    def trial(self) -> Trial:
        """The program and the examples on which its parts are tried."""
        learned, untouched = self.evidence()
        known = self.tried([*learned, *untouched])
        run = self.program_reference(self.program).run if self.program else None
        assert run is not None, "a solver is judged by examples when it is made"
        return Trial(
            self.program,
            [one.case for one in known],
            [answer(run, one.case) for one in known],
            lambda program: self.program_reference(program).run,
        )

    @cached_property
    def decided(self) -> list[Decided]:
        """The comparisons of the program that hardly any example decides."""
        return decided(self.trial, FEW)

    @cached_property
    def gaps(self) -> list[Gap]:
        """The limits in the program that the examples leave open."""
        return gaps(self.trial)

    def tried(self, known: Sequence[Known]) -> Sequence[Known]:
        """The examples on which the parts of a program are tried."""
        return known

    def shown(self) -> Iterator[tuple[str, Any]]:
        """How much of what could occur was shown, by what it is."""
        return iter(())

    def unknown(self) -> Iterator[str]:
        """What the examples cannot tell, in words."""
        return iter(())

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
                result.append(Known(dict(zip(names, columns, strict=True)), label))
        return result
