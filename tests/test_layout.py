"""Solvers are laid out definition by definition, as black lays out the whole."""

from __future__ import annotations

import black
import pytest
from gallery import OUTPUTS

from deepdistill.target.layout import formatted

MODE = black.Mode(target_versions={black.TargetVersion.PY311}, line_length=88)
SOURCE = '''"""A module."""
import sys
LIMIT = {"a":1}
# above the function
@property
def one( x ):
    """One."""
    return x+1  # beside
class Two:
    def three(self): return 3
solve = one
if __name__ == "__main__":
    sys.exit( solve(1) )
# at the end
'''


def test_a_crowded_module() -> None:
    assert formatted(SOURCE, 88) == black.format_str(SOURCE, mode=MODE)


@pytest.mark.parametrize("name", ["life", "kepler", "orientation"])
@pytest.mark.parametrize("lines", [1, 4])
def test_committed_files_with_other_blank_lines(name: str, lines: int) -> None:
    for file in ("solver.py", "test_solver.py"):
        source = (OUTPUTS / name / file).read_text()
        assert formatted(source.replace("\n\n\n", "\n" * lines), 88) == source


def test_what_is_no_module_is_refused() -> None:
    with pytest.raises(SyntaxError):
        formatted("def (", 88)
