"""What stands before a model in a pipeline, as what its features are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....data.labelled import TableColumn
from ....units.teachers import ModelFeature, VotingTrees
from .reading import NotExact
from .trees import voting_trees


def read_votes(model: Any, columns: Sequence[TableColumn]) -> tuple[VotingTrees, Any]:
    """The trees of a model over the columns of a table, and its classes.

    Raises :class:`NotExact`.
    """
    features = [_feature(k, column) for k, column in enumerate(columns)]
    return voting_trees(model, features), model.classes_


def _feature(place: int, column: TableColumn) -> ModelFeature:
    """A column as a model reads it itself: numbers, and truths as 0 and 1."""
    if not column.levels:
        return ModelFeature(place)
    if column.levels == (False, True):
        return ModelFeature(place, (0.0, 1.0))
    raise NotExact(f"the column {column.title!r:.40} holds text, which it cannot read itself")
