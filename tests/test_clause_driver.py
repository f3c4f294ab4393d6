"""The driver of a clause solver is compared with the one that its network gives."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import shutil
from pathlib import Path

import pytest
from gallery import OUTPUTS

from deepdistill.forms.clauses.driver import broken_driver
from deepdistill.recheck import verify_folder
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.solver import load_solver

SOURCE = (OUTPUTS / "maxsat" / "solver.py").read_text()
CHANGES = {
    "no flips": ("FLIPS = 20 ", "FLIPS = 0 "),
    "a flip more for each variable": ("FLIPS = 20 ", "FLIPS = 21 "),
    "another tie": ("lean < 0 or tie", "lean < 0"),
    "hard clauses cost less": ("self.hard = 1 + sum", "self.hard = sum"),
    "a resting variable less": ("int((2 * count) ** 0.5)", "int((2 * count) ** 0.5) - 1"),
    "no refusal": ("type(literal) is not int or not 1", "not 1"),
    "a header may lie": ("if len(clauses) != promised:", "if len(clauses) < promised:"),
    "weights are read as literals": ('if start == "%"', 'if start == "&"'),
    "a mark before the text": ('data.removeprefix(b"\\xef\\xbb\\xbf")', "data"),
    "comments in ASCII alone": ('decode("latin-1")', 'decode("ascii")'),
    "wide weights": ("int(digits) >= 2**64", "int(digits) >= 2**63"),
    "packed files": ('b"\\xfd7zXZ\\0"', 'b"\\xfd7zXZ\\1"'),
    "a status": ('"s SATISFIABLE"', '"s UNKNOWN"'),
}


FORMULA = "c \u00e5 \u2026 1 0\nc\np wcnf 2 3 9\n9 1 -2 0\n3 2 0\n2 -1 0\n"
KINDS = {
    ".wcnf": lambda data: data,
    ".wcnf.gz": gzip.compress,
    ".wcnf.xz": lzma.compress,
    ".wcnf.bz2": bz2.compress,
    ".wcnf.lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "in two parts.xz": lambda data: lzma.compress(data[:30]) + lzma.compress(data[30:]),
}
CODES = ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"]


def told(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """What the solver of the gallery does with a file."""
    main = load_solver(SOURCE.encode(), "maxsat").__globals__["_main"]  # type: ignore[attr-defined]
    status = main([str(path)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", CODES)
def test_files_are_read_packed_and_in_any_code(
    tmp_path: Path, kind: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"formula{kind}"
    path.write_bytes(KINDS[kind](FORMULA.encode(code, "replace")))
    assert told(path, capsys) == (0, "o 2\ns SATISFIABLE\nv 1 2 0\n", "")


def test_weights_up_to_64_bits_are_exact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "formula.wcnf"
    path.write_text(f"{2**64 - 1} 1 0\n{2**64 - 2} -1 0\n")
    assert told(path, capsys)[:2] == (0, f"o {2**64 - 2}\ns SATISFIABLE\nv 1\n")
    path.write_text(f"1 1 0\n{2**64} -1 0\n")
    assert told(path, capsys) == (2, "", f"line 2: '{2**64}' is not a whole number below 2^64\n")


@pytest.mark.parametrize(
    "data, cause",
    [
        (gzip.compress(FORMULA.encode())[:-12], "the packed file is damaged"),
        (lzma.compress(FORMULA.encode())[:-12], "the packed file is damaged"),
        (bz2.compress(FORMULA.encode())[:-12], "the packed file is damaged"),
        (bz2.compress(bytes(2**27 + 1)), "the file has more than 134217728 bytes"),
        ("1 1 0\n2 \u00e9 0\n".encode("latin-1"), "line 2: only comments may hold"),
        (gzip.compress(gzip.compress(b"1 1 0\n")), "line 1: a byte is zero, so this is no text"),
        (b"PK\x03\x04\x14\0", "line 1: a byte is zero, so this is no text: unpack what"),
        (b"p cnf 2 1\n1 \x002 0\n", "line 2: a byte is zero"),
    ],
    ids=["gz", "xz", "bz2", "bomb", "clause", "twice", "zip", "zero"],
)
def test_damaged_files_are_refused_in_a_sentence(
    tmp_path: Path, data: bytes, cause: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "formula.wcnf.xz"
    path.write_bytes(data)
    status, out, err = told(path, capsys)
    assert (status, out, err.count("\n")) == (2, "", 1) and err.startswith(cause)


@pytest.mark.parametrize("name", ["a.cnf", "a.CNF", "a.cnf.gz", "a.dimacs"])
def test_clauses_without_a_header_are_not_taken_for_weighted_ones(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    for text in ("1 2 0\n1 -2 0\n", "c\n-1 0\n"):
        path.write_text(text)
        status, out, err = told(path, capsys)
        assert (status, out) == (2, "") and "a header such as `p cnf 3 5`" in err
    path.write_text("p cnf 2 2\n  c indented\n1 2 0\n\tc\n1 -2 0\n")
    assert told(path, capsys)[:2] == (0, "o 0\ns OPTIMUM FOUND\nv 1 2 0\n")
    other = tmp_path / "a.wcnf"
    other.write_text("1 2 0\n1 -2 0\n")
    assert told(other, capsys)[0] == 0


def test_a_driver_is_like_itself() -> None:
    one, other = (load_solver(SOURCE.encode(), "maxsat") for _ in range(2))
    assert broken_driver(one, other) is None


@pytest.mark.parametrize("change", CHANGES)
def test_changed_drivers_are_found(change: str) -> None:
    before, after = CHANGES[change]
    assert SOURCE.count(before) == 1
    changed = load_solver(SOURCE.replace(before, after).encode(), "changed")
    broken = broken_driver(changed, load_solver(SOURCE.encode(), "maxsat"))
    assert broken is not None and broken.expected != broken.got


def sealed(source: str, folder: Path) -> Path:
    """The result in the gallery with another solver, as if that had been certified."""
    shutil.copytree(OUTPUTS / "maxsat", folder)
    (folder / "solver.py").write_text(source)
    certificate = Certificate.read(folder / "certificate.json")
    files = {name: (folder / name).read_bytes() for name in certificate.digests}
    (folder / "certificate.json").write_text(certificate.sealed(files).text())
    return folder


def test_a_forged_driver_is_refused(tmp_path: Path) -> None:
    folder = sealed(SOURCE.replace(*CHANGES["no flips"]), tmp_path / "maxsat")
    found = verify_folder(folder, 12, 2)
    assert not found.ok and found.faithful.status == "failed"
    assert json.loads(found.text())["faithful"]["counterexample"]["call"].startswith("solve(")


def test_a_driver_in_other_words_is_as_good(tmp_path: Path) -> None:
    other = SOURCE.replace("since", "flipped_since")
    assert other != SOURCE
    assert verify_folder(sealed(other, tmp_path / "maxsat"), 12, 2).faithful.ok
