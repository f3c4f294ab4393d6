"""The inputs of formulas: rows in the sampled ranges, and at the breakpoints and beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from ...formula.extrapolation import Extrapolation
from ...ir.code_length import constant_bits
from ...ir.domain import ranges_in_words
from ...ir.expr import Call
from ...ir.program import Formula
from ...ir.program_length import program_bits
from ...ir.types import Scalar
from ...verify.certificate import Claim, Status
from ...verify.command_line import Arguments
from ...verify.contract import Contract
from ...verify.equivalence import NumberDifference, Run, Solve
from ...verify.evidence import Evidence, error_bound
from ...verify.inputs import ClaimName, InputSpace, Reference, Round
from ...verify.reduce import Candidates, Reduction
from .borders import borders
from .network import FittedRows
from .quality import formula_at, held_out_fit, quality_sentence

Floats: TypeAlias = NDArray[np.float64]
Row: TypeAlias = tuple[float, ...]

EXAMPLES = 300
FORMULAS = 1
"""The version of what certificates say of formulas."""
RELATIVE = 1e-12  # the solver's sums are those of the formula, up to their order


class FormulaInputs(InputSpace):
    """Rows of numbers for a formula.

    ``rows`` are held-out inputs (rows, columns) and answers. With an ``oracle`` the claim of
    correctness is an answer within ``tolerance`` of its spread everywhere in the ranges; without
    one quality statistics take its place. A formula in regimes is compared at its breakpoints and
    beside them too; exactly at the ``undecided`` comparisons the oracle is not asked, for no row
    tells which side holds there. A formula that tells nothing of the held-out rows fails, by what
    the ``fitted`` ones let expect. ``notes`` join the words on quality, and so does the error
    ``outside`` the ranges, of which nothing is claimed.
    """

    one_size = "a formula of numbers has one size"
    pairs = "rows"
    versions: Mapping[str, int] = {"formula": FORMULAS}

    def __init__(
        self,
        name: str,
        formula: Formula,
        rows: tuple[Floats, Floats],
        seed: int = 0,
        examples: int = EXAMPLES,
        oracle: Callable[..., Floats] | None = None,
        tolerance: float = 1e-9,
        notes: Sequence[str] = (),
        undecided: Sequence[Call] = (),
        outside: Extrapolation | None = None,
        fitted: FittedRows | None = None,
    ) -> None:
        self.name, self.formula, self.seed, self.examples = name, formula, seed, examples
        self.oracle, self.undecided = oracle, undecided
        self.ranges = [(scalar.domain.low, scalar.domain.high) for scalar in formula.inputs]
        beyond = [] if outside is None else [f"extrapolation: {outside.sentence}"]
        self.held_out = held_out_fit(formula, rows, fitted) if oracle is None else None
        self.thin, self.gaps = (fitted.thin, fitted.gaps) if fitted else ((), ())
        sentences = [] if self.held_out is None else list(self.held_out.sentences())
        self.classes = fitted is not None and fitted.classes
        quality = quality_sentence(formula, rows, self.classes)
        self.fit = "; ".join([quality, *sentences, *notes, *beyond])
        inside = f"{ranges_in_words(formula)}; elsewhere nothing is claimed"
        spread = f"within {tolerance:g} of the spread of the answers, in the same ranges"
        self.always: Mapping[ClaimName, str] = {
            "faithful": f"to {RELATIVE:g} relative, {inside}",
            "correct": f"{spread}; {self.fit}",
        }
        self.drawn = self._drawn() if oracle is not None else []
        self.allowance = tolerance * self._spread()

    def _drawn(self) -> list[Row]:
        """Rows at which the oracle is asked."""
        low, high = np.array(self.ranges).reshape(-1, 2).T
        rng = np.random.default_rng([self.seed, 23])
        near = [
            border.row
            for border in borders(self.formula, self.seed)
            if not (border.exactly and border.comparison in self.undecided)
        ]
        x = rng.uniform(low, high, (self.examples, len(low))).tolist()
        return [*map(tuple, x), *near]

    def _spread(self) -> float:
        """How far the oracle's answers vary."""
        answers = np.array(self._requested(self.drawn), dtype=np.float64)
        finite = answers[np.isfinite(answers)]
        return float(np.std(finite)) if len(finite) else 0.0

    def _requested(self, rows: Sequence[Row]) -> list[float]:
        """What the oracle answers."""
        if self.oracle is None or not rows:
            return []
        with np.errstate(all="ignore"):
            return np.asarray(self.oracle(*np.array(rows).T), dtype=np.float64).tolist()  # type: ignore[no-any-return]

    def references(self) -> Mapping[str, Reference]:
        result = {"formula": Reference(lambda row: formula_at(self.formula, row))}
        if self.oracle is not None:
            result["oracle"] = Reference(lambda row: self._requested([row])[0], self._requested)
        return result

    def subject(self, solve: Solve) -> Run:
        def run(row: Row) -> float | str | None:
            try:
                answer = solve(*self.formula.written(row))
            except ValueError:
                return None
            except MemoryError:
                raise
            except Exception as error:
                return f"raises {type(error).__name__}"
            return answer if isinstance(answer, float) else repr(answer)[:100]

        return run

    def rounds(self) -> Iterator[Round]:
        strategy = st.tuples(*map(_numbers_of, self.formula.inputs))
        yield Round({"formula": "faithful"}, strategy=strategy, examples=self.examples)
        near = (border.row for border in borders(self.formula, self.seed))
        yield Round({"formula": "faithful"}, near)
        yield Round({"oracle": "correct"}, self.drawn)

    def difference(
        self, reference: str, case: Row, expected: Any, got: Any
    ) -> NumberDifference | None:
        right = self._right(expected, got) if reference == "oracle" else _same(expected, got)
        if right:
            return None
        return NumberDifference(list(self.formula.written(case)), expected, got)

    def _right(self, truth: float, answered: float | str | None) -> bool:
        if not np.isfinite(truth):
            return True
        return isinstance(answered, float) and abs(answered - truth) <= self.allowance

    def reduced(self) -> Sequence[Reduction]:
        return (Reduction(self._shorter_numbers),)

    def _shorter_numbers(self, wrong: NumberDifference) -> Candidates:
        """Whole numbers, or numbers of few digits."""
        row = tuple(
            float(scalar.levels.index(value)) if scalar.levels else value
            for scalar, value in zip(self.formula.inputs, wrong.case, strict=True)
        )
        changed = True
        while changed:
            changed = False
            for k, (low, high) in enumerate(self.ranges):
                if self.formula.inputs[k].levels:
                    continue
                short = [0.0, 1.0, -1.0, *(float(round(row[k], digits)) for digits in range(7))]
                for value in (v for v in short if low <= v <= high):
                    if value == row[k]:
                        break
                    moved = (*row[:k], value, *row[k + 1 :])
                    if (yield moved) is not None:
                        row, changed = moved, True
                        break

    def contract(self) -> Contract:
        return number_contract(self.formula)

    def quality(self, solve: Solve) -> Claim | None:
        if self.held_out is None:
            return None
        held_out = self.held_out
        support: dict[str, Any] = {}
        if math.isfinite(held_out.interval):
            support["interval"] = held_out.interval
        if held_out.outliers:
            support["outliers"] = list(held_out.outliers)
        evidence = Evidence(
            "row",
            held_out.seen,
            held_out.wrong,
            error_bound(
                held_out.wrong,
                held_out.seen,
                program_bits(self.formula)
                + (0.0 if self.classes else constant_bits(held_out.tolerance)),
                held_out.wrong + held_out.missed,
                held_out.seen + held_out.fitted,
            ),
            None if self.classes else held_out.tolerance,
            support=support,
            unknown=("what the formula is worth outside the ranges of the table", *self.gaps),
        )
        status: Status = "evidence" if held_out.tells_something and not self.thin else "failed"
        note = "; ".join([*self.thin, self.fit])
        return Claim(status, held_out.seen, note=note, evidence=evidence)


def _same(expected: float | None, answered: float | str | None) -> bool:
    if expected is None or answered is None:
        return expected is answered
    if isinstance(answered, str):
        return False
    return math.isclose(expected, answered, rel_tol=RELATIVE, abs_tol=1e-300)


def number_contract(formula: Formula) -> Contract:
    """The contract of a solver that takes numbers, and the levels of columns of text."""
    row = formula.written([scalar.domain.low for scalar in formula.inputs])
    middle = formula.written(
        [scalar.domain.low / 2 + scalar.domain.high / 2 for scalar in formula.inputs]
    )

    def refused() -> Iterator[Arguments]:
        for k, scalar in enumerate(formula.inputs):
            bad: tuple[Any, ...] = ("1", None, [1.0], True, math.nan, math.inf, -math.inf, 10**400)
            if scalar.levels:
                other = "".join(map(str, scalar.levels))  # longer than any of them
                bad = (other, "", None, [row[k]], math.nan, 10**400, len(scalar.levels))
            for value in (*bad, 1j):
                if value not in scalar.levels:
                    yield (*row[:k], value, *row[k + 1 :])

    def forms() -> Iterator[tuple[Arguments, Iterator[Arguments]]]:
        whole = tuple(float(math.floor(x)) if isinstance(x, float) else x for x in middle)
        for values in (row, middle, whole):
            yield values, _other_forms(values)

    def outcomes() -> Iterator[tuple[Arguments, str, Callable[[str], bool]]]:
        numbers = [k for k, scalar in enumerate(formula.inputs) if not scalar.levels]
        for extreme in _extreme_rows([middle[k] for k in numbers]):
            known = dict(zip(numbers, extreme, strict=True))
            values = tuple(known.get(k, value) for k, value in enumerate(middle))
            yield values, "a finite number, or ValueError", _finite_or_refused

    names = tuple(scalar.name for scalar in formula.inputs)
    titles = tuple(scalar.title or scalar.name for scalar in formula.inputs)
    return Contract(names, refused, forms, outcomes, [middle, row], listed=True, titles=titles)


def _other_forms(values: Sequence[Any]) -> Iterator[Arguments]:
    """The same values as NumPy's, and as integers where they are whole numbers."""
    yield tuple(np.float64(value) if isinstance(value, float) else value for value in values)
    yield tuple(map(np.array, values))
    if all(value.is_integer() for value in values if isinstance(value, float)):
        yield tuple(int(value) if isinstance(value, float) else value for value in values)


def _finite_or_refused(got: str) -> bool:
    if got.startswith("raises"):
        return got == "raises ValueError"
    return got not in ("inf", "-inf", "nan")


def _numbers_of(scalar: Scalar) -> st.SearchStrategy[float]:
    """What may stand for a column's values."""
    if scalar.levels:
        return st.sampled_from([float(k) for k in range(len(scalar.levels))])
    return st.floats(scalar.domain.low, scalar.domain.high)


def _extreme_rows(middle: Sequence[Any]) -> Iterator[Row]:
    """Finite numbers far outside every range, one at a time and in pairs, of both signs."""
    values = (0.0, -1.0, 1e308, -1e308, 1e-308)
    for value in values:
        yield (value,) * len(middle)
        for k in range(len(middle)):
            yield (*middle[:k], value, *middle[k + 1 :])
    for first, second in product(values, repeat=2):
        yield tuple(first if k % 2 else second for k in range(len(middle)))
