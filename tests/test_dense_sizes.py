"""Dense networks at two sizes: one program with laws of the size, right at sizes never seen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import published
import pytest
import shape_references

import deepdistill as dd
from deepdistill.data.problem import InputError
from deepdistill.forms.dense.align import NotAligned, align
from deepdistill.forms.dense.answers import agree, plain_answer
from deepdistill.forms.dense.essence import essence_network
from deepdistill.forms.dense.given import rounded
from deepdistill.forms.dense.lift import lift_dense
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.dense.reduce import reduce
from deepdistill.forms.dense.samples import samples
from deepdistill.forms.dense.scaled_lift import lift_two
from deepdistill.forms.dense.size_laws import Shapes, at, number_law, place_law
from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import Const, Size, call
from deepdistill.ir.program import Program
from deepdistill.recheck import verify_folder
from deepdistill.result import Result
from deepdistill.run import condense_network
from deepdistill.target.dense_source import body_lines
from problems.shapes import STROKES, draw_stroke, full_strokes

SIZES = Shapes("cells", (28, 28), (14, 14))
UNEQUAL = Shapes("cells", (10, 50), (8, 30))
ROWS, COLUMNS = Size("cells", 0), Size("cells", 1)


def orientation(cells: np.ndarray) -> int:
    """The published formula at any size, in whole numbers: 0 is vertical, 1 horizontal."""
    n = len(cells)
    difference = np.sign(cells.sum(axis=0)[:, None] - cells.sum(axis=1)[None, :])
    own = difference.sum(axis=1)
    first = np.sign(own - (n - 1) * (difference.sum() - own) - (n - 1) * n)
    own = difference.sum(axis=0)
    second = np.sign((n - 1) * (difference.sum() - own) - own - (n - 1) * n)
    return int(first.sum() < second.sum())


@pytest.fixture(scope="module", params=[14, 12])
def published_orientation(request: pytest.FixtureRequest) -> Result:
    first = published.noisy(published.shuffled(published.orientation(28)), 1e-3)
    second = published.shuffled(published.orientation(request.param), 3)
    return condense_network(first, name="orientation", second=second)


def test_constants_of_the_published_orientation_follow_the_size(
    published_orientation: Result,
) -> None:
    code = published_orientation.code
    assert published_orientation.certificate.ok
    assert published_orientation.certificate.scalable.status == "proved"
    assert published_orientation.network.second is not None
    sizes = (published_orientation.network.second.shape,)
    assert published_orientation.certificate.scalable.sizes == sizes
    assert "n * (n - 1)" in published_orientation.certificate.scalable.note
    assert body_lines(code, "orientation") <= 12
    body = code[code.index("    cells = _check") : code.index("solve = ")]
    assert not any(number in body for number in ("27", "28", "756"))


@pytest.mark.parametrize("n", [100, 7, 2, 1])
def test_the_published_orientation_is_right_at_other_sizes(
    published_orientation: Result, n: int
) -> None:
    rng = np.random.default_rng(n)
    pictures = [(rng.random((n, n)) < p).astype(int) for p in np.linspace(0, 1, 12)]
    if n > 6:
        pictures += [draw_stroke(rng, (n, n), family)[0] for family in STROKES for _ in range(3)]
    answers = {published_orientation.solve(cells.tolist()) for cells in pictures}
    for cells in pictures:
        assert published_orientation.solve(cells.tolist()) == orientation(cells)
    assert answers == {0, 1} or n < 7


def test_a_shape_of_which_nothing_is_known_is_refused(published_orientation: Result) -> None:
    """Two squares cannot tell rows from columns."""
    with pytest.raises(ValueError, match="as wide as high"):
        published_orientation.solve([[0] * 20] * 28)


def test_max_sat_at_two_sizes_is_the_general_program() -> None:
    first = published.shuffled(published.max_sat(10, 50))
    second = published.shuffled(published.max_sat(8, 30), 5)
    result = condense_network(first, name="max_sat", second=second)
    assert result.certificate.ok and result.certificate.scalable.status == "sampled"
    assert body_lines(result.code, "max_sat") <= 20
    for shape in ((10, 50), (8, 30), (5, 7), (3, 2), (2, 1), (20, 61)):
        network = published.max_sat(*shape)
        for cells in samples(network, 60, 9):
            expected = plain_answer(network, network.run(cells[None].astype(float))[0])
            assert agree(network, expected, result.solve(cells.tolist()))
    with pytest.raises(ValueError, match="at least 2 x 1"):
        result.solve([[0] * 50])


def test_noise_may_differ_between_the_sizes() -> None:
    first = published.noisy(published.max_sat(10, 50), 1e-3)
    second = published.noisy(published.max_sat(8, 30), 1e-3, 4)
    result = condense_network(first, name="max_sat", second=second)
    assert result.certificate.scalable.status == "sampled"
    assert "weights rounded" in result.certificate.scalable.note


# Networks of the essence trainer


@pytest.fixture(scope="module")
def essence() -> Result:
    networks = []
    for shape in ((28, 28), (14, 14)):
        strokes = full_strokes(shape)
        networks.append(essence_network(strokes.inputs[0], strokes.output))
    return condense_network(networks[0], name="orientation", second=networks[1])


@pytest.mark.parametrize("n", [28, 100, 7])
@pytest.mark.parametrize("family", STROKES)
def test_essence_of_56_strokes_knows_every_family(essence: Result, family: str, n: int) -> None:
    rng = np.random.default_rng([n, len(family)])
    count, right, plain = 100 if n > 28 else 400, 0, 0
    for _ in range(count):
        picture, label = draw_stroke(rng, (n, n), family)
        cells = picture.tolist()
        right += essence.solve(cells) == label
        plain += shape_references.orientation(cells) == label
    assert right >= 0.99 * count
    assert right >= plain


def test_the_essence_program_is_short(essence: Result) -> None:
    assert essence.certificate.scalable.status == "proved"
    assert body_lines(essence.code, "orientation") <= 12


# Where there is no program for both


def test_networks_that_differ_give_the_program_of_one_size() -> None:
    strokes = full_strokes((14, 14))
    other = essence_network(strokes.inputs[0], strokes.output)
    result = condense_network(published.orientation(28), name="orientation", second=other)
    assert result.certificate.ok and result.network.second is None
    assert result.certificate.scalable.status == "not applicable"
    assert "14 x 14" in result.certificate.scalable.note
    assert "for 28 x 28 inputs" in result.code
    with pytest.raises(ValueError):
        result.solve([[0] * 14] * 14)


def test_without_a_second_size_the_constants_stay() -> None:
    result = condense_network(published.orientation(12), name="orientation")
    assert result.certificate.scalable.status == "not applicable"
    assert "for 12 x 12 inputs" in result.code and "132" in result.code


def test_numbers_without_a_law_are_not_guessed() -> None:
    def network(n: int, bias: float) -> DenseNetwork:
        layers = (
            DenseLayer(np.eye(n) * 3 + 1, np.full(n, bias), "sign"),
            DenseLayer(np.array([[1.0] * n, [-1.0] * n]), np.zeros(2), "argmax"),
        )
        return DenseNetwork((n,), layers)

    lawful = condense_network(network(9, -7), name="lawful", second=network(6, -4))
    assert "n - 2" in lawful.certificate.scalable.note
    odd = condense_network(network(9, -7), name="odd", second=network(6, -5))
    assert odd.certificate.scalable.status == "not applicable"
    assert "no simple law" in odd.certificate.scalable.note


def test_a_second_table_is_not_aligned() -> None:
    rng = np.random.default_rng(3)

    def network(n: int) -> DenseNetwork:
        layers = (
            DenseLayer(rng.standard_normal((8, n)), rng.standard_normal(8), "sign"),
            DenseLayer(rng.standard_normal((2, 8)), np.zeros(2), "argmax"),
        )
        return DenseNetwork((n,), layers)

    result = condense_network(network(9), name="odd", second=network(7))
    assert result.certificate.ok and result.network.second is None
    assert "tables of one size" in result.certificate.scalable.note


# Laws


@pytest.mark.parametrize(
    "first, second, law",
    [
        (28, 14, ROWS),
        (27, 13, call("add", ROWS, Const(-1))),
        (756, 182, call("mul", ROWS, call("add", ROWS, Const(-1)))),
        (-27, -13, call("mul", Const(-1), call("add", ROWS, Const(-1)))),
        (784, 196, call("mul", ROWS, ROWS)),
        (56, 28, call("mul", Const(2), ROWS)),
        (1 / 27, 1 / 13, call("div", Const(1), call("add", ROWS, Const(-1)))),
        (2.5 * 28, 2.5 * 14, call("mul", Const(2.5), ROWS)),
    ],
)
def test_the_simplest_law_is_found(first: float, second: float, law: object) -> None:
    found = number_law(first, second, SIZES)
    assert found is not None and found.value == law
    assert SIZES.fits(found.value, first, second)


def test_laws_tell_rows_from_columns_where_the_shapes_do() -> None:
    assert number_law(8, 6, UNEQUAL).value == call("add", ROWS, Const(-2))  # type: ignore
    assert number_law(49, 29, UNEQUAL).value == call("add", COLUMNS, Const(-1))  # type: ignore
    assert number_law(500, 240, UNEQUAL).value == call("mul", ROWS, COLUMNS)  # type: ignore


@pytest.mark.parametrize("first, second", [(4, 1), (3, 5), (100, 7), (0.3, 0.7)])
def test_numbers_on_no_simple_law_have_none(first: float, second: float) -> None:
    assert number_law(first, second, SIZES) is None


def test_places_are_counted_from_an_end() -> None:
    law = place_law(25, 11, (ROWS,), SIZES)
    assert law is not None and law.value == call("add", ROWS, Const(-3))
    assert place_law(25, 12, (ROWS,), SIZES) is None
    assert at(call("floordiv", ROWS, Const(2)), (7, 7)) == 3


# The command, and files


def csv_layers(network: DenseNetwork, folder: Path, prefix: str) -> list[str]:
    paths = []
    for k, layer in enumerate(network.layers):
        path = folder / f"{prefix}{k}.csv"
        np.savetxt(path, np.vstack([layer.weights.T, layer.bias]), delimiter=",", fmt="%.17g")
        paths.append(str(path))
    return paths


def test_the_command_takes_a_second_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from deepdistill.cli import main

    first = csv_layers(published.orientation(8), tmp_path, "a")
    second = csv_layers(published.orientation(6), tmp_path, "b")
    words = [*first, "--shape", "8x8", "--second-shape", "6x6", "--out", str(tmp_path / "out")]
    words += [word for path in second for word in ("--second", path)]
    with pytest.raises(SystemExit) as stop:
        main(["condense", *words])
    assert stop.value.code == 0
    folder = tmp_path / "out" / "mine"
    claims = json.loads((folder / "certificate.json").read_text())
    assert claims["scalable"]["status"] == "proved" and claims["scalable"]["sizes"] == [[6, 6]]
    assert set(claims["digests"]) == {"solver.py", "test_solver.py", "network.npz", "second.npz"}
    proved = verify_folder(folder)
    assert [claim.status for claim in proved.claims.values()] == ["proved", "proved", "no oracle"]
    capsys.readouterr()
    (folder / "second.npz").write_bytes((folder / "network.npz").read_bytes())
    with pytest.raises(InputError, match="changed"):
        verify_folder(folder)
    (folder / "second.npz").unlink()
    with pytest.raises(InputError):
        verify_folder(folder)


@pytest.mark.parametrize("shape", ["8x8", "6", "6x7", "6x6x1", "x"])
def test_a_second_shape_that_does_not_fit_is_refused(
    shape: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from deepdistill.cli import main

    first = csv_layers(published.orientation(8), tmp_path, "a")
    second = first if shape == "8x8" else csv_layers(published.orientation(6), tmp_path, "b")
    words = [*first, "--shape", "8x8", "--second-shape", shape, "--out", str(tmp_path / "out")]
    words += [word for path in second for word in ("--second", path)]
    with pytest.raises(SystemExit) as stop:
        main(["condense", *words])
    message = capsys.readouterr().err
    assert stop.value.code == 2 and len(message.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "second",
    [
        published.orientation(8),
        published.max_sat(8, 30),
        DenseNetwork((6, 6), published.orientation(6).layers[:1]),
        ([(np.ones((2, 6)), np.zeros(2))], (6, 1)),
        [(np.ones((2, 6)), np.zeros(2))],
        "network",
        ([], (6, 6)),
    ],
)
def test_a_second_network_that_does_not_fit_is_refused(second: object) -> None:
    with pytest.raises(InputError) as refusal:
        dd.condense_network(published.orientation(8), name="orientation", second=second)
    assert len(str(refusal.value).splitlines()) == 1


def test_an_option_without_the_other_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from deepdistill.cli import main

    first = csv_layers(published.orientation(4), tmp_path, "a")
    for words in (["--second", first[0]], ["--second-shape", "3x3"]):
        with pytest.raises(SystemExit) as stop:
            main(["condense", *first, "--shape", "4x4", "--out", str(tmp_path / "out"), *words])
        assert stop.value.code == 2 and len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


# The program that both become


def program(network: DenseNetwork) -> Program:
    small = reduce(rounded(network)[0]).network
    return lift_dense(small, "scaled", network.domain, "cells").program


def test_the_program_means_what_the_solver_answers() -> None:
    found = align(program(published.orientation(9)), program(published.orientation(6)))
    assert found.alike == ((0, 1),)
    rng = np.random.default_rng(8)
    for n in (4, 6, 9, 13):
        cells = rng.integers(0, 2, (n, n))
        assert evaluate(found.program, {"cells": cells.tolist()}) == orientation(cells)


def test_programs_of_one_shape_are_not_aligned() -> None:
    same = program(published.orientation(6))
    with pytest.raises(NotAligned, match="same input shape"):
        align(same, same)


def chain(size: int, layers: int) -> DenseNetwork:
    """A network whose sums only the first layer reads from the input; the last ones grow."""
    middle = [DenseLayer(np.ones((1, 1)), np.array([float(size)]), "step")] * (layers - 1)
    first = DenseLayer(np.ones((1, size)), np.array([-1.0]), "step")
    last = DenseLayer(np.array([[1.0], [0.0]]), np.array([0.0, 0.5]), "argmax")
    return DenseNetwork((size,), (first, *middle, last))


def test_networks_of_different_depths_are_not_aligned() -> None:
    for layers in (1, 2):
        with pytest.raises(NotAligned):
            lift_two(chain(5, layers), chain(8, 3 - layers), "chain", "cells")
