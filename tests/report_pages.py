"""Pages to look at: one result of each kind, and a reader of pages that notes what is wrong."""

from __future__ import annotations

import shutil
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from gallery import OUTPUTS

import deepdistill as dd
from deepdistill.command.reporting import report_folder
from deepdistill.data.tables import NumberTable
from deepdistill.result import Result
from deepdistill.run import fit_table

GALLERY = ("life", "rule30", "argmax", "is_symmetric", "binary_addition", "palindrome", "maxsat")
MADE = ("line", "rows_over_two")
VOID = {"meta", "br", "hr", "img", "input", "link", "path", "rect", "circle"}


@cache
def page(name: str) -> str:
    """The report of a result of the gallery, or of one that is made here."""
    if name == "line":
        return line().report
    if name == "rows_over_two":
        return rows_over_two().report
    return report_folder(OUTPUTS / name)


def line(
    titles: tuple[str, str] = ("speed", "wind"), target: str = "way", name: str = "line"
) -> Result:
    """A plane through a table of 40 rows, found in no time."""
    x = np.random.default_rng(0).uniform(1, 3, (40, 2)).round(2)
    table = NumberTable(titles, x, target, 2 * x[:, 0] - 3 * x[:, 1])
    return fit_table(table, name=name, backend="sparse", budget=0)


@cache
def rows_over_two() -> dd.Result:
    """How many rows of a picture hold more than two ones, as networks of two sizes."""

    def network(n: int) -> list[tuple[np.ndarray, np.ndarray]]:
        rows = np.kron(np.eye(n), np.ones(n)).T
        return [(rows, np.full(n, -2.5)), (np.ones((n, 1)), np.zeros(1))]

    return dd.condense_network(
        network(5),
        (5, 5),
        hidden="step",
        head="linear",
        name="rows_over_two",
        second=(network(4), (4, 4)),
    )


def copied(name: str, folder: Path) -> Path:
    """A folder of the gallery that a test may change."""
    return Path(shutil.copytree(OUTPUTS / name, folder / name))


class Reader(HTMLParser):
    """Elements in order with their attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inside: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.unbalanced: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.inside.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.inside or self.inside.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append((self.inside[-1] if self.inside else "", data))

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.elements if name == tag]

    def all_text(self) -> str:
        return "".join(text for where, text in self.texts if where not in ("style", "script"))
