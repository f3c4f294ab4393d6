"""What a form's judge compares a solver on: its space of inputs, and the rounds drawn from it.

An input space says what runs beside the solver, which inputs are tried (small ones that Hypothesis
searches, all there are, drawn ones), how a difference is made smaller, and what must be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from hypothesis.strategies import SearchStrategy

from ..data.problem import Examples, Problem
from ..ir.program_length import program_bits
from .arrays import Shape
from .certificate import Claim
from .contract import Contract
from .equivalence import (
    Run,
    Solve,
    Wrong,
    answer,
)
from .evidence import Unit
from .noise import Compared, late
from .reduce import Reduction

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
    """A case whose answer was given, to which group of cases it belongs, if to any, its number."""

    case: Any
    answer: Any
    group: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """How many units of answers were compared, how many are wrong, and the plainest wrong one.

    ``alone`` counts those that say something by themselves, groups where there are any, and
    ``alone_wrong`` the wrong ones of these.
    """

    count: int
    wrong: int
    first: Wrong | None
    alone: int
    alone_wrong: int


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
    examples, ``label`` is what has one label, ``unit`` is what evidence counts, ``program`` is what
    the solver was written from (where that is known), and ``versions`` are further ones that a
    certificate carries.
    """

    name: str
    seed: int
    one_size: str = "the network has one size"
    pairs: str = "pairs"
    label: str = "answer"
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

    def compared(
        self, learned: Sequence[Known], untouched: Sequence[Known], run: Run
    ) -> Compared | None:
        """Labels beside answers, where some differ and may be wrong; None: no label is."""
        return None

    def more_missed(self, held: Sequence[Known], run: Run) -> bool:
        """Whether held-out labels are missed more often than those that were learned from."""
        compared = self.compared(self.evidence()[0], held, run)
        return compared is None or late(compared)

    def labels(self, known: Known) -> Iterator[Any]:
        """The answers of one example, as integers or tuples of them."""
        raise TypeError(f"the answers of {self.name} are not judged by examples")

    def program_bits(self) -> float:
        """How long the program is in a code that was fixed before any data."""
        return program_bits(self.program)

    def support(self) -> tuple[Mapping[str, Any], Sequence[str]]:
        """What could occur and what was shown; and in sentences what the examples cannot tell."""
        return {}, ()

    def too_thin(self) -> Iterator[str]:
        """Why the examples are too few for the rule that was read from them, in words."""
        return iter(())
