"""Trained dense networks on a page: the first of them, examples, accuracy by size."""

from __future__ import annotations

from ...drawing.accuracy import accuracy_parts
from ...drawing.examples import array_scenes
from ...drawing.parts import Figure, Part
from ..subject import Subject
from . import scenes as dense_scenes
from .sized import SizedNetwork


def picture(network: SizedNetwork) -> Figure:
    """The network of the first size, and the sizes of the others."""
    first = dense_scenes.picture(network.networks[0])
    sizes = " and ".join(" × ".join(map(str, size)) for size in network.sizes)
    more = f"There is one such network for each of the sizes {sizes}."
    return Figure(first.body, f"{first.caption} {more}")


def scenes(subject: Subject) -> list[Part]:
    """A few inputs with what the program's named variables are for them, and the answers."""
    return array_scenes(subject.task, subject.solve, subject.program, subject.seed)


def quality(subject: Subject) -> list[Part]:
    """The share of answers that are right, by the size of the input."""
    return accuracy_parts(subject.task, subject.name, subject.solve, subject.seed)
