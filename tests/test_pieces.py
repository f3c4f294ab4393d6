"""Pieces of solvers: modules of the package, read as text without their types."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path
from typing import Any

import pytest

from deepdistill.target import pieces
from deepdistill.target.pieces import import_lines, piece
from deepdistill.target.specialised import specialised

TYPED = '''"""A module."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from heapq import heappop

from .other import thing

LIMIT: int = 2**5  # of all


def one(
    numbers: Sequence[int],
    *rest: int,
    tell: Callable[[int], object] | None = None,
    **more: dict[str, int],
) -> list[int]:
    """What it does."""
    found: list[int]
    found, kept = [], 1  # both
    other: int = heappop(list(numbers))
    return [*found, kept, other]


# Of two.


class Two:
    """A class."""

    def __init__(self, x: int) -> None:
        self.x: int = x


def three() -> str:
    return thing
'''
PLAIN = '''def one(numbers, *rest, tell=None, **more):
    """What it does."""
    found, kept = [], 1  # both
    other = heappop(list(numbers))
    return [*found, kept, other]


# Of two.


class Two:
    """A class."""

    def __init__(self, x):
        self.x = x


def three():
    return thing
'''


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "typed.py").write_text(TYPED)
    (tmp_path / "accents.py").write_text("X = '\u00e9'\n")
    monkeypatch.setattr(pieces, "files", lambda package: tmp_path)
    pieces._untyped.cache_clear()


def black(text: str) -> str:
    from black import format_str
    from black.mode import Mode

    return format_str(text, mode=Mode())


@pytest.mark.usefixtures("typed")
def test_types_docstring_and_imports_go_and_comments_stay() -> None:
    found = piece("typed")
    assert black(found.definitions) == PLAIN
    assert found.constants == "LIMIT = 2**5  # of all"
    assert import_lines([found]) == "from heapq import heappop"


@pytest.mark.usefixtures("typed")
def test_what_is_found_is_set_in() -> None:
    found = piece(
        "typed", {"LIMIT": "7"}, {"three": ["if 1:", "    return 2", "return 3"]}, {"one": "uno"}
    )
    assert found.constants.startswith("LIMIT = 7  # of all")
    tree = ast.parse(found.definitions)
    first, _, third = tree.body
    assert isinstance(first, ast.FunctionDef) and first.name == "uno"
    assert ast.unparse(third) == "def three():\n    if 1:\n        return 2\n    return 3"


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize(
    "given", [({"three": "1"},), (None, {"LIMIT": []}), (None, None, {"four": "five"})]
)
def test_what_a_piece_does_not_define_is_refused(given: tuple[dict[str, str], ...]) -> None:
    with pytest.raises(KeyError, match="typed does not define (three|LIMIT|four)"):
        piece("typed", *given)  # type: ignore[arg-type]


SPECIAL = """FIRST = True  # of all
SECOND = True


def one(name, low, values):
    if FIRST:
        # told
        count = low if (SECOND and name) else 9
        for part in values:
            count += 1
    elif SECOND:
        count = two(low, values)
    else:
        count = (3 if SECOND else 4) * 5
    if name:
        count += 1
    elif not FIRST:
        count += 2
    elif low or (FIRST and SECOND):
        count += 3
    else:
        count += 4
    return two(values, (low if FIRST else values))
"""


@pytest.mark.parametrize(
    "first, second, without, text",
    [
        (
            True, True, ["values"],
            "def one(name, low):\n    # told\n    count = low if name else 9\n"
            "    for _ in values:\n        count += 1\n    if name:\n        count += 1\n"
            "    else:\n        count += 3\n    return two(low)\n",
        ),
        (
            False, True, ["low"],
            "def one(name, values):\n    count = two(values)\n    if name:\n        count += 1\n"
            "    else:\n        count += 2\n    return two(values, values)\n",
        ),
        (
            False, False, [],
            "def one(name, low, values):\n    count = 4 * 5\n    if name:\n        count += 1\n"
            "    else:\n        count += 2\n    return two(values, values)\n",
        ),
    ],
)  # fmt: skip
def test_what_never_happens_is_left_out(
    first: bool, second: bool, without: list[str], text: str
) -> None:
    special = specialised(SPECIAL, {"FIRST": first, "SECOND": second}, without)
    assert black(special) == text


def test_a_special_text_does_what_the_whole_does() -> None:
    """With the same names known, whatever is given."""
    for first, second in itertools.product((True, False), repeat=2):
        text = specialised(SPECIAL, {"FIRST": first, "SECOND": second})
        results = []
        for source in (text, SPECIAL):
            names: dict[str, Any] = {"two": lambda *args: sum(map(len, map(str, args)))}
            exec(source, names)
            names |= {"FIRST": first, "SECOND": second}
            given = itertools.product((0, 1), (0, 7), ("", "abc"))
            results.append([names["one"](a, b, list(c)) for a, b, c in given])
        assert results[0] == results[1]


@pytest.mark.usefixtures("typed")
def test_positions_are_counted_in_letters_of_ascii() -> None:
    with pytest.raises(ValueError, match="other letters than those of ASCII"):
        piece("accents")
