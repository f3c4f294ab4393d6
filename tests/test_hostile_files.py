"""Archives that lie, and files that are devices, pipes or bombs: refused, within a gigabyte."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.fuzz_readers import ROOT
from benchmarks.hostile import header, npy, packed
from deepdistill.data.files import read_arrays, read_bytes, read_pairs, write_bytes
from deepdistill.data.problem import InputError

# ------------------------------------------------------------------ archives


def test_archives_of_other_kinds_are_refused() -> None:
    good = npy(np.arange(3))
    assert read_arrays(packed([("x.npy", good)]), "it", 2**20)["x"].tolist() == [0, 1, 2]
    lzma = packed([("x.npy", good)], zipfile.ZIP_LZMA)
    secret = bytearray(packed([("x.npy", good)]))
    secret[secret.rfind(b"PK\x01\x02") + 8] |= 1
    twice = packed([("x.npy", good), ("x.npy", good)])
    comment = packed([("x.npy", good)])[:-2] + b"\x01\x00!"
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        archive.mkdir("x.npy")
    for data in (lzma, bytes(secret), twice, comment, buffer.getvalue(), b"", b"PK\x05\x06"):
        with pytest.raises(InputError, match="^it is corrupted"):
            read_arrays(data, "it", 2**20)


@pytest.mark.parametrize(
    "kind", ["|O", "<U4", "<c16", "<M8[s]", "|V8", "<f16", "<i3", "i8,i8", "O8"]
)
def test_arrays_that_are_not_plain_numbers_are_refused(kind: str) -> None:
    with pytest.raises(InputError, match="not plain numbers"):
        read_arrays(packed([("x.npy", header(kind, "(1,)") + bytes(64))]), "it", 2**20)


def test_files_of_other_arrays_say_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "pairs.npz"
    zeros = np.zeros((4, 3), int)
    ragged = np.empty(2, object)
    for names, cause in (
        ({"arr_0": zeros, "arr_1": zeros[:, 0]}, r"no array 'x': it has 'arr_0' \(4, 3\), 'arr_1'"),
        ({"x": zeros}, r"no array 'y': it has 'x' \(4, 3\), save"),
        ({}, "no array 'x': it has none"),
        ({f"a{k:02}": zeros for k in range(11)}, "'a07'.* and 3 more"),
        ({"x": ragged, "y": zeros}, "not plain numbers but Python's objects.*the same shape"),
    ):
        np.savez(path, **names)  # type: ignore[arg-type]
        with pytest.raises(InputError, match=cause):
            read_pairs(path, "grid", "mine")
    np.save(tmp_path / "x.npy", zeros)
    with pytest.raises(InputError, match=r"x.npy is one array of the shape \(4, 3\).*savez"):
        read_pairs(tmp_path / "x.npy", "grid", "mine")


def test_headers_are_read_as_numpy_writes_them() -> None:
    for array in (
        np.array(3.5), np.zeros((0, 3)), np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array([True, False]),
        np.zeros((1,) * 12, np.float16),
    ):  # fmt: skip
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, (2, 0))
        for data in (npy(array), buffer.getvalue()):
            back = read_arrays(packed([("x.npy", data)]), "it", 2**20)["x"]
            assert back.dtype == array.dtype and back.shape == array.shape
            assert (back == array).all()
    odd = header("|b1", "(3,)") + b"\x00\x07\xff"
    assert read_arrays(packed([("x.npy", odd)]), "it", 2**20)["x"].tolist() == [False, True, True]
    python_2 = b"\x93NUMPY\x01\x00" + (60).to_bytes(2, "little")
    python_2 += b"{'descr': '<i8', 'fortran_order': False, 'shape': (1L,), }".ljust(60) + bytes(8)
    with pytest.raises(InputError, match="not plain numbers"):
        read_arrays(packed([("x.npy", python_2)]), "it", 2**20)


def test_no_name_in_an_archive_becomes_a_path(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    arrays = read_arrays(
        packed([("../x.npy", npy(np.ones(1))), ("/y.npy", npy(np.ones(1)))]), "", 999
    )
    assert set(arrays) == {"../x", "/y"} and not list(tmp_path.parent.glob("x*"))


# ------------------------------------------------------------------ files that are no files

READ_ALL = """
import resource, sys
from pathlib import Path
from benchmarks.fuzz_readers import readers
from deepdistill.data.problem import InputError
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
for reader in readers():
    if "solver.py" not in reader.name:
        for name in sys.argv[1:]:
            path = Path(name.replace("NUL", chr(0)).replace("LONE", chr(0xD800)))
            if "layers" in reader.name:
                continue  # it renames its file
            assert reader.read(path), (reader.name, name)
print("refused all")
"""


def run(code: str, *arguments: object, limit: float = 60) -> subprocess.CompletedProcess[str]:
    """Python in another process, with one thread: threads take address space."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        env=environment | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=limit,
    )


def test_devices_pipes_folders_and_impossible_names_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "away").symlink_to("/dev/zero")
    (tmp_path / "nowhere").symlink_to(tmp_path / "none")
    names = [
        tmp_path / name for name in ("pipe", "loop", "away", "nowhere", "x" * 300, "aNULb", "LONE")
    ]
    done = run(READ_ALL, *names, tmp_path, "/dev/zero", "/dev/stdin")
    assert (done.stdout, done.stderr) == ("refused all\n", "")
    with pytest.raises(InputError, match="cannot write"):
        write_bytes(tmp_path / "a\0b", b"")
    with pytest.raises(InputError, match="a device or a pipe, not a file"):
        read_bytes(tmp_path / "pipe", 9)


def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.npz"
    path.write_bytes(b"PK")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(InputError, match="Permission denied"):
        read_pairs(path, "grid", "mine")


BOMBS = """
import resource, sys, time
import numpy as np
from pathlib import Path
from benchmarks.fuzz_readers import _pairs, _layer, _layers, _table, _network
from benchmarks.hostile import header, packed
from deepdistill.data.problem import InputError
import zipfile
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
path = Path(sys.argv[1]) / "file"
most = 40 * 2**20

def bomb(*names):
    cells = header("|i1", f"({most // len(names)},)") + bytes(most // len(names))
    return packed([(name, cells) for name in names], zipfile.ZIP_DEFLATED)

for read, data in (
    (_pairs, bomb("x.npy")),
    (_pairs, bomb("x.npy", "y.npy")),
    (_network, bomb("network.json.npy")),
    (_layers, bomb("w.npy", "b.npy")),
    (_layer, b"1," * (2 * 2**20)),
    (_layer, b"1" * (20 * 2**20)),
    (_table, b"x,y\\n" + b"a," * (3 * 2**20)),
    *[(_table, b"x,y\\n" + b"12,3\\n" * (21 * 10**5))] * int(sys.argv[2]),
    (_table, b"x" * (20 * 2**20)),
):
    path.write_bytes(data)
    start = time.process_time()
    try:
        read(path)
        raise SystemExit("accepted")
    except InputError:
        print(read.__name__, round(time.process_time() - start, 1), file=sys.stderr)
print("refused all")
"""


@pytest.mark.parametrize("rows", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_bombs_are_refused_within_a_gigabyte(tmp_path: Path, rows: int) -> None:
    """With ``rows`` millions of them, too, which take seconds to count."""
    done = run(BOMBS, tmp_path, rows)
    assert done.stdout == "refused all\n", done.stderr
