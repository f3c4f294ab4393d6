"""Write a finished result in another target, beside its solver."""

from __future__ import annotations

from pathlib import Path


def export_folder(folder: Path | str, name: str) -> Path:
    """Write the target's file beside the solver of a finished result; its path.

    Raises :class:`InputError` where the result cannot be read, written in that target, or where the
    folder cannot be written.
    """
    from ..data.files import write_bytes
    from ..data.problem import InputError
    from ..dynamics.result import Dynamics
    from ..exporting import export_text
    from ..recheck import load
    from ..target.registry import find_target

    path = Path(folder) / find_target(name).file
    result = load(folder)
    if isinstance(result, Dynamics):
        raise InputError(f"{folder} holds equations of motion, and they have no target {name!r}")
    write_bytes(path, export_text(result, name).encode())
    return path
