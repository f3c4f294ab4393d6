"""Lists and pictures on a page: features and units, examples, accuracy by size."""

from __future__ import annotations

from ...drawing.accuracy import accuracy_parts
from ...drawing.examples import array_scenes
from ...drawing.items import items_picture
from ...drawing.parts import Figure, Part
from ...units.items import ItemNetwork
from ..subject import Subject


def picture(network: ItemNetwork) -> Figure:
    """Features, units and the answer."""
    return items_picture(network)


def scenes(subject: Subject) -> list[Part]:
    """A few inputs with what the program's named variables are for them, and the answers."""
    return array_scenes(subject.task, subject.solve, subject.program, subject.seed)


def quality(subject: Subject) -> list[Part]:
    """The share of answers that are right, by the size of the input."""
    return accuracy_parts(subject.task, subject.name, subject.solve, subject.seed)
