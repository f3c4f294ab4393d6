"""The same bytes on any processor: laws distilled again under other kernels and instructions."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from numpy._core import _multiarray_umath as umath

OUTPUTS = Path(__file__).resolve().parents[1] / "outputs"
LAWS = ("kepler", "cubic", "lorenz_x")
# OpenBLAS chooses a kernel by this name; the names that it may then give itself
KERNELS = {
    "Haswell": {"Haswell"},
    "Sandybridge": {"Sandybridge"},
    "Prescott": {"Prescott", "Katmai"},
}
FEATURES: Mapping[str, bool] = umath.__cpu_features__
# what NumPy would use here besides the least that it needs: only these may be disabled
OPTIONAL = [name for name in umath.__cpu_dispatch__ if FEATURES[name]]
WIDE = [name for name in OPTIONAL if name.startswith("AVX512") or name == "X86_V4"]

CHILD = """
import json, sys
from pathlib import Path
import numpy as np
from numpy._core._multiarray_umath import __cpu_features__
from threadpoolctl import threadpool_info
import deepdistill as dd

for name in sys.argv[2:]:
    dd.distill(name).save(Path(sys.argv[1]))
print(json.dumps({
    "kernels": [i["architecture"] for i in threadpool_info() if i["internal_api"] == "openblas"],
    "features": [name for name, there in __cpu_features__.items() if there],
}))
"""

# Functions that are off in their last bit, as those of other instructions and libraries are.
OTHER_FUNCTIONS = """
import dataclasses
import numpy as np
from deepdistill.data import catalogue

def off(function):
    def moved(*args, **options):
        found = function(*args, **options)
        if getattr(found, "dtype", None) != np.float64:
            return found
        bits = np.atleast_1d(np.asarray(found)).view(np.uint64)
        way = (bits * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(62)).reshape(np.shape(found))
        towards = np.where(way == 0, np.inf, np.where(way == 1, -np.inf, found))
        with np.errstate(all="ignore"):
            return np.nextafter(found, towards)
    return moved

for name in ("exp", "log", "sin", "cos", "tan", "tanh", "power", "square"):
    setattr(np, name, off(getattr(np, name)))
np.linalg.solve = off(np.linalg.solve)
known = catalogue.find_law

def find_law(name):
    law = known(name)
    return dataclasses.replace(law, oracle=off(law.oracle))

catalogue.find_law = find_law
"""


def distilled(folder: Path, setting: Mapping[str, str], code: str = CHILD) -> dict[str, list[str]]:
    """The laws in a process with that environment; what it says it ran on."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), *LAWS],
        env={**os.environ, **setting},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return said


def assert_same_bytes(folder: Path) -> None:
    for name in LAWS:
        files = {path.name: path.read_bytes() for path in (folder / name).iterdir()}
        known = {path.name: path.read_bytes() for path in (OUTPUTS / name).glob("*.*")}
        assert files.keys() == known.keys()
        for file in files:
            assert files[file] == known[file], f"{name}/{file}"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the kernels are those of x86_64")
@pytest.mark.parametrize(
    ("kernel", "disabled", "threads"),
    [("Haswell", WIDE, 2), ("Sandybridge", OPTIONAL, 1), ("Prescott", OPTIONAL, 2)],
)
def test_laws_are_the_same_under_other_kernels(
    kernel: str, disabled: list[str], threads: int, tmp_path: Path
) -> None:
    setting = {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": str(threads)}
    if disabled:
        setting["NPY_DISABLE_CPU_FEATURES"] = " ".join(disabled)
    said = distilled(tmp_path, setting)
    if not said["kernels"]:
        pytest.skip("NumPy has no OpenBLAS here")
    assert set(said["kernels"]) <= KERNELS[kernel]
    assert not set(disabled) & set(said["features"])
    assert_same_bytes(tmp_path)


def test_laws_are_the_same_where_functions_differ_in_the_last_bit(tmp_path: Path) -> None:
    distilled(tmp_path, {}, OTHER_FUNCTIONS + CHILD)
    assert_same_bytes(tmp_path)
