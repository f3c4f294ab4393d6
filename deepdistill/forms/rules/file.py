"""Rules of a table on disk: the archive of networks with a kind of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...data.dates import PARTS
from ...data.problem import InputError
from ...ir.names import identifier
from ...ir.types import Reals, Scalar, TableLayout
from ...units.archive import FORMAT, archive, one_format, stored
from ...units.codec import Codec
from ...units.rules import (
    Among,
    ClassScores,
    Missing,
    RuleModel,
    RuleUnit,
    SumBelow,
    leaves,
    splits,
)
from ...units.teachers import Teacher, fits
from .network import LabelledRows, RuleNetwork, Support

_CODEC = Codec(2**53, later={SumBelow: 1, LabelledRows: 1, TableLayout: 1, RuleModel: 1})
_LEVELS = (str, bool, int)
_LONGEST_TITLE = 1000
_KEYS = {"format", "kind", "inputs", "output", "model", "probabilities", "sums", "supports",
         "rows", "strict", "table"}  # fmt: skip
_PROBABILITIES, _SUPPORTS = tuple[tuple[float, ...], ...], tuple[Support, ...]


def rules_bytes(network: RuleNetwork) -> bytes:
    """The file of rules; the same bytes for the same rules."""
    spec: dict[str, Any] = {
        "format": FORMAT,
        "kind": "rules",
        "inputs": [scalar_data(scalar) for scalar in network.inputs],
        "output": scalar_data(network.output),
        "model": model_data(network.model),
        "probabilities": _CODEC.plain(network.probabilities, _PROBABILITIES),
        "sums": list(network.sums),
        "supports": _CODEC.plain(network.supports, _SUPPORTS),
        "rows": _CODEC.plain(network.rows, LabelledRows),
        "strict": network.strict,
        "table": layout_data(network.layout),
    }
    if network.teacher is not None:
        spec["teacher"] = _CODEC.plain(network.teacher, Teacher)
    return archive(spec, [], stored)


def rules_network(spec: Any, arrays: dict[str, Any]) -> RuleNetwork:
    """The rules in an archive; :class:`InputError` where it holds none."""
    taught = isinstance(spec, dict) and "teacher" in spec
    one_format(spec, _KEYS | {"teacher"} if taught else _KEYS)
    inputs, output, model, strict = read_decision(spec, arrays, "rules")
    network = RuleNetwork(
        inputs,
        output,
        model,
        _CODEC.read(spec["probabilities"], _PROBABILITIES, "probabilities"),
        _CODEC.read(spec["sums"], tuple[int, ...], "sums"),
        _CODEC.read(spec["supports"], _SUPPORTS, "supports"),
        _CODEC.read(spec["rows"], LabelledRows, "rows"),
        strict,
        read_layout(spec["table"]),
        _CODEC.read(spec["teacher"], Teacher, "teacher") if taught else None,
    )
    _check(network)
    return network


def read_decision(
    spec: Any, arrays: dict[str, Any], what: str, kinds: tuple[type, ...] = _LEVELS
) -> tuple[tuple[Scalar, ...], Scalar, RuleModel, bool]:
    """Inputs, output, model and whether it is strict, of rules whose ends have such ``kinds``."""
    if arrays:
        raise InputError(f"it holds arrays, which {what} have not")
    try:
        inputs = tuple(read_scalar(part) for part in spec["inputs"])
        output = read_scalar(spec["output"], kinds)
        strict = spec["strict"]
        if type(strict) is not bool or len({one.name for one in inputs}) < len(inputs):
            raise ValueError
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InputError(f"it holds no {what}") from None
    try:
        return inputs, output, _CODEC.read(spec["model"], RuleModel, "model"), strict
    except RecursionError:
        raise InputError("its trees are too deep") from None


def _check(network: RuleNetwork) -> None:
    """Refuse what does not fit together."""
    model, classes = network.model, len(network.output.levels)
    check_model(model, network.inputs, classes)
    if list(model.limits) != sorted(set(model.limits)) or len(model.limits) >= classes > 0:
        raise InputError("its limits do not grow, or are more than the labels")
    kinds = len(network.answers)
    if list(network.sums) != sorted(set(network.sums)) or bool(network.sums) != bool(model.limits):
        raise InputError("its sums of points do not grow, or belong to no points")
    if len(network.probabilities) != kinds or len(network.supports) != kinds:
        raise InputError("it has another number of probabilities than of cases")
    for row in network.probabilities:
        if len(row) != classes or not all(0 <= p <= 1 for p in row):
            raise InputError("its probabilities are none")
    rows = network.rows
    if len(rows.labels) != classes or not 0 <= rows.missed <= rows.count:
        raise InputError("its counts of rows do not fit")
    if not 0 <= rows.wrong <= rows.untouched or not _fit(network):
        raise InputError("its counts of rows do not fit")
    levels = [len(scalar.levels) for scalar in network.inputs]
    if network.teacher is not None and not fits(network.teacher, levels, classes):
        raise InputError("the model that it was read from does not fit its columns and labels")


def _fit(network: RuleNetwork) -> bool:
    """Whether all counts of rows are none less than 0 and have one entry a class or a level."""
    classes, columns = len(network.output.levels), network.rows.columns
    lists = [network.rows.labels]
    for one in network.supports:
        lists += [one.learned, one.untouched]
    for counts in columns:
        lists += [*counts.bins, counts.missing]
    sizes = [len(scalar.levels) for scalar in network.inputs]
    return (
        all(len(row) == classes and min(row, default=0) >= 0 for row in lists)
        and len(columns) in (0, len(network.inputs))
        and all(
            size in (0, len(counts.bins))
            and len(counts.bins) > 0
            and (scalar.domain.low > 0 or counts.scale != "geometric")
            for size, counts, scalar in zip(sizes, columns, network.inputs, strict=False)
        )
    )


def check_model(model: RuleModel, inputs: Sequence[Scalar], answers: int) -> None:
    """Refuse units and trees that do not fit so many answers and the inputs."""
    for place, unit in enumerate(model.units):
        if any(not 0 <= column < len(inputs) for column in unit.columns):
            raise InputError("a unit reads a column that is not there")
        if any(not 0 <= part < place for part in unit.units):
            raise InputError("a unit reads units that do not stand before it")
        for column in unit.columns:
            if not _reads(unit, inputs[column]):
                raise InputError(
                    "a unit compares numbers with levels, or levels that are not there"
                )
    if model.scores is not None:
        _check_scores(model, model.scores, inputs, answers)
        return
    if not model.trees or (len(model.trees) > 1 and not model.limits):
        raise InputError("its trees have no head")
    for tree in model.trees:
        if any(not 0 <= split.unit < len(model.units) for split in splits(tree)):
            raise InputError("a tree splits by a unit that is not there")
        values = [leaf.value for leaf in leaves(tree)]
        if not model.limits and not all(0 <= place < answers for place in values):
            raise InputError("a leaf gives a label that is not there")


def _check_scores(
    model: RuleModel, scores: ClassScores, inputs: Sequence[Scalar], answers: int
) -> None:
    """Refuse sums that do not fit so many answers and the inputs."""
    if model.trees or model.limits or len(scores.classes) != answers or answers < 2:
        raise InputError("its sums of classes are not one a label, or stand beside trees")
    if any(not 0 <= column < len(inputs) or inputs[column].levels for column in scores.columns):
        raise InputError("a sum adds up a column that is not there, or levels")
    if any(not 0 <= place < len(model.units) for place in scores.units):
        raise InputError("a sum adds up a unit that is not there")
    if not scores.worth > 0 or not 0 < scores.least < 1 / answers:
        raise InputError("its sums of classes give no probabilities")


def _reads(unit: RuleUnit, scalar: Scalar) -> bool:
    """Whether a unit can read such a column: numbers, or some of its levels."""
    match unit:
        case Among(_, levels):
            return bool(scalar.levels) and all(0 <= k < len(scalar.levels) for k in levels)
        case Missing():
            return True
        case _:
            return not scalar.levels


def model_data(model: RuleModel) -> list[Any]:
    """Units, trees and head as they stand in a file; without scores as in older files."""
    parts: list[Any] = _CODEC.plain(model, RuleModel)
    return parts if model.scores is not None else parts[:-1]


def layout_data(layout: TableLayout) -> list[Any]:
    """How a table is written as it stands in a file; without dates as in older files."""
    parts: list[Any] = _CODEC.plain(layout, TableLayout)
    return parts if layout.dates else parts[:-1]


def read_layout(part: Any) -> TableLayout:
    """The layout of a file; :class:`InputError` where it is none."""
    layout: TableLayout = _CODEC.read(part, TableLayout, "table")
    if not all(kind in PARTS for _, _, kind in layout.dates):
        raise InputError("its table has a part of dates that is not known")
    return layout


def scalar_data(scalar: Scalar) -> list[Any]:
    """A column as it stands in a file."""
    ends = [float(scalar.domain.low), float(scalar.domain.high)]
    parts = [scalar.name, *ends, scalar.title, list(scalar.levels), scalar.optional]
    return [*parts, True] if scalar.open else parts


def read_scalar(part: Any, kinds: tuple[type, ...] = _LEVELS) -> Scalar:
    """The column of a file; ``ValueError`` where it is none, or its levels are of other kinds."""
    name, low, high, title, levels, optional, *more = part  # older files have no more
    if (
        more not in ([], [True])
        or (more and not levels)
        or not isinstance(name, str)
        or identifier(name) != name
        or type(optional) is not bool
    ):
        raise ValueError
    if not isinstance(title, str) or len(title) > _LONGEST_TITLE or not isinstance(levels, list):
        raise ValueError
    if any(type(one) not in kinds for one in levels) or len(set(levels)) < len(levels):
        raise ValueError
    if type(low) not in (int, float) or type(high) not in (int, float) or not low <= high:
        raise ValueError
    if levels and (low, high) != (0, len(levels) - 1):
        raise ValueError
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError
    domain = Reals(float(low), float(high))
    return Scalar(name, domain, title, tuple(levels), optional, bool(more))
