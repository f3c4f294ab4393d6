"""Dense networks from files: read, written, condensed by the command, refused in one sentence."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import deepdistill as dd
from deepdistill.cli import main
from deepdistill.data.problem import InputError
from deepdistill.forms.dense.network import DenseLayer, DenseNetwork
from deepdistill.forms.files import network_bytes, read_network

GOOD = np.array([[1.0, 0.0], [1.0, -1.0], [0.0, 2.0], [0.5, 0.0], [-1.0, 0.5]])
LAST = np.array([[1.0, -1.0], [2.0, 0.0], [0.0, 1.0]])


@pytest.fixture
def layers(tmp_path: Path) -> tuple[Path, Path]:
    first, last = tmp_path / "first.csv", tmp_path / "last.csv"
    np.savetxt(first, GOOD, delimiter=",")
    np.savetxt(last, LAST, delimiter=",")
    return first, last


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(["condense", *arguments])
    return int(stop.value.code or 0), capsys.readouterr().err


def test_csv_layers_are_condensed_and_verified(
    layers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = [*map(str, layers), "--shape", "2x2", "--hidden", "step", "--out", str(out)]
    assert run(words, capsys) == (0, "")
    folder = out / "mine"
    assert {p.name for p in folder.iterdir()} == {
        "solver.py",
        "test_solver.py",
        "certificate.json",
        "network.npz",
        "report.html",
    }
    claims = json.loads((folder / "certificate.json").read_text())
    assert claims["faithful"]["status"] == "exhaustive"
    assert claims["scalable"]["status"] == "not applicable"
    assert claims["correct"]["status"] == "no oracle"
    with pytest.raises(SystemExit) as stop:
        main(["verify", str(folder)])
    assert stop.value.code == 0


def test_npz_and_lists_give_the_same_program(tmp_path: Path) -> None:
    pairs = [(GOOD[:-1], GOOD[-1]), (LAST[:-1], LAST[-1])]
    named = {}
    for k, (weights, bias) in enumerate(pairs):
        named |= {f"weights_{k}": weights, f"bias_{k}": bias}
    np.savez(tmp_path / "both.npz", **named)
    from deepdistill.forms.dense.readers import read_dense
    from deepdistill.ir.types import Integers

    read, _ = read_dense([tmp_path / "both.npz"], (2, 2), "step", "argmax", Integers(0, 1))
    one = dd.condense_network(read, name="one")
    other = dd.condense_network(pairs, (2, 2), hidden="step", name="one")
    assert one.code == other.code
    assert network_bytes(one.network) == network_bytes(other.network)


def test_torch_modules_are_read() -> None:
    torch = pytest.importorskip("torch")

    class Step(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x):  # type: ignore[no-untyped-def]
            return (x >= 0).float()

    module = torch.nn.Sequential(torch.nn.Linear(4, 2), Step(), torch.nn.Linear(2, 2))
    with torch.no_grad():
        for layer, table in ((module[0], GOOD), (module[2], LAST)):
            layer.weight[:] = torch.tensor(table[:-1].T)
            layer.bias[:] = torch.tensor(table[-1])
    pairs = [(GOOD[:-1], GOOD[-1]), (LAST[:-1], LAST[-1])]
    own = dd.condense_network(module, (2, 2), name="one")
    other = dd.condense_network(pairs, (2, 2), hidden="step", name="one")
    assert own.program == other.program
    assert network_bytes(own.network) == network_bytes(other.network)


def test_a_dense_network_is_read_back() -> None:
    network = DenseNetwork(
        (3,),
        (
            DenseLayer(np.array([[1.0, 0.25, -3.0]]), np.array([0.1]), "sign"),
            DenseLayer(np.array([[1.0], [-1.0]]), np.zeros(2), "softmax"),
        ),
    )
    found = read_network(network_bytes(network), "it")
    assert isinstance(found, DenseNetwork)
    assert network_bytes(found) == network_bytes(network)
    assert found.shape == (3,) and found.layers[1].activation == "softmax"


BAD = {
    "text": "1,0\n1,x\n0,2\n0,0\n1,1\n",
    "ragged": "1,0\n1\n0,2\n0,0\n1,1\n",
    "missing row": "1,0\n1,1\n0,2\n1,1\n",
    "extra row": "1,0\n1,1\n0,2\n0,2\n0,2\n1,1\n",
    "nan": "1,0\n1,nan\n0,2\n0,0\n1,1\n",
    "infinite": "1,0\n1,inf\n0,2\n0,0\n1,1\n",
    "huge": "1,0\n1,1e300\n0,2\n0,0\n1,1\n",
    "empty": "",
    "blank": "\n\n",
    "no units": ",\n,\n",
    "one row": "1,0\n",
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_tables_are_refused_in_one_sentence(
    kind: str, layers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers[0].write_text(BAD[kind])
    refused([*map(str, layers), "--shape", "2x2"], tmp_path, capsys)


@pytest.mark.parametrize("kind", BAD)
def test_bad_tables_of_the_second_network_are_refused(
    kind: str, layers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = tmp_path / "second.csv"
    second.write_text(BAD[kind])
    words = [*map(str, layers), "--shape", "2x2", "--second", str(second)]
    refused([*words, "--second", str(layers[1]), "--second-shape", "4x1"], tmp_path, capsys)


def test_a_refusal_leaves_the_folder_as_it_was(
    layers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*map(str, layers), "--shape", "2x2", "--out", str(tmp_path / "out")]
    assert run(words, capsys) == (0, "")
    before = {p.name: p.read_bytes() for p in (tmp_path / "out" / "mine").iterdir()}
    layers[0].write_text(BAD["nan"])
    status, message = run(words, capsys)
    assert status == 2 and len(message.splitlines()) == 1
    assert {p.name: p.read_bytes() for p in (tmp_path / "out" / "mine").iterdir()} == before


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        None,
        7,
        [1],
        [(GOOD[:-1],)],
        [(GOOD[:-1], GOOD[-1]), (LAST[:-1], LAST[-1][:1])],
        [(np.zeros((4, 0)), np.zeros(0))],
        [(np.full((4, 2), np.nan), np.zeros(2))],
        [(np.full((4, 2), "a"), np.zeros(2))],
        [([[1, 2], [3]], [0, 0])],
        [(np.ones((4, 2), dtype=complex), np.zeros(2))],
        [(np.ones((2, 2, 2)), np.zeros(2))],
        [({}, set())],
    ],
    ids=repr,
)
def test_bad_layers_are_refused_in_one_sentence(pairs: object) -> None:
    with pytest.raises(InputError) as refusal:
        dd.condense_network(pairs, (2, 2))
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("shape", [None, (), (0,), (4.5,), "4", (2, -2), 4, (10**9, 10**9)])
def test_bad_shapes_are_refused_in_one_sentence(shape: object) -> None:
    pairs = [(GOOD[:-1], GOOD[-1]), (LAST[:-1], LAST[-1])]
    with pytest.raises(InputError) as refusal:
        dd.condense_network(pairs, shape)  # type: ignore[arg-type]
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("values", [(1, 0), (0, 0), (0.5, 1), ("a", "b"), (0,), None])
def test_bad_values_are_refused_in_one_sentence(values: object) -> None:
    pairs = [(GOOD[:-1], GOOD[-1]), (LAST[:-1], LAST[-1])]
    with pytest.raises(InputError) as refusal:
        dd.condense_network(pairs, (2, 2), values=values)  # type: ignore[arg-type]
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--shape", "3x3"],
        ["--shape", "2xx2"],
        ["--shape", "0x4"],
        ["--shape", "4", "--hidden", "relu"],
        ["--shape", "4", "--head", "max"],
        ["--shape", "4", "--values", "1:0"],
        ["--shape", "4", "--values", "a"],
    ],
)
def test_bad_options_are_refused_in_one_sentence(
    options: list[str],
    layers: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused([*map(str, layers), *options], tmp_path, capsys)


def test_files_of_the_wrong_kind_are_refused(
    layers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "odd.npz"
    odd.write_bytes(pickle.dumps([GOOD]))
    refused([str(odd), "--shape", "4"], tmp_path, capsys)
    np.savez(odd, a=np.array([{}], dtype=object))
    refused([str(odd), "--shape", "4"], tmp_path, capsys)
    np.savez(odd, a=GOOD)
    refused([str(odd), "--shape", "4"], tmp_path, capsys)
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    refused([str(picture), "--shape", "4"], tmp_path, capsys)
    refused([str(tmp_path / "nowhere.csv"), "--shape", "4"], tmp_path, capsys)
    refused([str(layers[0]), str(odd), "--shape", "4"], tmp_path, capsys)
    refused(["--shape", "4"], tmp_path, capsys)


def refused(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    status, message = run([*arguments, "--out", str(out)], capsys)
    assert status == 2
    assert len(message.splitlines()) == 1 and message.startswith("deepdistill: ")
    assert not out.exists()


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    from deepdistill.forms.dense.readers import read_dense
    from deepdistill.ir.types import Integers

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path(tmp_path / "sprung").write_text, ("",))

    for name in ("trap.npz", "trap.csv", "trap.pt"):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(Trap()))
        with pytest.raises(InputError):
            read_dense([path], (4,), "sign", "argmax", Integers(0, 1))
    assert not (tmp_path / "sprung").exists()
