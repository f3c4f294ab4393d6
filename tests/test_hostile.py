"""Damaged and malicious files: every reader accepts or refuses them in time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from table_formulas import read_formula

from benchmarks.fuzz import Counts, campaign, feed
from benchmarks.fuzz_readers import ROOT, Reader, readers
from benchmarks.hostile import bomb, header, npy, packed
from deepdistill.data import catalogue
from deepdistill.data.files import parse_json, read_arrays
from deepdistill.data.problem import InputError, Problem
from deepdistill.data.record import Record, read_record
from deepdistill.data.tables import read_table
from deepdistill.forms import form_of_task
from deepdistill.forms.files import load_network, network_bytes, read_network
from deepdistill.forms.relift import shortened
from deepdistill.ir.expr import Call, Const, Var
from deepdistill.ir.names import identifier, on_one_line
from deepdistill.ir.program import Formula, Let
from deepdistill.ir.types import Axis, Integers, Port, Reals, Scalar, parse_axes
from deepdistill.target.formula_source import formula_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.solver import load_solver

SECONDS = 30.0  # no blow-up; how fast it is is measured in benchmarks
READERS = {reader.name: reader for reader in readers()}


def name(reader: Reader) -> str:
    return reader.name


def test_thousands_of_damaged_files_are_accepted_or_refused() -> None:
    result = campaign(2100, seed=1)
    assert [defect for counts in result.values() for defect in counts.defects] == []
    assert sum(counts.files for counts in result.values()) == 2100
    for described, counts in result.items():
        # else nothing was learned about what lies behind the refusal
        assert counts.accepted, described
        assert counts.refused or described.startswith("record"), described


@pytest.mark.parametrize("reader", readers(), ids=name)
def test_files_truncated_at_every_length(tmp_path: Path, reader: Reader) -> None:
    good = min(reader.good, key=len)
    counts = Counts()
    step = 1 + len(good) // 400
    for length in range(0, len(good), step):
        path = tmp_path / "file"
        path.write_bytes(good[:length])
        feed(reader, path, counts, f"the first {length} bytes")
    assert counts.defects == []


@pytest.mark.parametrize("reader", readers(), ids=name)
@settings(max_examples=tries(25))
@given(data=st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, reader: Reader, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    counts = Counts()
    feed(reader, path, counts, repr(data))
    assert counts.defects == []


# ------------------------------------------------------------------ what would take too long


def network(spec: dict[str, Any]) -> bytes:
    return packed([("network.json.npy", npy(np.frombuffer(json.dumps(spec).encode(), np.uint8)))])


def described(reader: str) -> dict[str, Any]:
    arrays = read_arrays(READERS[f"network.npz ({reader})"].good[0], "it", 2**20)
    return json.loads(arrays["network.json"].tobytes())


def many_inputs() -> bytes:
    spec = described("GridNetwork")
    spec["inputs"] = [{**spec["inputs"][0], "name": f"n{k}"} for k in range(20_000)]
    spec["taps"] = [["n19999", [0], "number", 0]] * 20_000
    return network(spec)


def deep_products() -> bytes:
    spec = described("RecurrentNetwork")
    for _ in range(240):
        spec["features"][0] = ["product", spec["features"][0], spec["features"][0][:1]]
    return network(spec)


def deep_others() -> bytes:
    spec = described("ItemNetwork")
    for _ in range(900):
        spec["features"] = [["others", "less", "any", *spec["features"][:1]]]
    return network(spec)


def many_members() -> bytes:
    return packed([(f"{k}.npy", b"") for k in range(3000)])


def hidden_directory() -> bytes:
    """A record that tells of a short directory, before it one of a large archive."""
    data = many_members()
    wide = b"PK\x06\x07" + bytes(16)
    return data[:-22] + wide + data[-22:-12] + b"\x01\x00\x01\x00" + data[-8:]


def raw(text: bytes) -> bytes:
    return packed([("network.json.npy", npy(np.frombuffer(text, np.uint8)))])


TOO_MUCH: dict[str, Callable[[], bytes]] = {
    "many inputs": many_inputs,
    "deep products": deep_products,
    "deep others": deep_others,
    "many members": many_members,
    "hidden directory": hidden_directory,
    "60 MB": lambda: bomb("network.json.npy", 60 * 2**20),
    "200 MB": lambda: bomb("network.json.npy", 200 * 2**20),
    "long array": lambda: packed([("network.json.npy", header("|u1", "(99999999999999,)"))]),
    "wide array": lambda: packed([("network.json.npy", header("|u1", "(0, 99999999999999)"))]),
    "deep JSON": lambda: raw(b'{"a":' * 300_000),
    "long JSON": lambda: raw(b"[]," * 3_000_000),
}
"""Made where they are fed: a run of other tests does not wait for them."""


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_networks_that_are_too_much_are_refused_in_time(kind: str) -> None:
    data = TOO_MUCH[kind]()
    start = time.process_time()
    with pytest.raises(InputError, match="^it "):
        read_network(data, "it")
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("number", [4590, 4692])
def test_a_refusal_does_not_repeat_all_that_it_refuses(tmp_path: Path, number: int) -> None:
    """What the campaign of 100,000 files found: an activation of 5,000 letters."""
    reader, counts = READERS["network.npz (DenseNetwork)"], Counts()
    (tmp_path / "file").write_bytes(reader.file(0, number))
    feed(reader, tmp_path / "file", counts, "it")
    assert (counts.refused, counts.defects) == (1, [])


def test_a_key_that_is_there_twice_is_found_in_time() -> None:
    keys = ",".join(f'"{k}":0' for k in [*range(300_000), 299_999])
    start = time.process_time()
    with pytest.raises(InputError, match="^it has the key '299999' twice$"):
        parse_json(f"{{{keys}}}", "it")
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize(
    "cell", ["1" * 130_000 + "x", "9" * 130_000, "1," * 60_000 + "x", "1e" * 999]
)
def test_long_cells_are_refused_in_time(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f'x;y\n"{cell}";1\n2;3\n')
    start = time.process_time()
    with pytest.raises(InputError):
        read_table(path, "y")
    assert time.process_time() - start < SECONDS


def test_long_names_of_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"{'x' * 1000},y\n1,2\n3,4\n")
    with pytest.raises(InputError, match="a name of 1,000 characters"):
        read_table(path, "y")


def test_sizes_of_a_certificate_are_short() -> None:
    good = json.loads(READERS["certificate.json"].good[0])
    good["scalable"] = {**good["scalable"], "status": "sampled", "sizes": [[2**62] * 200_000]}
    good["scalable"].pop("checked", None)
    start = time.process_time()
    with pytest.raises(InputError, match="sizes that are not lists"):
        Certificate.parse(json.dumps(good))
    assert time.process_time() - start < SECONDS


def test_a_report_of_many_beginnings_has_no_record() -> None:
    start = time.process_time()
    assert read_record(b'<script type="application/json" id="record">' * 200_000) == Record()
    assert time.process_time() - start < SECONDS


def test_formulas_of_many_names_or_of_one_name_twice(tmp_path: Path) -> None:
    spec = described("Formula")
    arrays = read_arrays(READERS["network.npz (Formula)"].good[0], "it", 2**20)
    boxes = [(f"{key}.npy", npy(array)) for key, array in arrays.items() if key != "network.json"]

    def written(body: list[Any]) -> bytes:
        text = json.dumps({**spec, "body": body, "value": "x"}).encode()
        return packed([("network.json.npy", npy(np.frombuffer(text, np.uint8))), *boxes])

    start = time.process_time()
    formula, _ = read_formula(written([[f"p{k}", "x"] for k in range(30_000)]), "it")
    assert len(formula.body) == 30_000 and time.process_time() - start < SECONDS
    for body in ([["p", "x"], ["p", "x"]], [["x", 1]], [["p", 10**400]], [["p", True]]):
        with pytest.raises(InputError, match="holds no formula"):
            read_formula(written(body), "it")


# ------------------------------------------------------------------ names

HOSTILE = (
    "../../x", "/etc/passwd", "..", ".", "", "con", "NUL", "aux.csv", "a\0b", "x" * 5000, "\ud800",
    "class", "__import__('os')", "solve", '"""', "\\", "'; raise SystemExit #", "{{ 1 }}",
    "</script>", "\n\nimport os\n", "é", "١", "%s", "\\N{BULLET}", "\\u0022\\u0022\\u0022",
    "\u202e",
)  # fmt: skip


@given(st.one_of(st.sampled_from(HOSTILE), st.text()))
def test_identifiers_are_plain_names(text: str) -> None:
    found = identifier(text)
    assert found.isidentifier() and 0 < len(found) <= 62
    assert found not in {"con", "nul", "aux"}
    assert on_one_line(text).isprintable()
    compile(f"def {found}({found}): return {found}", "it", "exec")


def test_problems_have_names_that_stay_in_their_folder() -> None:
    port = Port("cells", (Axis("grid"),), Integers(0, 1))
    for text in ("../x", "/etc/x", "", "a b", "a\0", ".."):
        with pytest.raises(InputError, match="is not usable"):
            Problem(text, (port,), port, ((3,),), ((9,),))
    for text in ("fixed(" + "9" * 5000 + ")", "grid(" + "x" * 9999, "fixed(²)"):
        with pytest.raises(ValueError, match="cannot read the axis") as caught:
            parse_axes(text)
        assert len(str(caught.value)) < 300


@settings(max_examples=tries(20))
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)), min_size=3, max_size=3))
def test_hostile_titles_stay_text_in_the_solver(titles: list[str]) -> None:
    """Columns can be called anything; the module says so, and nothing of it is run."""
    titles = [title.encode("utf-8", "replace").decode() for title in titles]
    inputs = tuple(Scalar(f"x{k}", Reals(0.0, 1.0), title) for k, title in enumerate(titles[:2]))
    body = (Let("part", Call("mul", (Var("x0"), Const(2)))),)
    law = Formula(
        "law", inputs, Scalar("y", Reals(0.0, 1.0), titles[2]), body,
        Call("add", (Var("part"), Var("x1"))),
    )  # fmt: skip
    source = formula_solver(law, Provenance(f"rows of {titles[0]!r}", version="0"))
    assert load_solver(source.encode(), "law")(3, 0.5) == 6.5


@pytest.mark.parametrize("name", ["maximum", "running_sum"])
def test_a_fraction_among_wide_integers_is_refused_in_time(name: str) -> None:
    """Python looks for a float in a range number by number."""
    problem = catalogue.find(name)
    network: Any = load_network(ROOT / "outputs" / name / "network.npz")
    port = replace(network.inputs[0], domain=Integers(-(2**31), 2**31))
    network, problem = replace(network, inputs=(port,)), replace(problem, inputs=(port,))
    form = form_of_task(problem)
    lifted = shortened(form, problem, network)
    provenance = Provenance("it", (), (), problem.training_shapes[0], "0")
    solve = load_solver(form.render(lifted, provenance, network).encode(), name)
    start = time.process_time()
    for wrong in (0.5, 1e300, float("nan"), float("inf"), 2**31 + 1, "1", None, 10**400):
        with pytest.raises(ValueError, match="not an integer from"):
            solve([1, wrong])
    assert solve([3.0, 2**31]) == solve([3, 2**31])
    assert time.process_time() - start < SECONDS


def test_networks_are_written_without_pickles() -> None:
    for reader in readers():
        if reader.name.startswith("network.npz") and "Formula" not in reader.name:
            again = read_network(reader.good[0], "it")
            assert network_bytes(again) == reader.good[0]
