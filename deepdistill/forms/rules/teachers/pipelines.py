"""What stands before a model in a pipeline, as what its features are made of: scalers, encoders.

A step is read where it does one thing to each column that never falls where the column grows, or
turns its levels into numbers. Nothing is worked out beforehand: the features keep the arithmetic of
the steps, and so the rounding of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ....data.row_columns import TableColumn
from ....units.teachers import FeatureStep, ModelFeature, StepName, VotingTrees
from .reading import NotExact
from .trees import voting_trees


@dataclass(frozen=True, slots=True, eq=False)
class PipelineColumn:
    """A column of the table as a step is given it, before anything was done to its values."""

    place: int
    column: TableColumn

    def number(self) -> ModelFeature:
        """As a model reads it itself: numbers, and truths as 0 and 1."""
        if not self.column.levels:
            return ModelFeature(self.place)
        if self.column.levels == (False, True):
            return ModelFeature(self.place, (0.0, 1.0))
        raise NotExact(
            f"the column {self.column.title!r:.40} holds text, which it cannot read itself"
        )


Made = PipelineColumn | ModelFeature


def read_votes(model: Any, columns: Sequence[TableColumn]) -> tuple[VotingTrees, Any]:
    """The trees of a model over the columns of a table, and its classes.

    Raises :class:`NotExact`.
    """
    made: list[Made] = [PipelineColumn(k, column) for k, column in enumerate(columns)]
    while _name(model) == "Pipeline":
        *steps, (_, last) = model.steps
        for _, step in steps:
            made = _passed(step, made)
        model = last
    return voting_trees(model, [_number(one) for one in made]), getattr(model, "classes_", ())


def _name(step: Any) -> str:
    """The name of a class of scikit-learn; that of any other one in brackets."""
    kind = type(step)
    own = kind.__module__.split(".")[0] == "sklearn" and "transform" not in vars(step)
    return kind.__name__ if own else f"({kind.__name__})"


def _number(one: Made) -> ModelFeature:
    return one.number() if isinstance(one, PipelineColumn) else one


def _passed(step: Any, made: Sequence[Made]) -> list[Made]:
    """What a step makes of columns."""
    if step is None or isinstance(step, str):
        return [] if step == "drop" else [*made]
    name = _name(step)
    if name == "Pipeline":
        columns = [*made]
        for _, one in step.steps:
            columns = _passed(one, columns)
        return columns
    if name == "ColumnTransformer":
        places = step._transformer_to_input_indices
        return [
            one
            for title, part, _ in step.transformers_
            for one in _passed(part, [made[k] for k in places[title]])
        ]
    if name == "FunctionTransformer" and step.func is None:
        return [*made]
    if name in _SELECTORS:
        return [made[k] for k in step.get_support(indices=True)]
    if name not in _READERS:
        raise NotExact(f"it stands behind a {name.strip('()')}")
    return _READERS[name](step, made)


def _with(made: Sequence[Made], *steps: tuple[StepName, Any]) -> list[Made]:
    """The columns after operations with one number for each of them."""
    features: list[Made] = []
    for k, one in enumerate(made):
        more = [FeatureStep(name, float(numbers[k])) for name, numbers in steps
                if numbers is not None]  # fmt: skip
        if any(s.number <= 0 for s in more if s.name in ("multiply", "divide")):
            raise NotExact("a scale is not positive")
        feature = _number(one)
        features.append(replace(feature, steps=(*feature.steps, *more)))
    return features


def _standard(step: Any, made: Sequence[Made]) -> list[Made]:
    mean = step.mean_ if step.with_mean else None
    return _with(made, ("subtract", mean), ("divide", step.scale_ if step.with_std else None))


def _range(step: Any, made: Sequence[Made]) -> list[Made]:
    if step.clip:
        raise NotExact("a scaler clips its columns")
    return _with(made, ("multiply", step.scale_), ("add", step.min_))


def _largest(step: Any, made: Sequence[Made]) -> list[Made]:
    if getattr(step, "clip", False):
        raise NotExact("a scaler clips its columns")
    return _with(made, ("divide", step.scale_))


def _robust(step: Any, made: Sequence[Made]) -> list[Made]:
    center = step.center_ if step.with_centering else None
    return _with(made, ("subtract", center), ("divide", step.scale_ if step.with_scaling else None))


def _filled(step: Any, made: Sequence[Made]) -> list[Made]:
    """Missing values become a number; after a scaler that number is one of its own."""
    if step.add_indicator or not (
        isinstance(step.missing_values, float) and np.isnan(step.missing_values)
    ):
        raise NotExact("a SimpleImputer does more than to fill in")
    features: list[Made] = []
    for one, value in zip(made, step.statistics_.tolist(), strict=True):
        feature = _number(one)
        if isinstance(value, str) or not np.isfinite(value):
            raise NotExact("a SimpleImputer fills in no number")
        if feature.steps or feature.fill is not None:
            raise NotExact("a SimpleImputer stands behind another step")
        features.append(replace(feature, fill=float(value)))
    return features


def _one_hot(step: Any, made: Sequence[Made]) -> list[Made]:
    if any(one is not None for one in getattr(step, "infrequent_categories_", None) or ()):
        raise NotExact("a OneHotEncoder puts rare levels together")
    left_out = step.drop_idx_ if step.drop_idx_ is not None else [None] * len(made)
    features: list[Made] = []
    for one, categories, drop in zip(made, step.categories_, left_out, strict=True):
        column = _levels_of(one)
        for k, category in enumerate(categories.tolist()):
            if k != drop:
                marks = tuple(float(_same(level, category)) for level in column.column.levels)
                features.append(ModelFeature(column.place, marks, float(_gone(category))))
    return features


def _ordinal(step: Any, made: Sequence[Made]) -> list[Made]:
    codes: list[Made] = []
    for one, categories in zip(made, step.categories_, strict=True):
        column, listed = _levels_of(one), categories.tolist()
        numbers = []
        for level in column.column.levels:
            places = [k for k, category in enumerate(listed) if _same(level, category)]
            if not places and not np.isfinite(float(step.unknown_value or 0)):
                raise NotExact("an OrdinalEncoder makes levels missing that it does not know")
            numbers.append(float(places[0] if places else step.unknown_value or 0))
        gone = _gone_number(step, listed)
        codes.append(ModelFeature(column.place, tuple(numbers), None if np.isnan(gone) else gone))
    return codes


def _gone_number(step: Any, listed: Sequence[Any]) -> float:
    """What an OrdinalEncoder makes of a missing value: to it None is a level, NaN is none."""
    places = [k for k, category in enumerate(listed) if _gone(category)]
    if len(places) > 1:
        raise NotExact("an OrdinalEncoder tells None from NaN")
    if not places:
        return np.nan if step.unknown_value is None else float(step.unknown_value)
    (place,) = places
    return float(place if listed[place] is None else step.encoded_missing_value)


def _levels_of(one: Made) -> PipelineColumn:
    if not isinstance(one, PipelineColumn) or not one.column.levels:
        raise NotExact("an encoder reads a column of numbers")
    return one


def _same(level: Any, category: Any) -> bool:
    return not _gone(category) and type(level)(category) == level


def _gone(category: Any) -> bool:
    return category is None or category != category


_SELECTORS = ("VarianceThreshold", "SelectKBest", "SelectPercentile", "SelectFromModel", "RFE")
_READERS: Mapping[str, Callable[[Any, Sequence[Made]], list[Made]]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": _range,
    "MaxAbsScaler": _largest,
    "RobustScaler": _robust,
    "SimpleImputer": _filled,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _ordinal,
}
