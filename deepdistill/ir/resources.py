"""Where this installation keeps the folders ``problems`` and ``templates``."""

from __future__ import annotations

from pathlib import Path


def resource_folder(name: str) -> Path:
    """The folder of that name: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name!r} is missing from this installation of deepdistill")
