"""What the README quotes is what the program writes."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from deepdistill.cli import main

ROOT = Path(__file__).parent.parent
QUOTE = re.compile(r"<!-- quote: (\S+) (\w+) -->\n```python\n(.*?)```", re.DOTALL)


def quote(found: re.Match[str]) -> str:
    """A quote as it should be: the function as the file has it now."""
    path, name = found[1], found[2]
    source = (ROOT / path).read_text(encoding="utf-8")
    (function,) = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    text = ast.get_source_segment(source, function)
    return f"<!-- quote: {path} {name} -->\n```python\n{text}\n```"


def test_quoted_solvers_are_those_of_the_gallery(
    golden: Callable[[Path, str | bytes], None],
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted, count = QUOTE.subn(quote, readme)
    assert count >= 2
    golden(ROOT / "README.md", quoted)


def test_the_examples_on_tables_run_and_print_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## A formula from a table\n")[1].split("\n## ")[0]
    made, solver, estimator = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (command,) = re.findall(r"^    deepdistill (.*)$", section, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made.py").write_text(made)
    runpy.run_path("made.py")
    with pytest.raises(SystemExit) as stopped:
        main(command.split())
    assert stopped.value.code == 0
    assert solver in (tmp_path / "outputs" / "fares" / "solver.py").read_text()
    capsys.readouterr()
    (tmp_path / "estimator.py").write_text(estimator)
    runpy.run_path("estimator.py")
    promised = re.findall(r"^print\(.*\)  # (.*)$", estimator, re.MULTILINE)
    assert len(promised) == 3 and capsys.readouterr().out.splitlines() == promised
