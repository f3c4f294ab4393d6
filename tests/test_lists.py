"""Lists of their own lengths, and loops that carry: text, meaning and Python agree."""

from __future__ import annotations

import pytest

from deepdistill.ir.compiled import compiled
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.parse import parse_program
from deepdistill.ir.program_length import program_bits
from deepdistill.ir.spec import check
from deepdistill.target.body import function_body
from deepdistill.target.lower import Lowering

PROGRAMS = {
    "balanced": (
        """balanced(word: sequence of 0..1 as ("a", "b")) -> answer:  of 0..1 as ("no", "yes")
  steps[] for each letter of word:
    first depth = 0
    first fine = 1
    depth = ((depth + 1) if (letter == 0) else (depth - 1))
    fine = (fine and (depth >= 0))
    nothing
  answer = int((fine and (depth == 0)))""",
        ([0, 0, 1, 1], 1),
        ([1, 0], 0),
    ),
    "kept": (
        """kept(numbers: sequence of 0..99) -> answer: sequence of 0..99
  mean = (total(numbers) // length(numbers))
  answer = [(x + y) for x, y in zip(numbers, suffix(numbers, 1)) if (x > mean)]""",
        ([1, 9, 3, 8, 8], [12, 16]),
        ([5], []),
    ),
    "counted": (
        """counted(numbers: sequence of 0..9) -> answer: sequence of 0..9
  low = (the first numbers[k] for 0 <= k < size 0 of numbers with (numbers[k] < 5))
  more[i] for size 0 of numbers: sum((numbers[j] < numbers[i]) for 0 <= j < i)
  answer[i] for each position of numbers:
    own = sum(numbers[(i + j)] for j in {(-1,), (1,)})
    ((own + more[i]) if (numbers[i] > low) else inside numbers[(i + 1)])""",
        ([7, 1, 9, 3], [1, 1, 6, 10]),
        ([1], [0]),
    ),
    "last of each": (
        """last(numbers: sequence of 0..9) -> answer: sequence of 0..9
  answer = unique(joined(stride(numbers, 2), [k for k in range(length(numbers)) if (k > 2)]))""",
        ([4, 4, 3, 3], [4, 3]),
        ([], []),
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_text_meaning_and_python_agree(name: str) -> None:
    text, *pairs = PROGRAMS[name]
    program = parse_program(text)
    assert str(program) == text
    check(program, "composed")
    assert program_bits(program) > 20
    (port,) = program.inputs
    lines = function_body(program, Lowering(program))
    source = "\n    ".join([f"def solve({port.name}):", *lines])
    space: dict[str, object] = {}
    exec(compile(source, "solver", "exec"), space)
    for given, answer in pairs:
        assert evaluate(program, {port.name: given}) == answer
        assert compiled(program)({port.name: given}) == answer
        assert space["solve"](given) == answer  # type: ignore[operator]
