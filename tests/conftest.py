"""Repeatable draws, and one switch that rewrites what the repository keeps of its own output.

Hypothesis draws the same examples in every run; HYPOTHESIS_PROFILE=explore draws others.
``python -m pytest --update-golden`` writes the golden files that differ instead of failing: the
gallery's solvers, tests, certificates, index and table of rules, and the README's quotes; with
``-m "slow or not slow"``, its networks and reports, too. See what changed with ``git diff``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

SWITCH = "--update-golden"


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """With ``-n`` tests of one ``xdist_group`` share a worker, and what its first one makes."""
    if config.getoption("numprocesses", None) and config.option.dist == "no":
        config.option.dist = "loadgroup"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(SWITCH, action="store_true", help="rewrite golden files that differ")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption(SWITCH) and config.getoption("numprocesses", None):
        raise pytest.UsageError(f"{SWITCH} writes files that tests share: run it without -n")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str | bytes], None]:
    """Compare what was made with a golden file, or write it there with the switch."""
    update = request.config.getoption(SWITCH)

    def same(path: Path, made: str | bytes) -> None:
        data = made.encode() if isinstance(made, str) else made
        kept = path.read_bytes() if path.exists() else None
        if update and data != kept:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        elif isinstance(made, bytes) and path.suffix == ".npz":
            assert data == kept, f"{path} differs; {SWITCH} rewrites it"
        else:
            text = None if kept is None else kept.decode()
            assert data.decode() == text, f"{path} differs; {SWITCH} rewrites it"

    return same
