"""Reports of results: of one that was just made, and of one that lies in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .forms.protocol import Trained

if TYPE_CHECKING:
    from .data.record import Record

_LARGEST_REPORT = 64 * 2**20
REPORT, INDEX = "report.html", "index.html"


def report_page(files: Mapping[str, bytes], trained: Trained, *, task: Any, program: Any) -> str:
    """The report of a result that was just made, whose files these are."""
    from .data.record import Record
    from .report import page, subject

    record = Record(tuple(map(str, trained.attempts)), trained.front, trained.trials)
    return page(subject(files, record, lambda: program, task))


def report_folder(folder: Path | str) -> str:
    """The report of a finished result, made again from its files.

    Raises :class:`InputError` where they are damaged or not those that were certified.
    """
    from .recheck import lifted_again, read_result
    from .report import page, subject

    stored = read_result(folder)
    files = {**stored.files, "certificate.json": stored.certificate.text().encode()}
    return page(subject(files, read_record_of(folder), lambda: lifted_again(stored)))


def read_record_of(folder: Path | str) -> Record:
    """What only the run itself knew, from the report in its folder."""
    from .data.files import read_bytes
    from .data.record import Record, read_record

    path = Path(folder) / REPORT
    return read_record(read_bytes(path, _LARGEST_REPORT)) if path.is_file() else Record()


def write_report(folder: Path | str) -> Path:
    """Make ``report.html`` of a finished result again; its path."""
    from .data.files import write_bytes

    path = Path(folder) / REPORT
    write_bytes(path, report_folder(folder).encode())
    return path


def write_gallery(folder: Path | str) -> Path:
    """Make ``index.html`` of a folder of results; its path."""
    from .data.files import write_bytes
    from .report import gallery_page

    path = Path(folder) / INDEX
    write_bytes(path, gallery_page(Path(folder)).encode())
    return path
