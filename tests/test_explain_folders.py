"""Explanations of finished results: from their folders, by the command, refused in one sentence."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strategies import life_network, life_program

import deepdistill as dd
from deepdistill.cli import main
from deepdistill.command.explaining import explain_folder, parse_at
from deepdistill.data.problem import InputError, Problem
from deepdistill.explain import Explanation, Step
from deepdistill.forms.protocol import Trained
from deepdistill.result import Result
from deepdistill.target.source import Provenance, solver
from deepdistill.verify.certificate import Certificate, Claim

OUTPUTS = Path(__file__).resolve().parents[1] / "outputs"
BAR = [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def lines(found: Explanation) -> list[str]:
    return [line.strip() for line in str(found).splitlines()]


GALLERY: list[tuple[str, Any, tuple[int, ...] | None, list[str]]] = [
    (
        "rule30",
        [0, 0, 1, 0, 0],
        (3,),
        [
            "result[3] = 1, because",
            "left = cells[2] = 1",
            "center = cells[3] = 0",
            "right = cells[4] = 0",
            "left ^ (center | right) = 1",
        ],
    ),
    (
        "eca_universal",
        {"cells": [0, 1, 1, 0], "rule": [0, 1, 1, 1, 1, 0, 0, 0]},
        (0,),
        [
            "result[0] = 1, because",
            "left = cells[3] = 0",
            "center = cells[0] = 0",
            "right = cells[1] = 1",
            "rule[4 * left + 2 * center + right] = 1",
        ],
    ),
    (
        "binary_addition",
        [[1, 1], [0, 1]],
        (1,),
        [
            "result[1] = 0, because",
            "carry = 1  before this step",
            "a = 0",
            "b = 1",
            "total = a + b + carry = 2",
            "carry = total // 2 = 1  after this step",
            "total % 2 = 0",
        ],
    ),
    (
        "orientation",
        BAR,
        None,
        [
            "answer = 1, because",
            "column_sum = [0, 3, 0, 0]",
            "row_sum = [1, 1, 1, 0]",
            "max(row_sum) = 1",
            "max(column_sum) = 3",
            "max(row_sum) >= max(column_sum)  fails  (1 >= 3)",
        ],
    ),
    ("sort", [3, 9, 2], (0,), ["result[0] = 2, because", "sorted(numbers) = [2, 3, 9]"]),
    (
        "palindrome",
        [1, 0, 1],
        (2,),
        [
            "result[2] = 1, because",
            "numbers[:3] == numbers[:3][::-1]  holds  ([1, 0, 1] == [1, 0, 1])",
        ],
    ),
    (
        "maxsat",
        [[1, -2, 3], [-1], [2, 3], [-3, 1]],
        (3,),
        [
            "literal of variable 3 = -3, because",
            "variable 3 becomes false  (true weighs 932066, false 1048576)",
        ],
    ),
]


@pytest.mark.parametrize(("name", "x", "at", "expected"), GALLERY, ids=[c[0] for c in GALLERY])
def test_the_gallery_is_explained_from_its_folders(
    name: str, x: Any, at: tuple[int, ...] | None, expected: list[str]
) -> None:
    assert lines(explain_folder(OUTPUTS / name, [x], at)) == expected


def result() -> Result:
    """Life as a result, without training."""
    program, claim = life_program(), Claim("sampled", 1, ((3, 3),))
    code = solver(program, Provenance("nothing", (), (), (4, 4), "0"))
    problem = Problem("mine", program.inputs, program.output, ((4, 4),), ())
    certificate = Certificate("mine", 0, claim, claim, Claim("no oracle"))
    return Result(problem, Trained(life_network()), program, code, "", certificate)


def test_results_explain_themselves() -> None:
    made = result()
    assert str(made.explain(np.array(BAR), at=(1, 0))).startswith("result[1, 0] = 1, because\n")
    assert made.explain([[1]], at=None).output == "result[0, 0]"
    for at in ("1,0", (1, 0.5), 1.5):
        with pytest.raises(InputError, match="at is an index for each axis"):
            made.explain(BAR, at=at)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="give cells: 1 argument, not 2"):
        made.explain(BAR, BAR, at=(0, 0))
    other = replace(made, program=life_program(born=2))
    with pytest.raises(InputError, match="another answer than the solver"):
        other.explain(BAR, at=(1, 0))


def test_formulas_and_condensed_networks_explain_themselves(tmp_path: Path) -> None:
    x = np.random.default_rng(0).uniform(1, 9, (60, 2))
    y = 2 * x[:, 0] + x[:, 1]
    model = dd.DistilledRegressor(backend="sparse", budget=0.1).fit(x, y)
    found = model.fitted_.explain(4, 2)
    assert found.value == pytest.approx(10) and found.steps[:2] == (
        Step("input", "x0", 4.0),
        Step("input", "x1", 2.0),
    )
    assert model.fitted_.explain([4, 2]) == model.fitted_.explain({"x0": 4, "x1": 2}) == found
    assert explain_folder(model.save(tmp_path), [[4, 2]]) == found
    with pytest.raises(InputError, match="give x0, x1: 2 arguments, not 3"):
        model.fitted_.explain([1, 2, 3])

    layers = [
        (np.array([[1.0, -1.0], [1.0, -1.0], [1.0, -1.0]]), np.array([-1.5, 1.5])),
        (np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)),
    ]
    condensed = dd.condense_network(layers, (3,), hidden="step", head="argmax", name="most")
    explained = condensed.explain([1, 0, 1])
    assert explained.value == condensed.solve([1, 0, 1]) and explained.steps
    assert explain_folder(condensed.save(tmp_path), [[1, 0, 1]]) == explained


@pytest.mark.parametrize(
    ("name", "text", "options", "sentence"),
    [
        ("rule30", "[0, 1", ["--at", "0"], "not JSON text"),
        ("rule30", "[0, 7]", ["--at", "0"], "not an integer from 0 to 1"),
        ("rule30", "[[0, 1]]", ["--at", "0"], "not an integer from 0 to 1"),
        ("rule30", "[0, 1]", ["--at", "2"], "there is no place 2 in an answer of 2 numbers"),
        ("rule30", "[0, 1]", ["--at", "0,1"], "--at takes 1 index, not 2"),
        ("rule30", "[0, 1]", ["--at", "-1"], "--at takes numbers with commas between"),
        ("rule30", "[0, 1]", ["--at", "9" * 30], "an index that no answer has"),
        ("rule30", "[0, 1]", [], "say which one, for example --at 0"),
        ("argmax", "[3, 1]", ["--at", "0"], "the answer is one number: leave out --at"),
        ("argmax", "[]", [], "numbers"),
        ("eca_universal", "[[0, 1]]", ["--at", "0"], "give cells, rule: 2 arguments, not 1"),
        ("maxsat", "[[1, 0]]", [], "0 is not a literal"),
        ("maxsat", "[[1]]", ["--at", "2"], "no clause has the variable 2"),
        ("maxsat", '{"weights": []}', [], "an object with clauses and weights"),
        ("maxsat", "5", [], "not lists of literals"),
        ("nothing", "[1]", [], "cannot read"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    name: str,
    text: str,
    options: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(SystemExit) as stopped:
        main(["explain", str(OUTPUTS / name), "--input", str(path), *options])
    described = capsys.readouterr()
    assert stopped.value.code == 2 and not described.out
    assert sentence in described.err and described.err.count("\n") == 1


def test_the_command_prints_a_trace_or_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text("[3, 9, 2]")
    arguments = ["explain", str(OUTPUTS / "argmax"), "--input", str(path)]
    main(arguments)
    assert capsys.readouterr().out == (
        "result = 1, because\n  max(numbers) = 9\n  numbers.index(max(numbers)) = 1\n"
    )
    main([*arguments, "--json"])
    data = json.loads(capsys.readouterr().out)
    assert (data["value"], data["steps"][0]["value"]) == (1, 9)


def test_a_solver_that_is_not_its_networks_program_is_not_explained(tmp_path: Path) -> None:
    folder = tmp_path / "rule30"
    folder.mkdir()
    files = {
        path.name: path.read_bytes() for path in (OUTPUTS / "rule30").iterdir() if path.is_file()
    }
    code = files["solver.py"].replace(b"cells[i - 1] ^", b"cells[i - 1] !=")
    assert code != files["solver.py"]
    for name, content in (files | {"solver.py": code}).items():
        (folder / name).write_bytes(content)
    with pytest.raises(InputError, match="certificate"):
        explain_folder(folder, [[0, 1, 0]], (0,))
    certificate = Certificate.parse(files["certificate.json"].decode())
    sealed = certificate.sealed({"solver.py": code, "network.npz": files["network.npz"]})
    (folder / "certificate.json").write_text(sealed.text())
    with pytest.raises(InputError, match="lifted again, gives another program"):
        explain_folder(folder, [[0, 1, 0]], (0,))


def test_places_are_read_from_text() -> None:
    assert parse_at("2,3") == (2, 3) and parse_at("0") == (0,)
    for text in ("", "1,", "x", "1;2", "-1", "1.5"):
        with pytest.raises(InputError):
            parse_at(text)


def test_the_readme_shows_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (OUTPUTS.parent / "docs" / "results.md").read_text(encoding="utf-8")
    section = readme.split("## Why this answer\n")[1].split("\n## ")[0]
    inputs = re.findall(r"echo '(.*)'", section)
    commands = re.findall(r"deepdistill (explain .*)$", section, re.MULTILINE)
    traces = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    assert len(inputs) == len(commands) == len(traces) == 2
    monkeypatch.chdir(OUTPUTS.parent)
    for text, command, trace in zip(inputs, commands, traces, strict=True):
        (tmp_path / "x.json").write_text(text)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        main(command.replace("x.json", str(tmp_path / "x.json")).split())
        assert capsys.readouterr().out == trace
