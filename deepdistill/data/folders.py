"""Write a folder of files whole or not at all, and leave an earlier one untouched on failure."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .problem import InputError

_STAGED = ".deepdistill"  # the end of the names of folders that are being written
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux
_LONGEST_NAME = 100


def write_folder(target: Path, files: Mapping[str, bytes], replaced: Collection[str] = ()) -> Path:
    """Put ``files`` into ``target``, in one step; other files that are there stay.

    Those named ``replaced`` go, for they belong to what was there before.

    Of several processes that write the same folder one waits for the other. One that is killed
    leaves the earlier folder, or the new one, and perhaps a hidden one that the next run removes.
    Raises :class:`InputError` where the folder cannot be written.
    """
    staged: Path | None = None
    try:
        _refuse_odd_name(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.parent):
            _remove_remains(target)
            prefix = f".{target.name}-"
            staged = Path(tempfile.mkdtemp(prefix=prefix, suffix=_STAGED, dir=target.parent))
            staged.chmod(0o755)
            try:
                for name, content in files.items():
                    (staged / name).write_bytes(content)
                _swap(staged, target, replaced)
            finally:
                _remove(staged)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(
            f"cannot write to {target}: {reason}; choose another folder with --out"
        ) from None
    return target


def refuse_unwritable(folder: Path) -> None:
    """Raise :class:`InputError` now rather than after the work where ``folder`` is unusable."""
    _refuse_impossible(folder)
    place = folder
    try:
        while not (place.exists() or place.is_symlink() or place == place.parent):
            place = place.parent
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"cannot write to {folder}: {reason}; choose another --out") from None
    if not place.is_dir():
        raise InputError(f"cannot write to {folder}: {place} is a file; choose another --out")
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(f"cannot write to {folder}: permission denied; choose another --out")


def _refuse_odd_name(target: Path) -> None:
    """Names that lead elsewhere, that no file can have or that leave no room for hidden ones."""
    _refuse_impossible(target)
    name = target.name
    if name in ("", "..") or not name.isprintable() or len(os.fsencode(name)) > _LONGEST_NAME:
        raise InputError(f"cannot write to {str(target)!r:.60}: give the folder a short plain name")


def _refuse_impossible(path: Path) -> None:
    try:
        impossible = b"\0" in os.fsencode(path)
    except UnicodeEncodeError:
        impossible = True
    if impossible:
        raise InputError(f"cannot write to {str(path)!r:.60}: no folder can have this name")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone among the processes that write into ``folder``, where the system can tell."""
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):  # no Unix, or a folder that may be written but not read
        yield
        return
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _remove_remains(target: Path) -> None:
    """What killed processes left; only under the lock, for its owner may be at work."""
    mine = re.compile(rf"\.{re.escape(target.name)}-[a-z0-9_]{{8}}{re.escape(_STAGED)}")
    for name in os.listdir(target.parent):
        if mine.fullmatch(name):
            _remove(target.parent / name)


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _swap(staged: Path, target: Path, replaced: Collection[str]) -> None:
    """Rename ``staged`` to ``target``; what ``target`` held besides moves along."""
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(20, "it is a file, not a folder")
    if not target.exists():
        staged.rename(target)
        return
    for entry in target.iterdir():
        if entry.name.endswith("cache__") or os.path.lexists(staged / entry.name):
            continue
        if entry.name in replaced:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.copytree(entry, staged / entry.name, symlinks=True)
        else:
            shutil.copy2(entry, staged / entry.name, follow_symlinks=False)
    if not _exchange(staged, target):
        _rename_twice(staged, target)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step that no interrupt divides; False where this cannot be."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):  # no Linux, or an old one
        return False
    done: int = rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    return done == 0


def _rename_twice(staged: Path, target: Path) -> None:
    """The same in two steps."""
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    try:
        os.rename(target, old / "was")
        staged.rename(target)
    except BaseException:  # an interrupt between the two, too
        if os.path.lexists(old / "was") and not target.exists():
            os.rename(old / "was", target)
        raise
    finally:
        _remove(old)
