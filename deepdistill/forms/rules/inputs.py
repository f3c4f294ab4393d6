"""The inputs of rules: rows in the ranges of the columns, at the limits and beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf, log, nextafter
from statistics import harmonic_mean
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from hypothesis import strategies as st

from ...ir.program import Formula
from ...ir.program_length import program_bits
from ...ir.types import Scalar
from ...units.rules import Below, RuleModel, SumBelow
from ...units.teachers import ExactModel, ReluLayers, Teacher
from ...verify.certificate import Certificate, Claim, Status
from ...verify.command_line import Arguments
from ...verify.contract import Contract
from ...verify.equivalence import NumberDifference, Run, Solve
from ...verify.evidence import (
    FEW,
    Evidence,
    error_bound,
    label_bits,
    percent,
    rounded_up,
    untouched_bound,
)
from ...verify.inputs import Against, InputSpace, Reference, Round
from ...verify.reduce import Candidates, Reduction
from .calibration import calibration
from .ends import EndFacts, end_facts, exclusive
from .network import RuleNetwork, RulesOfColumns
from .shares import LabelAnswer, answers_of, same_shares

EXAMPLES = 300
_MOST_ENDS = 8
_TWENTY = math.log2(20)
Row: TypeAlias = tuple[float, ...]


_Network = TypeVar("_Network", bound=RulesOfColumns)


class RowInputs(InputSpace, Generic[_Network]):
    """Rows for the rules of a table: numbers, places of levels, NaN where a value is missing."""

    one_size = "a table has one size"
    pairs = "rows"

    def __init__(
        self,
        name: str,
        network: _Network,
        program: Formula | None,
        seed: int = 0,
        examples: int = EXAMPLES,
    ) -> None:
        self.name, self.network, self.program = name, network, program
        self.seed, self.examples = seed, examples
        self.model = None if network.teacher is None else network.teacher.model
        if network.teacher is not None:
            self.versions = {"teacher": 1}

    def references(self) -> Mapping[str, Reference]:
        by_name = {"network": self._reference(self.network, None)}
        if self.model is not None:
            by_name["model"] = self._reference(self.model, self._is_decided)
        return by_name

    def _reference(
        self, judge: RulesOfColumns | ExactModel, allowed: Callable[[Row], bool] | None
    ) -> Reference:
        def answers(rows: Any) -> list[LabelAnswer]:
            x = np.array(rows, dtype=np.float64).reshape(len(rows), -1)
            labels = [self.network.output.levels[place] for place in judge.run(x).tolist()]
            if not isinstance(judge, RuleNetwork):
                return [LabelAnswer(label, None) for label in labels]
            chances = [tuple(row) for row in judge.chances(x).tolist()]
            return [LabelAnswer(*pair) for pair in zip(labels, chances, strict=True)]

        return Reference(lambda row: answers([row])[0], answers, allowed)

    def _is_decided(self, row: Row) -> bool:
        """Whether the model's precision tells what its label is."""
        if not isinstance(self.model, ReluLayers):
            return True
        scores = sorted(self.model.scores(np.array([row]))[0].tolist())
        return bool(scores[-1] - scores[-2] > 2 * self.model.slack)

    def subject(self, solve: Solve) -> Run:
        answer = answers_of(solve)
        return lambda row: answer(self._written(row))

    def _written(self, row: Row) -> Arguments:
        return tuple(s.written(value) for s, value in zip(self.network.inputs, row, strict=True))

    def rounds(self) -> Iterator[Round]:
        strategy = st.tuples(*map(_values_of, self.network.inputs))
        yield Round({"network": "faithful"}, strategy=strategy, examples=self.examples)
        against: Against = dict.fromkeys(self.references(), "faithful")
        yield Round(against, self._drawn(), uncounted=("model",))

    def _drawn(self) -> list[Row]:
        """Rows in the ranges, and the same with a number at each limit and beside it."""
        rng = np.random.default_rng([self.seed, 41])
        inputs, rows = self.network.inputs, []
        for _ in range(self.examples):
            rows.append(tuple(_drawn_value(scalar, rng) for scalar in inputs))
        units = self.network.model.units
        limits = [(unit.column, unit.limit) for unit in units if isinstance(unit, Below)]
        near = []
        for column, limit in limits:
            for row in rows[:6]:
                for value in (limit, nextafter(limit, -inf), nextafter(limit, inf)):
                    low, high = inputs[column].domain.low, inputs[column].domain.high
                    if not self.network.strict or low <= value <= high:
                        near.append((*row[:column], value, *row[column + 1 :]))
        sums = [unit for unit in units if isinstance(unit, SumBelow) and unit.columns]
        if sums and rows and not self.network.strict:
            fired = self.network.model.fired(np.array(rows[:6])).tolist()
            near += [
                _at(unit, row, fires)
                for unit in sums
                for row, fires in zip(rows[:6], fired, strict=True)
            ]
        if self.network.model.scores is not None and not self.network.strict:
            near += _at_ties(self.network.model, rows[:6])
        return [*rows, *near]

    def difference(self, reference: str, case: Row, expected: Any, got: Any) -> Any:
        """Another label than the reference has, or of the network other probabilities."""
        row, names = list(self._written(case)), self.network.output.levels
        if type(expected.label) is not type(got.label) or expected.label != got.label:
            return NumberDifference(row, expected.label, got.label)
        if expected.shares is None or same_shares(names, expected.shares, got.shares):
            return None
        shares = dict(zip(map(str, names), expected.shares, strict=True))
        return NumberDifference(row, {"probability": shares}, {"probability": _plain(got.shares)})

    def reduced(self) -> list[Reduction]:
        return [Reduction(self._shorter)]

    def _shorter(self, wrong: NumberDifference) -> Candidates:
        """The same row with whole numbers."""
        row = [s.number(v) for s, v in zip(self.network.inputs, wrong.case, strict=True)]
        for k, scalar in enumerate(self.network.inputs):
            if scalar.levels or math.isnan(row[k]):
                continue
            for digits in range(4):
                moved = [*row]
                moved[k] = float(round(row[k], digits))
                if moved[k] == row[k]:
                    break
                if (yield tuple(moved)) is not None:
                    row = moved
                    break

    def contract(self) -> Contract:
        return _contract(self.network)


class RuleInputs(RowInputs[RuleNetwork]):
    """Rows for rules whose ends are labels."""

    def quality(self, solve: Solve) -> Claim:
        """What the rows bear: how often the labels are wrong, and what the rules are worth."""
        rows, network = self.network.rows, self.network
        if network.teacher is not None and not network.teacher.labelled:
            return Claim("no oracle", note=f"of {network.teacher.title} alone the labels are known")
        bits = program_bits(self.program) if self.program is not None else inf
        taught = () if network.teacher is None else (
            f"whether {network.teacher.title} had learned from the rows kept aside, and then they "
            "tell less of what is right",
        )  # fmt: skip
        bound = error_bound(
            rows.wrong, rows.untouched, bits, rows.wrong + rows.missed, rows.untouched + rows.count
        )
        ends, calibrated = end_facts(network), calibration(network)
        evidence = Evidence(
            "row",
            rows.untouched,
            rows.wrong,
            bound,
            support={
                "classes": dict(zip(map(str, network.output.levels), rows.labels, strict=True)),
                "log_loss": rows.loss,
                "log_loss_of_shares": rows.plain,
                "rules": [one.as_json() for one in ends],
                "exclusive": exclusive(network),
                "calibration": None if calibrated is None else calibrated.as_json(),
            },
            unknown=(
                "what the rules are worth outside the ranges of the table",
                *_unseen(ends),
                *taught,
            ),
        )
        thin = [*self._thin(bits)]
        worth = (
            f"log loss {rows.loss:.3g} a row where the classes' shares alone have {rows.plain:.3g}"
            f"{', all classes counted alike' if rows.balanced else ''}"
        )
        common = max(rows.labels) / max(1, sum(rows.labels))
        plain = f"the most common label alone is wrong in {percent(1 - common)} of all rows"
        sentences = [] if calibrated is None else [calibrated.sentence]
        note = "; ".join([*thin, evidence.sentence, plain, worth, *sentences])
        status: Status = "failed" if thin else "evidence"
        return Claim(status, rows.untouched, note=note, evidence=evidence)

    def _thin(self, bits: float) -> Iterator[str]:
        """Why the rules are not believed."""
        rows = self.network.rows
        total = sum(rows.labels)
        if not self.network.inputs:
            yield (
                "no rule tells the classes apart better than their shares alone: the rows are too "
                "few to tell, or the columns say nothing of the labels"
            )
            return
        counts = rows.labels
        if rows.balanced:  # as many of each class as tell as much: their harmonic mean
            counts = (int(harmonic_mean(rows.labels)),) * len(rows.labels)
        labels = [k for k, count in enumerate(counts) for _ in range(count)]
        free = len(self.network.probabilities) * (len(rows.labels) - 1)  # half their precision
        if self.network.model.scores is not None:
            free = 1  # what one of a sum is worth
        cost = bits + rows.nats / log(2) + free * math.log2(max(2, total)) / 2
        by_length = label_bits(labels) - cost >= _TWENTY
        if not (by_length or rows.saved > 0):
            saved = f"they save {rows.plain - rows.loss:.3g} nats a row"
            yield (
                "that the rules tell more than the classes' shares is not shown: "
                + (
                    f"{saved}, with 97.5 % at least {rows.saved:.3g}"
                    if rows.untouched
                    else f"{saved} that they were learned from, and no row was held out to show it"
                )
            )
        for label, count in zip(self.network.output.levels, rows.labels, strict=True):
            if count <= FEW:
                yield f"the label {label!r} rests on {count} rows: show more of that kind"


def following(certificate: Certificate, teacher: Teacher | None) -> Certificate:
    """The certificate of rules that follow a model: *faithful* is how often they agree with it."""
    if teacher is None or teacher.model is not None or not certificate.faithful.ok:
        return certificate
    bound = untouched_bound(teacher.differ, teacher.queried) if teacher.queried else 1.0
    around = f"{teacher.strays:,} of {teacher.around:,} rows around them"
    evidence = Evidence(
        "row",
        teacher.queried,
        teacher.differ,
        min(1.0, rounded_up(bound)),
        support={"around": {"seen": teacher.around, "wrong": teacher.strays}},
        unknown=(f"how {teacher.title} answers far from the rows that it was asked about",),
    )
    notes = [f"with {teacher.title}, {evidence.sentence}"]
    notes += [f"beside these {around} do"] if teacher.around else []
    notes += [teacher.why] if teacher.why else []
    thin = bool(teacher.queried) and teacher.differ >= max(1, teacher.common)
    if thin:
        notes.insert(0, f"the most common answer of {teacher.title} alone agrees as often")
    claim = Claim(
        "failed" if thin else "evidence",
        certificate.faithful.examples,
        note="; ".join(notes),
        evidence=evidence,
    )
    return replace(certificate, faithful=claim)


def _unseen(ends: Sequence[EndFacts]) -> Iterator[str]:
    """Which ends no row of the table came to."""
    for reached, words in (
        ("possible", "what rows are that come to {}: the table has none"),
        ("unknown", "whether any row comes to {}"),
    ):
        places = [one.where for one in ends if one.reached == reached]
        if places:
            more = f" and {len(places) - _MOST_ENDS} more" if len(places) > _MOST_ENDS else ""
            yield words.format(", ".join(places[:_MOST_ENDS]) + more)


def _plain(shares: Any) -> Any:
    """Probabilities as JSON, whatever a solver gave."""
    if isinstance(shares, dict):
        return {f"{name!s:.60}": _plain(value) for name, value in [*shares.items()][:60]}
    return shares if type(shares) is float and math.isfinite(shares) else f"{shares!s:.60}"


def _at(unit: SumBelow, row: Row, fired: Sequence[bool]) -> Row:
    """The row with one number moved so that the sum is at its limit."""
    column = unit.columns[0]
    number = unit.number_at(column, row, fired)
    return row if math.isnan(number) else (*row[:column], number, *row[column + 1 :])


def _at_ties(model: RuleModel, rows: Sequence[Row]) -> Iterator[Row]:
    """The rows with one number moved so that two classes have about the same sum."""
    assert model.scores is not None
    sums = model.class_sums(np.array(rows)).tolist()
    for row, own in zip(rows, sums, strict=True):
        for column in model.scores.columns:
            for number in model.scores.crossings(column, row, own):
                if math.isfinite(number):
                    yield (*row[:column], number, *row[column + 1 :])


def _values_of(scalar: Scalar) -> st.SearchStrategy[float]:
    """What may stand for a column's values."""
    if scalar.levels:
        known: st.SearchStrategy[float] = st.sampled_from(
            [float(k) for k in range(-int(scalar.open), len(scalar.levels))]
        )
    else:
        known = st.floats(scalar.domain.low, scalar.domain.high)
    return st.one_of(known, st.just(math.nan)) if scalar.optional else known


def _drawn_value(scalar: Scalar, rng: np.random.Generator) -> float:
    if scalar.optional and rng.random() < 0.2:
        return math.nan
    if scalar.levels:
        return float(rng.integers(-int(scalar.open), len(scalar.levels)))
    return float(rng.uniform(scalar.domain.low, scalar.domain.high))


def _contract(network: RulesOfColumns) -> Contract:
    """What a solver of rules promises: it takes numbers and levels, and refuses all else."""
    inputs = network.inputs
    row = tuple(s.written(s.domain.low) for s in inputs)

    def refused() -> Iterator[Arguments]:
        for k, scalar in enumerate(inputs):
            bad: tuple[Any, ...] = ("1", [1.0], True, inf, -inf, 10**400, 1j)
            if scalar.levels:
                bad = ("".join(map(str, scalar.levels)) + "?", [row[k]], 10**400, 1j)
                bad = bad[scalar.open :]
            nothing = () if scalar.optional else (None, math.nan)
            for value in (*bad, *nothing):
                yield (*row[:k], value, *row[k + 1 :])
        yield (*row, 1)

    def forms() -> Iterator[tuple[Arguments, Iterator[Arguments]]]:
        def others() -> Iterator[Arguments]:
            yield tuple(np.float64(v) if isinstance(v, float) else v for v in row)
            if all(v.is_integer() for v in row if isinstance(v, float)):
                yield tuple(int(v) if isinstance(v, float) else v for v in row)

        yield row, others()

    def outcomes() -> Iterator[tuple[Arguments, str, Callable[[str], bool]]]:
        return iter(())

    names = tuple(scalar.name for scalar in inputs)
    titles = tuple(scalar.title or scalar.name for scalar in inputs)
    highest = tuple(s.written(s.domain.high) for s in inputs)
    missing = tuple(None if s.optional else v for s, v in zip(inputs, highest, strict=True))
    printed = dict.fromkeys([row, highest, missing])
    return Contract(names, refused, forms, outcomes, [*printed], listed=True, titles=titles)
