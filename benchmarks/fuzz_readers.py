"""The readers of files that ``benchmarks/fuzz.py`` feeds, each with good files to start from."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.hostile import (
    Maker,
    archived,
    bomb,
    described,
    npy,
    packed,
    redescribed,
    scarred,
    worded,
)
from deepdistill.command.explaining import read_input
from deepdistill.data import catalogue
from deepdistill.data.files import LARGEST_DATA, read_bytes, read_pairs
from deepdistill.data.labelled import read_labelled
from deepdistill.data.problem import InputError
from deepdistill.data.record import Record, read_record
from deepdistill.data.tables import read_table
from deepdistill.forms.dense.network import DenseNetwork
from deepdistill.forms.dense.readers import dense_network, read_dense
from deepdistill.forms.dense.sized import SizedNetwork
from deepdistill.forms.files import load_network, network_bytes, read_network
from deepdistill.forms.formula.file import formula_bytes
from deepdistill.forms.formula.network import TableFormula
from deepdistill.forms.grid.network import GridNetwork
from deepdistill.forms.rules.file import rules_bytes
from deepdistill.forms.rules.network import LabelledRows, RuleNetwork, Support
from deepdistill.ir.expr import Call, Const, Expr, If, NoAnswer, Var
from deepdistill.ir.program import Formula, Let, Program
from deepdistill.ir.types import Axis, Integers, Port, Reals, Scalar
from deepdistill.recheck import StoredResult, lifted_again, read_result
from deepdistill.units.rules import Among, AtLeast, Below, Leaf, Missing, RuleModel, Split
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.solver import load_solver

ROOT = Path(__file__).resolve().parents[1]
OUTPUTS = ROOT / "outputs"
Refused = Callable[[Path], bool]
"""Reads a file, and says whether it was refused; whatever it raises is a defect."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Something that reads files: good ones to start from, and how they are damaged."""

    name: str
    read: Refused
    good: tuple[bytes, ...]
    makers: tuple[Maker, ...]
    prepare: Callable[[], object] = int
    """Makes what all its files share, outside of the time that one of them takes."""

    def file(self, seed: int, k: int) -> bytes:
        """The K-th damaged file of a seed."""
        random = Random(f"{seed} {self.name} {k}")
        return random.choice(self.makers)(random.choice(self.good), random)


def refuses(read: Callable[[Path], object]) -> Refused:
    """A reader that raises :class:`InputError` with a sentence for what it refuses."""

    def refused(path: Path) -> bool:
        try:
            read(path)
        except InputError as error:
            _one_sentence(str(error))
            return True
        return False

    return refused


def solver_refuses(main: Callable[..., int], *, takes_path: bool = False) -> Refused:
    """The command line of a solver, run in this process."""

    def refused(path: Path) -> bool:
        out, err = io.StringIO(), io.StringIO()
        given = io.TextIOWrapper(io.BytesIO(path.read_bytes()), "utf-8")
        before, sys.stdin = sys.stdin, given
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = main([str(path)]) if takes_path else main()
        finally:
            sys.stdin = before
        if status:
            assert (status, out.getvalue()) == (2, ""), f"it ends with status {status}"
            _one_sentence(err.getvalue().removesuffix("\n"))
        return bool(status)

    return refused


def _one_sentence(text: str) -> None:
    assert text and text.isprintable() and len(text) < 1000, f"it says {text!r:.200}"


@cache
def readers() -> tuple[Reader, ...]:
    """All readers of files."""
    certificates = [path.read_bytes() for path in sorted(OUTPUTS.glob("*/certificate.json"))]
    record = Record(("a try",), ((3, 0.5),), ((0.1, 0.9, 0.8),)).block()
    page = f'<!doctype html><script type="application/json" id="record">{record}</script>'
    boxes = (scarred, archived, archived)
    nets = (*boxes, redescribed, redescribed, redescribed)
    texts = (scarred, worded, worded)
    trees = (scarred, described, described)
    return (
        Reader("pairs (NPZ)", refuses(_pairs), (_pairs_file(), bomb("x.npy", 10**6)), boxes),
        *[
            Reader(f"network.npz ({name})", refuses(_network), (good,), nets)
            for name, good in _networks().items()
        ],
        Reader("network.npz (Formula)", refuses(_formula), (_formula_file(),), nets),
        Reader("network.npz (RuleNetwork)", refuses(_rules), (_rules_file(),), nets),
        Reader("layers (NPZ)", refuses(_layers), (_layers_file(),), boxes),
        Reader("layer (CSV)", refuses(_layer), (b"1,-2,0.5\n0,1,3\n-1,1,1e3\n.5,0,-1\n",), texts),
        Reader("table (CSV)", refuses(_table), _tables(), texts),
        Reader("table of labels (CSV)", refuses(_labelled), _tables(), texts),
        Reader("certificate.json", refuses(Certificate.read), tuple(certificates[::9]), trees),
        Reader("record in report.html", refuses(_record), (page.encode(),), (scarred,)),
        *_solvers(),
        *_explained(),
    )


def _solvers() -> Iterator[Reader]:
    grid = json.dumps([[0, 1, 0], [1, 1, 0], [0, 0, 1]]).encode()
    trees = (scarred, described, described)
    for name, good in {
        "life": grid,
        "argmax": b"[3, 1, 2, 9]",
        "binary_addition": b"[[1, 0], [1, 1], [0, 1]]",
        "eca_universal": b'{"cells": [0, 1, 1, 0], "rule": [0, 1, 1, 0, 1, 1, 1, 0]}',
        "palindrome": b"[0, 1, 1, 0]",
        "orientation": grid,
    }.items():
        yield Reader(f"{name}/solver.py", solver_refuses(_loaded(name)["_main"]), (good,), trees)
    clauses = (
        b"c of 2022\nh 1 -2 0\n5 2 3 0\n1 -3 0\n",
        b"p cnf 3 2\n1 -2 0\n2 3\n0\n",
        b"p wcnf 3 2 10\n10 1 -2 0\n4 2 3 0\n",
    )
    main = _loaded("maxsat")["_main"]
    yield Reader(
        "maxsat/solver.py (DIMACS)",
        solver_refuses(main, takes_path=True),
        (*clauses, *(pack.compress(clauses[0] * 20) for pack in (gzip, lzma, bz2))),
        (scarred, worded),
    )


def _explained() -> Iterator[Reader]:
    """What ``deepdistill explain --input`` reads; the program is lifted once."""
    trees = (scarred, described, described)
    for name, good, at in (
        ("life", b"[[0, 1, 0], [1, 1, 0], [0, 0, 1]]", (0, 1)),
        ("binary_addition", b"[[1, 0], [1, 1], [0, 1]]", (0,)),
        ("maxsat", b'{"clauses": [[1, -2], [2, 3], [-1]], "weights": [3, null, 1]}', None),
        ("kepler", b'{"a": 1.5, "mass": 2.0}', None),
    ):
        read, prepare = refuses(_explainer(name, at)), partial(_lifted, name)
        yield Reader(f"explain {name} --input", read, (good,), trees, prepare)


def _explainer(name: str, at: tuple[int, ...] | None) -> Callable[[Path], object]:
    def explained(path: Path) -> object:
        stored, program, solve = _lifted(name)
        found = stored.form.explain(stored.network, program, solve, read_input(path), at)
        json.dumps(found.as_json(), allow_nan=False)
        return str(found)

    return explained


@cache
def _lifted(name: str) -> tuple[StoredResult, Program, Callable[..., Any]]:
    """A result of the gallery, its program and its solver."""
    stored = read_result(OUTPUTS / name)
    program = lifted_again(stored)
    assert program is not None
    return stored, program, load_solver(stored.files["solver.py"], name)


def _loaded(name: str) -> dict[str, Any]:
    """The names in a solver of the gallery."""
    space: dict[str, Any] = {"__name__": name}
    exec(compile((OUTPUTS / name / "solver.py").read_bytes(), name, "exec"), space)
    return space


def _network(path: Path) -> object:
    """A network that is read can be run, or says that there is no answer."""
    network = load_network(path)
    if isinstance(network, TableFormula):
        return network.formula
    if isinstance(network, DenseNetwork):
        return network.run(np.zeros((1, *network.shape)))
    sizes: tuple[int, ...] = network.sizes[0] if isinstance(network, SizedNetwork) else (3, 4, 3, 3)
    batch = (1,) if isinstance(network, GridNetwork) else ()
    inputs = {}
    for port in network.inputs:
        shape = [axis.size or n for axis, n in zip(port.axes, sizes, strict=False)]
        inputs[port.name] = np.full((*batch, *shape), port.domain.low)
    with contextlib.suppress(NoAnswer):
        return network.run(inputs)
    return None


def _pairs(path: Path) -> object:
    return read_pairs(path, "grid(wrap) grid(wrap)", "mine")


def _formula(path: Path) -> object:
    return read_network(read_bytes(path, LARGEST_DATA), "it")


def _layers(path: Path) -> object:
    box = path.with_suffix(".npz")
    path.rename(box)
    return read_dense([box], (2, 2), "sign", "argmax", Integers(0, 1))


def _layer(path: Path) -> object:
    return read_dense([path], (3,), "sign", "linear", Integers(0, 1))


def _table(path: Path) -> object:
    return read_table(path, "y")


def _record(path: Path) -> object:
    return read_record(read_bytes(path, LARGEST_DATA))


def _pairs_file() -> bytes:
    x = np.random.default_rng(0).integers(0, 2, (12, 4, 5))
    return packed([("x.npy", npy(x)), ("y.npy", npy(np.roll(x, 1, 2)))])


def _layers_file() -> bytes:
    draw = np.random.default_rng(1).normal
    arrays = {
        "w1": draw(size=(4, 3)),
        "b1": draw(size=3),
        "w2": draw(size=(3, 2)),
        "b2": [0.0, 1.0],
    }
    return packed([(f"{name}.npy", npy(np.array(array))) for name, array in arrays.items()])


def _networks() -> dict[str, bytes]:
    """The smallest file of every kind of network."""
    pairs = [([[1, -1, 0, 2], [0, 1, 1, -1]], [0, 1]), ([[1, 0], [0, 1]], [0, 0])]
    dense = dense_network(pairs, (2, 2), "sign", "argmax", Integers(0, 1))
    cells = Port("cells", (Axis("grid"), Axis("grid")), Integers(0, 1))
    sized = SizedNetwork((cells,), Port("result", (), Integers(0, 1)), (0, 1), (dense,))
    found = {type(one).__name__: network_bytes(one) for one in (dense, sized)}
    paths = [OUTPUTS / name / "network.npz" for name in catalogue.names()]
    for path in sorted(paths, key=lambda path: path.stat().st_size):
        if path.stat().st_size < 10**5:
            found.setdefault(type(load_network(path)).__name__, path.read_bytes())
    return dict(sorted(found.items()))


def _rules(path: Path) -> object:
    """Rules that are read can be run."""
    network = load_network(path)
    if isinstance(network, RuleNetwork):
        rows = np.zeros((2, len(network.inputs)))
        return network.run(rows), network.cases(rows)
    return network


def _rules_file() -> bytes:
    units = (Below(0, 1.5), Among(1, (1,)), AtLeast(((0, True), (1, False)), 1), Missing(0))
    tree = Split(2, Leaf(1), Split(3, Leaf(0), Leaf(1)))
    inputs = (
        Scalar("x", Reals(0.0, 2.0), "x [m]", optional=True),
        Scalar("hue", Reals(0.0, 1.0), "hue", ("red", "blue")),
    )
    output = Scalar("y", Reals(0.0, 1.0), "y", ("no", "yes"))
    shares, support = ((0.25, 0.75),) * 3, (Support((1, 2), (0, 1)),) * 3
    rows = LabelledRows(9, 1, 3, 1, (5, 7), 0.5, 0.7, 0.1, 6.0)
    model = RuleModel(units, (tree,))
    return rules_bytes(RuleNetwork(inputs, output, model, shares, (), support, rows))


def _labelled(path: Path) -> object:
    return read_labelled(path, "colour")


def _formula_file() -> bytes:
    x, z = Var("x"), Var("z")
    half: Expr = Call("mul", (Const(0.5), x))
    body = (Let("part", Call("add", (half, Call("sin", (z,))))),)
    value = If(Call("lt", (x, Const(1.0))), Var("part"), Call("sqrt", (Call("abs", (z,)),)))
    inputs = (Scalar("x", Reals(0.0, 2.0), "x [m]"), Scalar("z", Reals(-1.0, 1.0), "z"))
    law = Formula("law", inputs, Scalar("y", Reals(0.0, 1.0), "y"), body, value)
    return formula_bytes(law, (np.ones((3, 2)), np.ones(3)))


def _tables() -> tuple[bytes, ...]:
    rows = [f"{k},{k * k / 7:.3f},{'red' if k % 3 else 'blue'},{k - 0.5}" for k in range(12)]
    plain = "x,z,colour,y\n" + "\n".join(rows) + "\n"
    german = plain.replace(",", ";").replace(".", ",")
    dressed = f"sep=;\n# made by hand\n{german.replace('0', '1.000')};\n"
    units = plain.replace("\n", "\n[m],[s],,(kg)\n", 1)
    texts = (plain, german, dressed, units)
    return (*map(str.encode, texts), plain.encode("utf-16"))
