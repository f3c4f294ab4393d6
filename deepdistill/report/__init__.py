"""Reports: one self-contained HTML page for each result, and an index of a folder of results."""

from __future__ import annotations

from .gallery import gallery_page
from .page import page
from .subject import page_in_frame, subject

__all__ = ["gallery_page", "page", "page_in_frame", "subject"]
