"""Reports: one self-contained HTML page for each result, and an index of a folder of results."""

from __future__ import annotations

from .gallery import gallery_page
from .page import page
from .record import Record
from .subject import Subject, shown_in_frame, subject

__all__ = ["Record", "Subject", "gallery_page", "page", "shown_in_frame", "subject"]
