"""The nightly run says what ran, what failed and what did not run at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import nightly
from benchmarks.nightly import Part, main

ROOT = Path(__file__).parent.parent
GOOD = Part("good", ("-c", "print('== 3 passed, 2 deselected in 1.5s ==')"), "what passes")
BAD = Part("bad", ("-c", "print('1 failed, 2 passed in 2.00s'); raise SystemExit(1)"), "what fails")
SKIPPED = Part("skipped", ("-c", "print('19 skipped in 0.10s')"), "what does not run")
SILENT = Part("silent", ("-c", "open('{out}/table.md', 'w').write('{jobs}')"), "a table")


@pytest.mark.parametrize(
    ("parts", "status", "words"),
    [
        ((GOOD, SILENT), 0, ("3 passed, 2 deselected in 1.5s", "exit status 0")),
        ((GOOD, BAD), 1, ("FAILED", "1 failed, 2 passed in 2.00s")),
        ((SKIPPED, GOOD), 1, ("FAILED", "19 skipped")),
    ],
)
def test_a_table_and_a_status(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    parts: tuple[Part, ...],
    status: int,
    words: tuple[str, ...],
) -> None:
    monkeypatch.setattr(nightly, "PARTS", parts)
    assert main(["--out", str(tmp_path), "--jobs", "3"]) == status
    table = capsys.readouterr().out
    assert all(word in table for word in (*words, *(part.holds for part in parts)))
    assert all((tmp_path / f"{part.name}.log").exists() for part in parts)
    assert SILENT not in parts or (tmp_path / "table.md").read_text() == "3"


def test_parts_are_chosen_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(nightly, "PARTS", (GOOD, BAD))
    assert main(["good", "--out", str(tmp_path)]) == 0
    assert "what fails" not in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(["other"])
    assert "choose from good, bad" in capsys.readouterr().err


def test_files_that_parts_name_are_there() -> None:
    named = [a for part in nightly.PARTS for a in part.arguments if a.startswith("tests")]
    assert named and all((ROOT / name).exists() for name in named)
    gallery = (ROOT / nightly.GALLERY).read_text(encoding="utf-8")
    assert all(f"def {name}(" in gallery for name in (nightly.WHOLE, nightly.RULES))
