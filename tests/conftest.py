"""Repeatable draws, and one switch that rewrites what the repository keeps of its own output.

Hypothesis draws the same examples in every run; HYPOTHESIS_PROFILE=explore draws others, and
HYPOTHESIS_PROFILE=nightly more. What ``nightly.txt`` names is marked slow.
``python -m pytest --update-golden`` writes the golden files that differ instead of failing: the
gallery's solvers, tests, certificates, index and table of rules, and the README's quotes; with
``-m "slow or not slow"``, its networks and reports, too. See what changed with ``git diff``.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from effort import PROFILE, tries
from hypothesis import settings

from deepdistill.verify.search import same_draws

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=tries(100))
settings.register_profile("nightly", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(PROFILE)

LONG = Path(__file__).parent / "nightly.txt"
"""Tests that take long and have a shorter sister: their names, a line each."""

SWITCH = "--update-golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(SWITCH, action="store_true", help="rewrite golden files that differ")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """The whole suite is spread over the processors; a file by itself, or ``-n 0``, is not."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    is_worker = hasattr(config, "workerinput")  # it would start workers of its own
    covered = config.getoption("cov_source", None)  # pytest-cov has to know of -n from the start
    if not whole or is_worker or covered or config.getoption(SWITCH):
        return
    if config.getoption("numprocesses", 0) is None:
        config.option.numprocesses = "logical"


@pytest.fixture(scope="session", autouse=True)
def _same_draws() -> Iterator[None]:
    """What a test draws does not depend on the tests that ran before it."""
    with same_draws():
        yield


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption(SWITCH) and config.getoption("numprocesses", None):
        raise pytest.UsageError(f"{SWITCH} writes files that tests share: run it without -n")
    if config.getoption("numprocesses", None):
        for library in ("OMP", "OPENBLAS", "MKL"):  # workers that share a processor wait in threads
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    if config.getoption("dist", "no") == "load":  # what -n alone asks for
        whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
        config.option.dist = "loadfile" if whole else "loadgroup"  # tests share what one has made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    long = set(LONG.read_text().splitlines())
    for item in items:
        if item.nodeid in long:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """What is imported and collected stays: the collector need not walk through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


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
