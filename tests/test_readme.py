"""What the README quotes is what the program writes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
QUOTE = re.compile(r"<!-- quote: (\S+) (\w+) -->\n```python\n(.*?)```", re.DOTALL)


def test_quoted_solvers_are_those_of_the_gallery() -> None:
    quotes = QUOTE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(quotes) >= 2
    for path, name, quoted in quotes:
        source = (ROOT / path).read_text(encoding="utf-8")
        (function,) = [
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef) and node.name == name
        ]
        assert quoted == f"{ast.get_source_segment(source, function)}\n"
