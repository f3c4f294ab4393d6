"""Reports in a real browser: they fit, also on a phone, in light and dark, and ask for nothing."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from report_pages import GALLERY, MADE, page

BROWSER = shutil.which("chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip
# The browser makes no window as narrow as a phone's, so the page stands in a frame of that width.
FRAME = """<!DOCTYPE html><html><body style="margin:0">
<iframe style="border:0" width="{width}" height="800" srcdoc="{page}"></iframe>
<script>addEventListener("load", () => {{
const inner = document.querySelector("iframe").contentWindow, page = inner.document;
const drawn = [...page.querySelectorAll("svg")].map(svg => svg.getBoundingClientRect().width);
document.documentElement.dataset.said = [
  inner.innerWidth, page.documentElement.scrollWidth,
  inner.performance.getEntriesByType("resource").length,
  Math.round(Math.min(...drawn)), inner.getComputedStyle(page.body).backgroundColor].join(";");
}});</script></body></html>"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="chromium is not installed"),
]


def browse(text: str, *flags: str) -> str:
    """The document that the browser makes of a page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(text, encoding="utf-8")
        arguments = [str(BROWSER), *FLAGS, f"--user-data-dir={folder}/profile", *flags]
        done = subprocess.run(
            [*arguments, "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=120
        )
    return done.stdout


def measured(name: str, width: int, *flags: str) -> list[str]:
    """Width of the window, of the page, files asked for, the narrowest drawing, the ground."""
    text = FRAME.format(width=width, page=html.escape(page(name)))
    found = re.search(r'data-said="([^"]*)"', browse(text, "--window-size=1300,900", *flags))
    assert found is not None
    return found.group(1).split(";")


@pytest.mark.parametrize("name", [*GALLERY, *MADE])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_the_window_and_ask_for_nothing(name: str, width: int) -> None:
    window, wide, requested, narrowest, _ = measured(name, width)
    assert window == wide == str(width)
    assert requested == "0"
    assert int(narrowest) >= 30


def test_light_and_dark() -> None:
    light = measured("argmax", 800)
    dark = measured("argmax", 800, "--force-dark-mode")
    assert (light[-1], dark[-1]) == ("rgb(255, 255, 255)", "rgb(20, 23, 28)")
