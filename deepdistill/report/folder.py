"""Reports of results: of one that was just made, and of one that lies in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..ir.program import Program

if TYPE_CHECKING:
    from ..data.problem import Problem

_LARGEST_REPORT = 64 * 2**20
_ROUNDING = 1e-20
REPORT, INDEX = "report.html", "index.html"


def report_page(
    files: Mapping[str, bytes],
    *,
    problem: Problem | None = None,
    program: Program | None = None,
    attempts: tuple[Any, ...] = (),
    front: tuple[tuple[int, float], ...] = (),
    trials: tuple[tuple[float, float, float], ...] = (),
) -> str:
    """The report of a result that was just made, whose files these are."""
    from ..data.record import Record
    from . import page, subject

    record = Record(
        tuple(map(str, attempts)),
        _rounded_front(front),
        tuple((a, round(b, 4), round(c, 4)) for a, b, c in trials),
    )
    lift = _lift if program is None else lambda problem, network, files: program
    return page(subject(files, record, lift, problem))


def _rounded_front(front: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    """Errors to three digits, those of rounding as 0: they differ from machine to machine."""
    largest = max((loss for _, loss in front), default=0.0)
    return tuple(
        (size, 0.0 if loss <= _ROUNDING * largest else float(f"{loss:.3g}")) for size, loss in front
    )


def report_folder(folder: Path | str) -> str:
    """The report of a finished result, made again from its files.

    Raises :class:`InputError` where they are damaged or not those that were certified.
    """
    from ..data.files import read_bytes
    from ..data.record import Record, read_record
    from ..verify.certificate import read_certified
    from . import page, subject

    folder = Path(folder)
    certificate, files = read_certified(folder)
    before = folder / REPORT
    record = read_record(read_bytes(before, _LARGEST_REPORT)) if before.is_file() else Record()
    return page(subject({**files, "certificate.json": certificate.text().encode()}, record, _lift))


def write_report(folder: Path | str) -> Path:
    """Make ``report.html`` of a finished result again; its path."""
    from ..data.files import write_bytes

    path = Path(folder) / REPORT
    write_bytes(path, report_folder(folder).encode())
    return path


def write_gallery(folder: Path | str) -> Path:
    """Make ``index.html`` of a folder of results; its path."""
    from ..data.files import write_bytes
    from . import gallery_page

    path = Path(folder) / INDEX
    write_bytes(path, gallery_page(Path(folder)).encode())
    return path


def _lift(problem: Problem | None, network: Any, files: Mapping[str, bytes]) -> Program | None:
    """The program of a solver, made again from its network, where that gives the same text."""
    from ..forms.dense.network import DenseNetwork
    from ..relift import relift, relift_folder
    from ..verify.certificate import Certificate

    if isinstance(network, DenseNetwork):
        certificate = Certificate.parse(files["certificate.json"], "certificate.json")
        return relift_folder(certificate, network, files)
    return None if problem is None else relift(problem, network, files["solver.py"])
