"""What the codec of networks writes is read back; anything else is refused by its place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepdistill.data.problem import InputError
from deepdistill.units.codec import Codec


@dataclass(frozen=True, slots=True)
class Age:
    """A reading with two fields."""

    column: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Level:
    """Another one, of a column of text."""

    column: str
    among: tuple[int, ...]
    side: Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Readings with signs, and a limit or none."""

    wanted: tuple[tuple[Age | Level, bool], ...]
    limit: int | None


CODEC = Codec(1000, {Level: "category"})
SMALL = st.integers(-1000, 1000)
AGES = st.builds(Age, st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False))
LEVELS = st.builds(
    Level, st.text(max_size=3), st.lists(SMALL).map(tuple), st.sampled_from(["in", "out"])
)
RULES = st.builds(
    Rule,
    st.lists(st.tuples(AGES | LEVELS, st.booleans()), max_size=3).map(tuple),
    st.none() | SMALL,
)


@given(RULES)
def test_what_is_read_is_what_was_written(rule: Rule) -> None:
    text = json.dumps(CODEC.plain(rule, Rule))
    assert CODEC.read(json.loads(text), Rule, "rule") == rule


def test_one_class_is_a_list_and_one_of_several_has_a_tag() -> None:
    rule = Rule(((Level("cab", (0, 2), "in"), True), (Age("age"), False)), None)
    assert CODEC.plain(rule, Rule) == [
        [[["category", "cab", [0, 2], "in"], True], [["age", "age", 1.0], False]],
        None,
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([[], 1001], "its rule.limit holds a value that is not a usable integer"),
        ([[], True], "its rule.limit holds a value that is not a usable integer"),
        ([[]], "its rule is of an unknown kind"),
        ("rule", "its rule is of an unknown kind"),
        ([{}, 1], "its rule.wanted are not a list"),
        ([[[]], 1], "its rule.wanted[0] is of an unknown kind"),
        ([[[["level", "cab", [], "in"], True]], 1], "its rule.wanted[0][0] is of an unknown kind"),
        ([[[["age", "age", "1"], True]], 1], "its rule.wanted[0][0].scale is of an unknown kind"),
        ([[[["age", "age", 10**400], True]], 1], "wanted[0][0].scale is of an unknown kind"),
        ([[[["age", 7, 1.0], True]], 1], "its rule.wanted[0][0].column is of an unknown kind"),
        ([[[["category", "a", [], "by"], True]], 1], "wanted[0][0].side is of an unknown kind"),
        ([[[["category", "a", [], ["in"]], 1]], 1], "wanted[0][0].side is of an unknown kind"),
        ([[[["age", "age", 1.0], 1]], 1], "its rule.wanted[0][1] is of an unknown kind"),
        ([[0] * 10_001, 1], "it has too many rule.wanted"),
    ],
)
def test_what_cannot_stand_there_is_refused_by_its_place(data: Any, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        CODEC.read(data, Rule, "rule")
    assert sentence in str(error.value)
