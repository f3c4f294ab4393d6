"""Programs of characters and names of classes: what is printed, and that it means the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from deepdistill.forms.composed.values import case_codes
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.parse import parse_program
from deepdistill.ir.program import Program
from deepdistill.ir.spec import check
from deepdistill.ir.types import Port
from deepdistill.target.composed_source import composed_solver, composed_test
from deepdistill.target.source import Provenance
from deepdistill.target.spelt import spelt

ABC = '0..2 as ("a", "b", "c")'
HEAD = f"rule(word: sequence of {ABC}) -> answer: "
TEXT, NUMBER, NUMBERS = f"sequence of {ABC}", " of 0..99", "sequence of 0..99"
YES = ' of 0..1 as ("no", "yes")'
UNSORTED = '0..1 as ("z", "a")'
CLASS = '0..2 as ("low", "mid", "high")'
PICTURE = "grid grid of 0..2 as (5, 7, 9)"
EACH = "\n  answer[i] for each position of word:\n    "
CELLS = "\n  answer[i, j] for each position of picture:\n    "
CARRIED = "\n  steps[] for each letter of word:\n    first "

PROGRAMS: Mapping[str, tuple[str, str]] = {
    "a map of places": (
        f"{HEAD}{TEXT}{EACH}((word[i] + 1) % 3)",
        'return "".join("abc"[("abc".index(word[i]) + 1) % 3] for i in range(n))',
    ),
    "a map of letters": (
        f"{HEAD}{TEXT}{EACH}(word[i] if (word[i] != 1) else 2)",
        'return "".join(word[i] if word[i] != "b" else "c" for i in range(n))',
    ),
    "a map with a name": (
        f"{HEAD}{TEXT}{EACH}own = word[i]\n    (own if (own > 0) else 2)",
        'answer.append(own if own > "a" else "c")',
    ),
    "a map to numbers": (
        f"{HEAD}{NUMBERS}{EACH}(word[i] + 3)",
        'return ["abc".index(word[i]) + 3 for i in range(n)]',
    ),
    "beyond the border is the number 0": (
        f"{HEAD}{TEXT}{EACH}word[(i + 1)]",
        '("a", "b", "c")[place] for place in (word[i + 1] if i + 1 < n else 0 ',
    ),
    "filled places": (
        f"{HEAD}{TEXT}\n  answer[i] for size 0 of word: (2 - word[i])",
        "[place] for place in (2 - value for value in word))",
    ),
    "the first letter": (
        f"{HEAD} of {ABC}\n  answer = (the first word[k] for 0 <= k < size 0 of word with "
        "(word[k] != 0))",
        'for value in word: if value != "a": return value',
    ),
    "the first place": (
        f"{HEAD}{NUMBER}\n  answer = (the first k for 0 <= k < size 0 of word with (word[k] == 2))",
        'for k, value in enumerate(word): if value == "c": return k',
    ),
    "neighbours": (
        f"{HEAD}{TEXT}\n  answer = [y for x, y in zip(word, suffix(word, 1)) if (x < y)]",
        'return "".join(y for x, y in zip(word, word[1:]) if x < y)',
    ),
    "places": (
        f"{HEAD}{NUMBERS}\n  answer = [k for k, x in enumerate(word) if (x == 1)]",
        'return [k for k, x in enumerate(word) if x == "b"]',
    ),
    "letters at odd places": (
        f"{HEAD}{TEXT}\n  answer = [x for k, x in enumerate(word) if ((k % 2) == 1)]",
        'return "".join(x for k, x in enumerate(word) if k % 2 == 1)',
    ),
    "a range of places": (
        f"{HEAD}{NUMBERS}\n  answer = [k for k in range(length(word))]",
        "return list(range(len(word)))",
    ),
    "counted letters": (
        f"{HEAD}{NUMBER}\n  answer = (count(word, 1) - count(word, 2))",
        'return word.count("b") - word.count("c")',
    ),
    "the place of a letter": (f"{HEAD}{NUMBER}\n  answer = position(word, 0)", 'word.index("a")'),
    "one of some letters": (
        f"{HEAD}{NUMBER}\n  answer = total([1 for x in word if (x in (0, 2))])",
        'return sum(1 for x in word if x in "ac")',
    ),
    "letters of another text": (
        f"rule(word: sequence of {ABC}, other: sequence of {ABC}) -> answer: {YES}\n"
        "  answer = int((total([1 for x in word if (x in other)]) == length(word)))",
        'return "yes" if sum(1 for x in word if x in other) == len(word) else "no"',
    ),
    "a part of a text": (
        f"{HEAD}{YES}\n  answer = int(contains(word, (0, 2)))",
        'return "yes" if "ac" in word else "no"',
    ),
    "the greatest letter": (f"{HEAD} of {ABC}\n  answer = maximum(word)", "return max(word)"),
    "all but the least": (
        f"{HEAD}{TEXT}\n  low = minimum(word)\n  answer = [x for x in word if (x != low)]",
        'low = min(word)\n    return "".join(x for x in word if x != low)',
    ),
    "letters in order": (f"{HEAD}{TEXT}\n  answer = sorted(word)", 'return "".join(sorted(word))'),
    "places in order": (
        f"rule(word: sequence of {UNSORTED}) -> answer: sequence of {UNSORTED}\n"
        "  answer = sorted(word)",
        '"za"[place] for place in sorted("za".index(letter) for letter in word)',
    ),
    "the greatest place": (
        f"rule(word: sequence of {UNSORTED}) -> answer:  of {UNSORTED}\n  answer = maximum(word)",
        'return "a" if max("za".index(letter) for letter in word) == 1 else "z"',
    ),
    "letters compared by place": (
        f"rule(word: sequence of {UNSORTED}) -> answer: {NUMBER}\n"
        "  answer = total([1 for x, y in zip(word, suffix(word, 1)) if (x < y)])",
        'if "za".index(x) < "za".index(y)',
    ),
    "the sum of places": (
        f"{HEAD}{NUMBER}\n  answer = sum(word[j] for 0 <= j < size 0 of word)",
        'return sum("abc".index(value) for value in word)',
    ),
    "an even sum": (
        f"{HEAD}{YES}\n  answer = ((1 - total(word)) % 2)",
        'return "yes" if not sum("abc".index(letter) for letter in word) % 2 else "no"',
    ),
    "an even sum, told otherwise": (
        f"{HEAD}{YES}\n  answer = ((total(word) + 1) % 2)",
        'return "yes" if not sum("abc".index(letter) for letter in word) % 2 else "no"',
    ),
    "an odd sum": (
        f"{HEAD}{YES}\n  answer = (total(word) % 2)",
        'return "yes" if sum("abc".index(letter) for letter in word) % 2 == 1 else "no"',
    ),
    "a class by its place": (
        f"{HEAD} of {CLASS}\n  answer = (total(word) % 3)",
        'return ("low", "mid", "high")[sum("abc".index(letter) for letter in word) % 3]',
    ),
    "letters turned": (
        f"{HEAD}{TEXT}\n  answer = [((x + 1) % 3) for x in word]",
        'return "".join("abc"[("abc".index(x) + 1) % 3] for x in word)',
    ),
    "digits": (
        'rule(word: sequence of 0..3 as ("0", "1", "2", "3")) -> answer: '
        f"{NUMBER}\n  answer = total(word)",
        "return sum(int(letter) for letter in word)",
    ),
    "a number for each letter": (
        f"{HEAD}{NUMBER}\n  answer = total([(4, 0, 7)[x] for x in word])",
        'return sum({"a": 4, "b": 0, "c": 7}[x] for x in word)',
    ),
    "a letter appended": (
        f"{HEAD}{TEXT}\n  answer = joined(word, single(1))",
        'return word + "b"',
    ),
    "a list of letters": (
        f"{HEAD}{TEXT}\n  answer = list(2, item(word, 0))",
        'return "c" + word[0]',
    ),
    "the last but one": (
        f"{HEAD} of {ABC}\n  answer = item(word, -2)",
        "has a length below 2",
    ),
    "a share of the length": (
        f"{HEAD}{NUMBER}\n  answer = (7 // length(word))",
        "there is no answer: word is empty",
    ),
    "the last two": (
        f"{HEAD}{NUMBER}\n  answer = total(suffix(word, -2))",
        'return sum("abc".index(letter) for letter in word[-2:])',
    ),
    "a carried letter": (
        f"{HEAD}{TEXT}\n  answer[] for each letter of word:\n    first last = 0\n"
        "    last = letter\n    last",
        "last = letter\n        answer.append(last)",
    ),
    "a carried least": (
        f"{HEAD}{NUMBER}{CARRIED}least = 2\n    least = min(least, letter)\n    nothing\n"
        "  answer = least",
        'least = min(least, "abc".index(letter))',
    ),
    "a class given": (
        f"rule(kind:  of {CLASS}, number:  of 0..9) -> answer: {NUMBER}\n"
        "  answer = (number if (kind == 1) else (2 * number))",
        'return number if kind == "mid" else 2 * number',
    ),
    "a picture of symbols": (
        f"rule(picture: {PICTURE}) -> answer: {PICTURE}{CELLS}"
        "(2 if (picture[i, j] == 1) else picture[i, j])",
        "[9 if picture[i][j] == 7 else picture[i][j] for j in range(columns)]",
    ),
    "a picture beyond its border": (
        f"rule(picture: {PICTURE}) -> answer: {PICTURE}{CELLS}picture[i, (j + 1)]",
        "[(5, 7, 9)[place] for place in row]",
    ),
    "symbols beyond the border": (
        "rule(word: sequence of 0..2 as (5, 7, 9)) -> answer: sequence of 0..2 as (5, 7, 9)"
        f"{EACH}word[(i - 1)]",
        "(5, 7, 9)[place] for place in [word[i - 1] if i > 0 else 0 for i in range(n)]",
    ),
}  # fmt: skip


def arguments(port: Port) -> list[Any]:
    """A few arguments as users write them."""
    one: list[Any] = [*port.symbols] or [*range(port.domain.low, port.domain.high + 1)][:4]
    if not port.axes:
        return one
    if len(port.axes) == 2:
        return [[[a, b], [c, a], [b, b]] for a, b, c in itertools.product(one, repeat=3)]
    lists = [list(row) for n in range(4) for row in itertools.product(one, repeat=n)]
    return ["".join(row) for row in lists] if port.is_text else lists


def answers(program: Program, solve: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Arguments, what the program means and what its solver says; None where there is no answer."""
    names = [port.name for port in program.inputs]
    columns = [arguments(port) for port in program.inputs]
    for k, given in enumerate(itertools.product(*columns)):
        if len(columns) > 1 and k % 7:
            continue
        case = case_codes(program.inputs, dict(zip(names, given, strict=True)))
        means, says = None, None
        try:
            means = case.written(program.output, evaluate(program, case.codes))
        except (ValueError, LookupError, ArithmeticError):
            with pytest.raises(ValueError, match="there is no answer"):
                solve(*given)
            continue
        says = solve(*given)
        yield given, means, says


def squeezed(text: str) -> str:
    return "".join(text.split())  # a long line is broken


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_printed_means_the_same(name: str) -> None:
    text, printed = PROGRAMS[name]
    program = parse_program(text)
    assert str(program) == text
    check(program, "composed")
    code = composed_solver(program, Provenance("pairs"))
    assert squeezed(printed) in squeezed(code), code
    space: dict[str, Any] = {"__name__": "solver"}
    exec(compile(code, "solver", "exec"), space)
    told = list(answers(program, space["solve"]))
    assert len({repr(means) for _, means, _ in told}) > 1
    for given, means, says in told:
        assert says == means, given


def test_values_are_shown_as_their_users_write_them() -> None:
    program = parse_program(
        f"{HEAD}{NUMBER}\n  low = minimum(word)\n  rest = [x for x in word if (x != low)]\n"
        "  answer = length(rest)"
    )
    spelling = spelt(program)
    assert spelling.spelled("low", 1) == "b" and spelling.spelled("rest", [2, 1]) == "cb"
    assert spelling.spelled("rest", []) == [] and spelling.spelled("answer", 2) == 2
    assert spelling.spelled("low", 7) == 7  # no place of a symbol


@pytest.mark.parametrize(
    ("inputs", "drawn"),
    [
        (f"word: sequence of {ABC}", "'abc'"),
        (f"kind:  of {CLASS}", "('low', 'mid', 'high')"),
        ("number:  of -3..4", "range(-3, 5)"),
    ],
)
def test_the_test_beside_a_solver_draws_what_its_inputs_hold(inputs: str, drawn: str) -> None:
    name = inputs.partition(":")[0]
    program = parse_program(f"rule({inputs}) -> answer:  of 0..9\n  answer = 3")
    longest = [(5,)] if name == "word" else [()]
    test = composed_test(program, Provenance("pairs"), longest)
    assert drawn in test.replace('"', "'")
