"""Solvers of texts: texts stay as they are where all that is done to them allows it."""

from __future__ import annotations

import pytest

from deepdistill.ir.parse import parse_program
from deepdistill.target.composed_source import composed_solver
from deepdistill.target.source import Provenance

WORD = 'word: sequence of 0..1 as ("a", "b")'
TEXT = ': sequence of 0..1 as ("a", "b")'
TRUTH = ":  of 0..1 as (False, True)"


def solver(output: str, body: str) -> str:
    program = parse_program(f"f({WORD}) -> answer{output}\n  answer = {body}")
    return composed_solver(program, Provenance("pairs"))


@pytest.mark.parametrize(
    ("output", "body", "line", "given", "answer"),
    [
        (TEXT, "reversed(word)", "return word[::-1]", "aab", "baa"),
        (TEXT, "joined(word, reversed(word))", "return word + word[::-1]", "ab", "abba"),
        (TRUTH, "same(word, reversed(word))", "return word[::-1] == word", "aba", True),
        (TRUTH, "contains(word, (0, 1))", '"ab" in word', "bba", False),
        (":  of 0..9", "count(word, 1)", 'return word.count("b")', "abb", 2),
    ],
)
def test_texts_stay(output: str, body: str, line: str, given: str, answer: object) -> None:
    code = solver(output, body)
    space: dict[str, object] = {"__name__": "solver"}
    exec(code, space)
    assert space["f"](given) == answer  # type: ignore[operator]
    assert line in code or answer in (True, False)
    assert '"".join' not in code and "list(_letters" not in code


@pytest.mark.parametrize(
    ("output", "body", "given", "answer"),
    [
        (TEXT, "sorted(word)", "bab", "abb"),
        (TEXT, "joined(word, sorted(word))", "ba", "baab"),
        (TEXT, "joined(single(0), word)", "b", "ab"),
        (TRUTH, "same(sorted(word), word)", "ab", True),
        (TEXT, "[x for x in word if (x == 0)]", "aba", "aa"),
    ],
)
def test_where_they_are_mixed_with_lists_they_are_lists(
    output: str, body: str, given: str, answer: object
) -> None:
    space: dict[str, object] = {"__name__": "solver"}
    exec(solver(output, body), space)
    assert space["f"](given) == answer  # type: ignore[operator]


def test_one_solver_changes_no_other() -> None:
    """Trees of templates are shared: what is joined in one program is not in the next."""
    body = (
        "\n  answer[i] for each position of word:\n    own = word[i]\n    (own if (own > 0) else 2)"
    )
    numbers, letters = "sequence of 0..2", 'sequence of 0..2 as ("a", "b", "c")'
    plain, text = (
        parse_program(f"f(word: {kind}) -> answer: {kind}{body}") for kind in (numbers, letters)
    )
    before = composed_solver(plain, Provenance("pairs"))
    assert 'return "".join(answer)' in composed_solver(text, Provenance("pairs"))
    assert composed_solver(plain, Provenance("pairs")) == before
