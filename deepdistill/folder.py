"""Write a folder of files whole or not at all, and leave an earlier one untouched on failure."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .problem import InputError


def write_folder(target: Path, files: Mapping[str, bytes]) -> Path:
    """Put ``files`` into ``target``, in one step; other files that are there stay.

    Raises :class:`InputError` where the folder cannot be written.
    """
    staged: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        staged.chmod(0o755)
        for name, content in files.items():
            (staged / name).write_bytes(content)
        _swap(staged, target)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(
            f"cannot write to {target}: {reason}; choose another folder with --out"
        ) from None
    finally:
        if staged is not None:
            shutil.rmtree(staged, ignore_errors=True)
    return target


def refuse_unwritable(folder: Path) -> None:
    """Raise :class:`InputError` now rather than after the work where ``folder`` is unusable."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise InputError(f"cannot write to {folder}: {place} is a file; choose another --out")
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(f"cannot write to {folder}: permission denied; choose another --out")


def _swap(staged: Path, target: Path) -> None:
    """Rename ``staged`` to ``target``; what ``target`` held besides moves along."""
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(20, "it is a file, not a folder")
    if not target.exists():
        staged.rename(target)
        return
    for entry in target.iterdir():
        if entry.name.endswith("cache__") or (staged / entry.name).exists():
            continue
        if entry.is_dir():
            shutil.copytree(entry, staged / entry.name)
        else:
            shutil.copy2(entry, staged / entry.name)
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    try:
        os.rename(target, old / "was")
        staged.rename(target)
    except BaseException:  # an interrupt between the two, too
        if (old / "was").exists() and not target.exists():
            os.rename(old / "was", target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
