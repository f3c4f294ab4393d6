"""Reports of results that lie in folders, and the index of a folder of them."""

from __future__ import annotations

from pathlib import Path

REPORT, INDEX = "report.html", "index.html"


def report_folder(folder: Path | str) -> str:
    """The report of a finished result, made again from its files.

    Raises :class:`InputError` where they are damaged or not those that were certified.
    """
    from ..data.record import read_record_of
    from ..recheck import lifted_again, read_result
    from ..report import page, subject

    stored = read_result(folder)
    files = {**stored.files, "certificate.json": stored.certificate.text().encode()}
    return page(subject(files, read_record_of(Path(folder) / REPORT), lambda: lifted_again(stored)))


def write_report(folder: Path | str) -> Path:
    """Make ``report.html`` of a finished result again; its path."""
    from ..data.files import write_bytes

    path = Path(folder) / REPORT
    write_bytes(path, report_folder(folder).encode())
    return path


def write_gallery(folder: Path | str) -> Path:
    """Make ``index.html`` of a folder of results; its path."""
    from ..data.files import write_bytes
    from ..report import gallery_page

    path = Path(folder) / INDEX
    write_bytes(path, gallery_page(Path(folder)).encode())
    return path
