"""Files that are no text: what they are by their first bytes, and what makes a table of them."""

from __future__ import annotations

import re
from pathlib import Path

from .problem import InputError

_UNPACK = "unpack it and give the CSV file that is in it"
_EXPORT = "export the table as CSV"
_SHEET = "save its sheet as CSV, or unpack it where it holds a CSV file"
_SIGNATURES = (  # letters alone could be the title of a column, so more than these is asked for
    (rb"PK(\x03\x04|\x05\x06)", "a ZIP archive, as spreadsheets (.xlsx, .ods) are", _SHEET),
    (rb"\x1f\x8b\x08", "packed by gzip", _UNPACK),
    (rb"BZh[1-9](1AY&SY|\x17rE8P\x90)", "packed by bzip2", _UNPACK),
    (rb"\xfd7zXZ\0", "packed by xz", _UNPACK),
    (rb"\x5d\0\0..(.{4}\0{4}|\xff{8})", "packed by lzma", _UNPACK),
    (rb"\x28\xb5\x2f\xfd", "packed by zstd", _UNPACK),
    (rb"\x04\x22\x4d\x18", "packed by lz4", _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (rb"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file, as .xls is", _EXPORT),
    (rb"PAR[1E][\0-\x08\x0e-\x1f]", "a Parquet file", _EXPORT),
    (rb"(ARROW1|FEA1)[\0-\x08\x0e-\x1f]", "an Arrow or Feather file", _EXPORT),
    (rb"ORC[\0-\x08\x0e-\x1f]", "an ORC file", _EXPORT),
    (rb"\x89HDF\r\n\x1a\n", "an HDF5 file", _EXPORT),
    (rb"\x93NUMPY", "a NumPy array", _EXPORT),
    (rb"SQLite format 3\0", "an SQLite database", _EXPORT),
    (rb"MATLAB 5\.0 MAT-file", "a MATLAB file", _EXPORT),
    (rb"\$FL[23]@\(#\)", "an SPSS file", _EXPORT),
    (rb"<stata_dta>", "a Stata file", _EXPORT),
    (rb"RD[AX][23]\n[AXB]\n", "an R file", _EXPORT),
    (rb"\x80[\x02-\x05]", "a pickle", _EXPORT),
    (rb"%PDF-\d", "a PDF document", _EXPORT),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a", "a picture", _EXPORT),
)
_KNOWN = tuple((re.compile(mark, re.DOTALL), what, how) for mark, what, how in _SIGNATURES)


def refuse_binary(path: Path, data: bytes) -> None:
    """Raise :class:`InputError` where the first bytes are those of a known kind that is no text."""
    for mark, what, how in _KNOWN:
        if mark.match(data):
            raise InputError(f"{path} is {what}: {how}")


def refuse_zero_bytes(path: Path, data: bytes) -> None:
    """Raise :class:`InputError` where there are bytes 0, which no text of one-byte units has.

    The sentence says which encoding it may be, or the line of the first one where they are few.
    """
    zeros = data.count(0)
    if not zeros:
        return
    first, second = data[::2].count(0), data[1::2].count(0)
    likely = None
    if 5 * zeros > 3 * len(data):
        likely = "utf-32-be" if data[0] == 0 else "utf-32-le"
    elif 8 * zeros > len(data) and max(first, second) > 8 * min(first, second):
        likely = "utf-16-be" if first > second else "utf-16-le"
    if likely is not None:
        raise InputError(
            f"{path} holds zero bytes, so it is not text in UTF-8: save the table as CSV in UTF-8, "
            f"or say what it is, which may be --encoding {likely}"
        )
    if 64 * zeros > len(data) and zeros > 8:
        raise InputError(f"{path} holds zero bytes throughout, so it is not text: {_EXPORT}")
    line = data[: data.index(0)].count(b"\n") + 1
    several = f" and {zeros - 1:,} more" if zeros > 1 else ""
    raise InputError(
        f"{path} has a zero byte in line {line}{several}, which no text has: the file is damaged "
        "there, so write that line anew"
    )
