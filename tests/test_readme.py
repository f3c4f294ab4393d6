"""What the README and the docs quote is what the program writes, and their snippets run."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deepdistill.cli import main
from deepdistill.verify.solver import load_solver

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
QUOTE = re.compile(r"<!-- quote: (\S+) (\w+) -->\n```python\n(.*?)```", re.DOTALL)
SNIPPET = re.compile(r"<!-- run -->\n```(\w+)\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def promised(source: str) -> list[str]:
    """What the comments behind ``print`` say."""
    return re.findall(r"^print\(.*\)  # (.*)$", source, re.MULTILINE)


def quote(match: re.Match[str]) -> str:
    """A quote as it should be: the function as the file has it now."""
    path, name = match[1], match[2]
    source = text(ROOT / path)
    (function,) = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    segment = ast.get_source_segment(source, function)
    return f"<!-- quote: {path} {name} -->\n```python\n{segment}\n```"


def test_quoted_solvers_are_those_of_the_gallery(
    golden: Callable[[Path, str | bytes], None],
) -> None:
    count = 0
    for page in (README, *DOCS):
        quoted, here = QUOTE.subn(quote, text(page))
        golden(page, quoted)
        count += here
    assert count >= 5


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert text(README).count("\n") <= 150
    for page in (README, *DOCS):
        for target in LINK.findall(text(page)):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("number", range(3))
def test_the_snippets_of_the_readme_run(
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    snippets = SNIPPET.findall(text(README))
    assert len(snippets) == 3
    kind, source = snippets[number]
    monkeypatch.chdir(tmp_path)
    if kind == "sh":
        here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euc", source],
            env={**os.environ, "PATH": here, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "[0, 0, 0]" in done.stdout and "carry = total // 2" in done.stdout
        return
    (tmp_path / "snippet.py").write_text(source)
    runpy.run_path("snippet.py")
    printed = capsys.readouterr().out
    lines = promised(source)
    assert lines and all(line in printed.splitlines() for line in lines)


def test_the_examples_on_tables_run_and_print_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = text(ROOT / "docs" / "tables.md")
    made, solver, estimator = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    command = re.findall(r"^    deepdistill (fit .*)$", page, re.MULTILINE)[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made.py").write_text(made)
    runpy.run_path("made.py")
    with pytest.raises(SystemExit) as stopped:
        main(command.split())
    assert stopped.value.code == 0
    written = text(tmp_path / "outputs" / "fares" / "solver.py")
    assert solver in written
    calls = re.findall(r"(fares\([^)]*\))(?: ==|$)", page, re.MULTILINE)
    answers = f"[{', '.join(calls)}]"
    assert eval(answers, {"fares": load_solver(written.encode(), "fares")}) == [15, 15, 15]
    capsys.readouterr()
    (tmp_path / "estimator.py").write_text(estimator)
    runpy.run_path("estimator.py")
    assert len(promised(estimator)) == 3
    assert capsys.readouterr().out.splitlines() == promised(estimator)


def test_the_example_on_a_block_runs_and_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", text(ROOT / "docs" / "modules.md"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.py").write_text(example)
    runpy.run_path("example.py")
    said = re.findall(r"^\s*print\(.*\)  # (.*)$", example, re.MULTILINE)
    assert len(said) == 2 and capsys.readouterr().out.splitlines() == said
