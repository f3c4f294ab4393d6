"""Targets beside the readable solver: they answer alike, or nothing is written."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

import deepdistill as dd
from deepdistill.cli import main
from deepdistill.exporting import difference
from deepdistill.ir.evaluate import evaluate_formula
from deepdistill.ir.expr import Call, Const, If, Var
from deepdistill.ir.program import Formula
from deepdistill.ir.types import Reals, Scalar
from deepdistill.recheck import verify_folder
from deepdistill.target import registry
from deepdistill.target.registry import Exported, NotWritten, find_target
from deepdistill.verify.solver import load_solver

GALLERY = Path(__file__).parents[1] / "outputs"


def exit_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return stopped.value.code


def copied(name: str, folder: Path) -> Path:
    for file in (GALLERY / name).iterdir():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / file.name).write_bytes(file.read_bytes())
    return folder / name


def test_the_command_writes_a_solver_beside_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied("rule30", tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    main(["export", str(folder), "--target", "numpy"])
    assert "solver_np.py" in capsys.readouterr().out
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    source = after.pop("solver_np.py").decode()
    assert after == before
    result = dd.load(folder)
    assert result.export("numpy") == source
    assert verify_folder(folder).ok
    imported = [line for line in source.splitlines() if line.startswith(("import", "from"))]
    assert imported == ["import numpy as np"]
    cells = np.random.default_rng(0).integers(0, 2, 40)
    answer = load_solver(source.encode(), "solver_np")(cells)
    assert answer.dtype == cells.dtype and answer.tolist() == result.solve(cells)
    # another solver in the same folder: what was written for the old one goes
    result.save(tmp_path)
    assert not (folder / "solver_np.py").exists()
    result.save(tmp_path, export=["numpy"])
    assert (folder / "solver_np.py").read_text() == source


def test_targets_that_are_not_there_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied("life", tmp_path)
    assert exit_of("export", str(folder), "--target", "fortran") == 2
    assert "numpy" in capsys.readouterr().err
    assert exit_of("distill", "rule90", "--out", str(tmp_path / "o"), "--export", "cobol") == 2
    assert not (tmp_path / "o").exists()
    with pytest.raises(dd.InputError, match="fortran"):
        dd.load(folder).export("fortran")


def test_what_shows_before_any_work_is_refused_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deepdistill.run.carry_out", None)
    path = tmp_path / "t.csv"
    rows = [(k, "" if k == 7 else k % 5, "yes" if k > 30 else "no") for k in range(60)]
    path.write_text("a,b b,c\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    out = tmp_path / "o"
    fit = ("fit", str(path), "--out", str(out), "--export", "numpy", "--form", "rules")
    for named in ("c", "a"):  # classes and numbers
        assert exit_of(*fit, "--target", named) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1 and "'b b' has missing values" in told
        assert "--drop 'b b'" in told
    for problems in (("maxsat",), ("rule90", "maxsat")):
        assert exit_of("distill", *problems, "--out", str(out), "--export", "numpy") == 2
        assert "maxsat is a rule inside a driver" in capsys.readouterr().err
    assert not out.exists()


class Backwards:
    """A toy target: a module that holds the answers of the interpreter, or wrong ones."""

    name, file = "toy", "solver_toy.py"
    wrong = False

    def write(self, subject: Exported) -> str:
        if subject.program.name != "rule90":
            raise NotWritten("toys have no words for anything but rule90")
        sign = "|" if self.wrong else "^"
        return (
            "def solve(cells):\n"
            "    cells = [int(c) for c in cells if c in (0, 1)] if list(cells) else 1 / 0\n"
            f"    return [cells[i - 1] {sign} cells[(i + 1) % len(cells)]"
            " for i in range(len(cells))]\n"
        )


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Backwards:
    target = Backwards()
    module = ModuleType("toy_target")
    module.TARGET = target  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "toy_target", module)
    monkeypatch.setattr(registry, "TARGETS", (*registry.TARGETS, "toy_target"))
    return target


def test_a_target_is_one_file_and_one_line(
    toy: Backwards, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It reaches the command and results, is compared with the solver, and may refuse."""
    monkeypatch.setattr(
        "deepdistill.exporting.inputs_to_compare", lambda program: iter([([0, 1, 1, 1, 0],)])
    )
    folder = copied("rule90", tmp_path)
    main(["export", str(folder), "--target", "toy"])
    text = (folder / "solver_toy.py").read_text()
    assert text == dd.load(folder).export("toy")
    with pytest.raises(NotWritten, match="toys have no words"):
        dd.load(GALLERY / "life").export("toy")
    toy.wrong = True
    with pytest.raises(NotWritten, match="otherwise than"):
        dd.load(folder).export("toy")
    assert exit_of("export", str(folder), "--target", "toy") == 2
    assert (folder / "solver_toy.py").read_text() == text


def test_what_shows_at_the_end_says_where_the_solver_is(
    toy: Backwards,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    life = dd.load(GALLERY / "life")
    monkeypatch.setattr("deepdistill.run.carry_out", lambda task, run: life)
    command = ("distill", "life", "--out", str(tmp_path / "o"), "--export", "toy", "-q")
    assert exit_of(*command) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "no words for anything but rule90; the solver in" in told
    assert str(tmp_path / "o" / "life" / "solver.py") in told
    assert (tmp_path / "o" / "life" / "solver.py").exists()


def test_what_differs_is_told() -> None:
    def solve(x: list[int]) -> Any:
        return [v + 1 for v in x]

    assert difference(solve, lambda x: np.array(x) + 1, ([1, 2],)) == ""
    assert "[1, 2]" in difference(solve, lambda x: np.array(x), ([1, 2],))
    assert "refusal" in difference(solve, lambda x: int("x"), ([1, 2],))


def test_what_is_refused_is_named_as_the_readable_solver_names_it() -> None:
    solve = load_solver(dd.load(GALLERY / "life").export("numpy").encode(), "solver_np")
    wrong: list[tuple[Any, str]] = [
        ([[0, 0.5]], "cells holds 0.5, not an integer from 0 to 1"),
        (np.array([[0.0, np.nan]]), "cells holds nan, not an integer"),
        ([[0, 10**400]], "not an integer from 0 to 1"),
        ([[0, None]], "cells holds None, not an integer"),
        ([["0"]], "cells holds '0', not an integer"),
        (np.array([[3]], np.uint8), "cells holds 3, not an integer"),
        ([[0, 1], [0]], "ragged"),
        ([0, 1], "axes"),
        (np.ma.masked_array([[0, 1]], [[False, True]]), "in place of an array"),
    ]
    for value, sentence in wrong:
        with pytest.raises(ValueError, match=sentence):
            solve(value)
    cells = np.array([[0, 1, 1], [1, 0, 0]])
    kept = cells.copy()
    for kind in (np.int8, np.uint8, np.int64, np.float64, bool, object):
        answer = solve(cells.astype(kind))
        assert answer.dtype == kind and np.array_equal(answer, solve(cells.tolist()))
    assert np.array_equal(cells, kept)


def test_formulas_refuse_by_row() -> None:
    solve = load_solver(dd.load(GALLERY / "kepler").export("numpy").encode(), "solver_np")
    many = solve.__globals__["solve_many"]
    with pytest.raises(ValueError, match="no value for these numbers in row 70000"):
        many({"a": np.ones(80_000), "mass": np.where(np.arange(80_000) == 70_000, 0.0, 1.0)})
    with pytest.raises(ValueError, match="mass is inf, not a finite number in row 1"):
        many([[1.0, 1.0], [1.0, np.inf]])
    for least in (np.inf, -np.inf, np.nan):  # the answer would be 0, or nothing, or missing
        rows = {"a": np.full(9, 4.0), "mass": np.where(np.arange(9) == 7, least, 1.0)}
        with pytest.raises(ValueError, match="mass is .*, not a finite number in row 7"):
            many(rows)
    with pytest.raises(ValueError, match="no column mass"):
        many({"a": [1.0]})
    with pytest.raises(ValueError, match="differ in length"):
        solve([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="a is True, not a number"):
        solve(True, 1.0)
    assert solve([], []).shape == (0,)
    assert solve([1.0, 4.0], 1.0).shape == (2,)


def test_a_strict_formula_refuses_outside_its_ranges() -> None:
    program = dd.load(GALLERY / "kepler").program
    text = find_target("numpy").write(Exported(program, limits=((1.0, 2.0), (1.0, 3.0))))
    solve = load_solver(text.encode(), "solver_np")
    assert solve(1.0, 1.0) == pytest.approx(2 * np.pi)
    with pytest.raises(ValueError, match="a is 2.5, outside the range from 1 to 2"):
        solve(2.5, 1.0)
    with pytest.raises(ValueError, match="mass is 4, outside the range from 1 to 3 in row 1"):
        solve([1.0, 1.0], [3.0, 4.0])


def test_truths_in_a_formula_are_numbers() -> None:
    """NumPy's sum of two truths is a truth, and it has no difference of them."""
    x, y = Var("x"), Var("y")
    above, below = Call("gt", (x, Const(0))), Call("gt", (y, Const(0)))
    inputs = (Scalar("x", Reals(-1, 1)), Scalar("y", Reals(-1, 1)))
    for op in ("add", "sub", "mul"):
        value = If(Call("lt", (x, y)), Call(op, (above, below)), Call("mul", (Const(-1), above)))
        formula = Formula("both", inputs, Scalar("z", Reals(-2, 2)), (), value)
        text = find_target("numpy").write(Exported(formula))
        solve = load_solver(text.encode(), "solver_np")
        for row in ((0.5, 0.7), (0.7, 0.5), (-0.5, 0.5), (-0.7, -0.5), (-0.5, -0.7)):
            known = evaluate_formula(formula, dict(zip("xy", row, strict=True)))
            assert solve(*row) == known


def test_the_chapter_shows_what_is_written() -> None:
    text = (GALLERY.parent / "docs" / "targets.md").read_text()
    shown = text.split("This is\nLife:\n\n```python\n")[1].split("```")[0]
    assert shown in dd.load(GALLERY / "life").export("numpy")


NAMES = sorted(path.name for path in GALLERY.iterdir() if path.is_dir())
REFUSED = {"maxsat": "driver"}
SLOW = {"alternating_last3", "brians_brain", "wireworld", "day_and_night", "von_neumann"}
"""Their networks take seconds to lift again."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SLOW])
def test_the_gallery_for_numpy(name: str) -> None:
    """Export compares before it writes; what it cannot write it refuses in a sentence."""
    result = dd.load(GALLERY / name)
    if name in REFUSED:
        with pytest.raises(NotWritten, match=REFUSED[name]):
            result.export("numpy")
        return
    solve = load_solver(result.export("numpy").encode(), "solver_np")
    if isinstance(result.program, Formula):
        compare_rows(result, solve)
    else:
        compare_arrays(result, solve)


def compare_arrays(result: dd.Result, solve: Any) -> None:
    ports = result.program.inputs
    free = max(len(port.axes) for port in ports if not port.is_fixed)

    @settings(max_examples=tries(40), deadline=None, database=None, derandomize=True)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        sizes = data.draw(st.lists(st.integers(1, 7), min_size=free, max_size=free))
        arrays = []
        for port in ports:
            shape = [axis.size or size for axis, size in zip(port.axes, sizes, strict=False)]
            values = st.integers(port.domain.low, port.domain.high)
            if data.draw(st.booleans()):
                values = st.sampled_from([port.domain.low, port.domain.high])
            arrays.append(data.draw(arrays_of(shape, values)))
        assert difference(result.solve, solve, tuple(arrays)) == ""
        assert difference(result.solve, solve, tuple(map(np.array, arrays))) == ""

    agree()


def arrays_of(shape: list[int], values: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    strategy: st.SearchStrategy[Any] = values
    for size in reversed(shape):
        strategy = st.lists(strategy, min_size=size, max_size=size)
    return strategy


def test_a_number_too_large_on_the_way_is_refused() -> None:
    result = dd.load(GALLERY / "gaussian")
    solve = load_solver(result.export("numpy").encode(), "solver_np")
    assert result.solve(0.0, 1.0, 2.2e-311) == 0  # exp(-inf)
    with pytest.raises(ValueError, match="no value for these numbers"):
        solve(0.0, 1.0, 2.2e-311)


def compare_rows(result: dd.Result, solve: Any) -> None:
    count = len(result.program.inputs)
    tiny = 1e-30  # what is divided by less may overflow on the way, which NumPy's solver refuses
    plain = st.floats(-100, 100).map(lambda value: value if abs(value) > tiny else 0.0)
    number = plain | st.sampled_from([0.0, 1.0, -1.0, 1e9])

    @settings(max_examples=tries(60), deadline=None, database=None, derandomize=True)
    @given(st.lists(st.tuples(*[number] * count), min_size=1, max_size=5))
    def agree(rows: list[tuple[float, ...]]) -> None:
        known = []
        for row in rows:
            assert difference(result.solve, solve, row) == ""
            try:
                known.append((row, result.solve(*row)))
            except ValueError:
                continue
        if known:
            table = np.array([row for row, _ in known])
            many = solve.__globals__["solve_many"]
            expected = [answer for _, answer in known]
            assert np.allclose(many(table), expected, rtol=1e-9, atol=1e-9)
            names = [scalar.name for scalar in result.program.inputs]
            assert np.array_equal(many(dict(zip(names, table.T, strict=True))), many(table))

    agree()
