"""Reports: complete, self-contained, escaped, readable, and the same bytes every time."""

from __future__ import annotations

import html
import re
import time
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from gallery import OUTPUTS
from hypothesis import given
from hypothesis import strategies as st
from report_pages import GALLERY, MADE, Reader, copied, line, page, rows_over_two

import deepdistill as dd
from deepdistill.cli import main
from deepdistill.command.reporting import report_folder, write_gallery, write_report
from deepdistill.data.record import Record, read_record
from deepdistill.drawing.highlight import highlighted, main_part
from deepdistill.drawing.parts import Figure, Notation
from deepdistill.drawing.svg import cells, drawing, escaped, tag
from deepdistill.drawing.traced import carried_values, named_values
from deepdistill.forms import form_of_network
from deepdistill.forms.files import load_network
from deepdistill.ir.expr import Call, Const, Expr, If, Var
from deepdistill.ir.program import Formula, Let
from deepdistill.ir.resources import resource_folder
from deepdistill.ir.types import Reals, Scalar
from deepdistill.recheck import lifted_again, read_result
from deepdistill.report import page as report_page_of
from deepdistill.report import subject
from deepdistill.target.notation import formula_mathml
from deepdistill.verify.certificate import Certificate

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}\\input{x}&amp;"
ALL = (*GALLERY, *MADE)


@pytest.mark.parametrize("name", ALL)
def test_pages_are_self_contained_and_balanced(name: str) -> None:
    text = page(name)
    reader = Reader(text)
    assert not reader.unbalanced
    assert not reader.inside
    assert "://" not in text.replace("http://www.w3.org/", "")
    assert not re.search(r"@import|url\(|\bon\w+=", text.split("<body>")[0])
    scripts = reader.named("script")
    assert [script.get("type") for script in scripts] == ["application/json"]
    banned = {"img", "link", "iframe", "object", "embed", "form", "base"}
    assert not banned & {tag for tag, _ in reader.elements}
    assert not any(key.startswith("on") for _, attrs in reader.elements for key in attrs)
    assert len(text.encode()) < 1_500_000


@pytest.mark.parametrize("name", ALL)
def test_pages_can_be_read_without_eyes(name: str) -> None:
    reader = Reader(page(name))
    assert reader.named("html")[0]["lang"] == "en"
    assert "width=device-width" in str(reader.named("meta"))
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    pictures = reader.named("svg")
    assert pictures or name == "line"
    assert all(svg["role"] == "img" and len(svg["aria-label"]) > 5 for svg in pictures)
    assert all(th["scope"] in ("row", "col") for th in reader.named("th"))
    assert len(reader.named("table")) == len(reader.named("caption"))
    assert reader.named("table") or name == "rows_over_two"
    boxes = [attrs for _, attrs in reader.elements if attrs.get("tabindex")]
    assert boxes and all(box["role"] == "group" and box["aria-label"] for box in boxes)
    ids = [attrs["id"] for _, attrs in reader.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ALL)
def test_drawings_are_well_formed(name: str) -> None:
    drawings = re.findall(r"<(?:svg|math) .*?</(?:svg|math)>", page(name), re.DOTALL)
    assert drawings
    for found in drawings:
        ElementTree.fromstring(found)


@pytest.mark.parametrize("name", ["rule30", "argmax", "binary_addition", "maxsat"])
def test_the_same_bytes_in_little_time(name: str) -> None:
    start = time.process_time()
    again = report_folder(OUTPUTS / name)
    assert time.process_time() - start < 10
    assert again == page(name)


# Contrast


def variables(style: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_drawings_stand_out_in_both_themes(theme: str) -> None:
    style = (resource_folder("templates") / "page.html.j2").read_text()
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    colours = variables(light) if theme == "light" else variables(dark.split("* {")[0])
    texts = ("ink", "soft", "plus", "minus", "good", "accent", "k", "f", "b", "s", "n", "c")
    assert set(texts) < set(colours)
    for name in texts:
        for ground in ("paper", "panel"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (theme, name, ground)
    for k in range(1, 7):  # states of cells are shapes, not text
        assert contrast(colours[f"s{k}"], colours["paper"]) >= 3, (theme, k)


# What the pages say


def test_a_page_says_what_the_files_say() -> None:
    reader = Reader(page("life"))
    described = " ".join(reader.all_text().split())
    for sentence in Certificate.read(OUTPUTS / "life" / "certificate.json").sentences():
        words = sentence.split(": ", 1)[1]
        assert words[1:] in described
    source = (OUTPUTS / "life" / "solver.py").read_text()
    assert " ".join(source.split()) in described
    right = '<td class="number">100.0</td>'
    assert f'<th scope="row">life</th>{3 * right}</tr>' in page("life")
    assert "always 0, the most frequent value" in described


def test_the_whole_network_is_drawn() -> None:
    network = load_network(OUTPUTS / "life" / "network.npz")
    picture = form_of_network(network).picture(network)
    assert isinstance(picture, Figure)
    drawn, described = picture.body, picture.caption
    weights = [np.count_nonzero(group.weights) for group in network.groups]
    assert drawn.count('class="edge') == sum(weights[1:]) + len(network.groups[-1].bias)
    assert drawn.count('class="wash') == weights[0]
    assert f"{network.weight_count} weights" in described


@pytest.mark.parametrize("path", sorted(OUTPUTS.glob("*/network.npz")), ids=lambda p: p.parent.name)
def test_every_network_of_the_gallery_can_be_drawn(path: Path) -> None:
    network = load_network(path)
    picture = form_of_network(network).picture(network)
    if isinstance(picture, Notation):
        assert picture.equations and picture.latex
        return
    assert picture is not None
    assert len(picture.body) < 200_000 and len(picture.caption) < 600
    for found in re.findall(r"<svg .*?</svg>", picture.body, re.DOTALL):
        ElementTree.fromstring(found)


def test_what_a_loop_carries() -> None:
    program = lifted_again(read_result(OUTPUTS / "binary_addition"))
    assert program is not None
    found = carried_values(program, {"numbers": [[1, 1], [0, 1], [0, 0], [1, 1]]})
    assert found == {"carry": [1, 1, 0, 1], "total": [2, 2, 1, 2]}


def test_named_sums() -> None:
    result = rows_over_two()
    cells_ = [[1, 1, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0]]
    port = result.program.inputs[0].name
    assert [1, 0, 1, 0] in named_values(result.program, {port: cells_}).values()


def test_runs_of_cells_become_strokes() -> None:
    assert cells([[1, 1, 0, 1], [0, 2, 2, 2]], (0, 1, 2)) == (
        '<g><path d="M0 0.5h2M3 0.5h1" class="cell s1"/><path d="M1 1.5h3" class="cell s2"/></g>'
    )


@given(st.text())
def test_text_in_drawings_is_escaped(text: str) -> None:
    drawn = drawing(text or "empty", 10, 10, tag("text", text, x=1))
    root = ElementTree.fromstring(drawn)
    words = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    assert (root[1].text or "") == words
    assert html.unescape(escaped(text)) == words


@given(st.text())
def test_highlighting_changes_no_character(text: str) -> None:
    source = f"def f(x):\n    return {text!r} + 1  # {text!a}\n"
    plain = html.unescape(re.sub(r"<[^>]*>", "", highlighted(source)))
    assert plain == "".join(c if c.isprintable() or c == "\n" else " " for c in source)


def test_the_part_of_a_module_that_is_shown_first() -> None:
    source = (OUTPUTS / "rule30" / "solver.py").read_text()
    assert main_part(source, ("rule30",)).startswith("def rule30")
    assert main_part(source, ("nobody",)) == source


def test_formulas_in_mathml() -> None:
    x = Scalar("x", Reals(0, 1))
    value: Expr = If(
        Call("lt", (Var("x"), Const(0.5))),
        Call("div", (Call("pow", (Var("half"), Const(2))), Const(3))),
        Call("add", (Var("x"), Call("mul", (Const(-2), Call("exp", (Var("x"),)))))),
    )
    half = Let("half", Call("mul", (Const(0.5), Var("x"))))
    first, second = formula_mathml(Formula("f", (x,), Scalar("y", Reals(0, 1)), (half,), value))
    assert "".join(ElementTree.fromstring(first).itertext()) == "half=0.5·x"
    described = "".join(ElementTree.fromstring(second).itertext())
    assert described == "y={half23ifx<0.5x−2·exotherwise"
    assert "<mfrac>" in second and "<mtable>" in second


def test_a_sampler_that_refuses_other_sizes_costs_only_a_picture() -> None:
    def only_trained(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
        if shape not in ((9,), (40,)):
            raise RuntimeError("another size")
        return (rng.integers(0, 2, shape),)

    result = dd.distill(
        dd.Problem(
            name="picky",
            inputs=(dd.Port("cells", (dd.Axis("grid", wrap=True),), dd.Integers(0, 1)),),
            output=dd.Port("result", (dd.Axis("grid", wrap=True),), dd.Integers(0, 1)),
            training_shapes=((9,),),
            check_shapes=((40,),),
            training_count=40,
            sampler=only_trained,
            oracle=lambda cells: np.roll(cells, 1),
        )
    )
    assert "The solver at work" not in result.report
    assert '<th scope="col">9</th></tr>' in result.report


@pytest.mark.parametrize(
    ("name", "times"), [("life", 0), ("maxsat", 0), ("heat", 0), ("binary_addition", 1)]
)
def test_programs_are_lifted_once_and_only_where_they_are_drawn(name: str, times: int) -> None:
    folder, calls = OUTPUTS / name, []

    def lift() -> None:
        calls.append(name)

    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    made = report_page_of(subject(files, read_record(files["report.html"]), lift))
    assert len(calls) == times
    assert (made == page(name)) == (not times)  # without a program there is less to draw


def test_files_that_are_damaged_are_no_reason_to_draw_less() -> None:
    def lift() -> None:
        raise dd.InputError("damaged")

    files = {path.name: path.read_bytes() for path in (OUTPUTS / "argmax").iterdir()}
    with pytest.raises(dd.InputError, match="damaged"):
        report_page_of(subject(files, Record(), lift))


# What others wrote


def test_hostile_names_stay_text() -> None:
    result = line(titles=(HOSTILE, "<b>wind"), target="<svg onload=alert(3)>", name="<i>line</i>")
    reader = Reader(result.report)
    assert not {"img", "b", "i"} & {tag for tag, _ in reader.elements}
    assert len(reader.named("script")) == 1
    assert not any(key.startswith("on") for _, attrs in reader.elements for key in attrs)
    assert HOSTILE in reader.all_text()
    frame = Reader(result._repr_html_())
    assert [tag for tag, _ in frame.elements] == ["iframe"]
    assert frame.named("iframe")[0]["srcdoc"] == result.report
    assert frame.named("iframe")[0]["sandbox"] == ""


def test_hostile_certificates_and_records_stay_text(tmp_path: Path) -> None:
    folder = copied("rule90", tmp_path)
    path = folder / "certificate.json"
    text = path.read_text().replace("patterns that the rule can read", "<img src=x> {{7*7}}")
    assert "<img" in text
    path.write_text(text)
    block = Record((HOSTILE,)).block()
    script = f'<script type="application/json" id="record">{block}</script>'
    (folder / "report.html").write_text(script)
    reader = Reader(report_folder(folder))
    assert not reader.named("img") and len(reader.named("script")) == 1
    assert "<img src=x> {{7*7}}" in reader.all_text() and HOSTILE in reader.all_text()


def test_records_are_read_back() -> None:
    record = Record((HOSTILE, "two"), ((1, 0.5), (3, 1e-9)), ((0.1, 0.9, 0.8),))
    text = f'x<script type="application/json" id="record">{record.block()}</script>y'
    assert read_record(text.encode()) == record


@pytest.mark.parametrize(
    "block",
    [b"", b"{", b"[]", b'{"attempts": 3}', b'{"attempts": [3], "front": [], "trials": []}',
     b'{"attempts": [], "front": [[1]], "trials": []}', b"\xff", b"[" * 100_000,
     b'{"attempts": [], "front": [["1", "2"]], "trials": []}',
     b'{"attempts": [], "front": [[1, 1e999]], "trials": []}',
     b'{"attempts": ["' + b"a" * 2000 + b'"], "front": [], "trials": []}'],
)  # fmt: skip
def test_damaged_records_are_empty(block: bytes) -> None:
    text = b'<script type="application/json" id="record">' + block + b"</script>"
    assert read_record(text) == Record()


# Folders and the command


def test_a_report_is_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    result = dd.distill("rule90")
    folder = result.save(tmp_path)
    before = (folder / "report.html").read_bytes()
    assert before == result.report.encode()
    assert result.attempts and str(result.attempts[0]) in html.unescape(before.decode())
    assert write_report(folder) == folder / "report.html"
    assert (folder / "report.html").read_bytes() == before


@pytest.mark.parametrize("make", [line, rows_over_two])
def test_other_reports_are_rebuilt_too(make: object, tmp_path: Path) -> None:
    result = make()  # type: ignore[operator]
    folder = result.save(tmp_path)
    assert report_folder(folder) == result.report


def test_reports_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copied("rule30", tmp_path)
    report = folder / "report.html"
    report.write_text(report.read_text().partition("</head>")[2])  # all but the record is made anew
    main(["report", str(folder)])
    assert report.read_text() == page("rule30")
    copied("argmax", tmp_path)
    main(["gallery", str(tmp_path)])
    assert "index.html" in capsys.readouterr().out
    reader = Reader((tmp_path / "index.html").read_text())
    links = [a["href"] for a in reader.named("a")]
    assert links[0] == "rule30/report.html" and len(links) == 2
    assert all((tmp_path / link).is_file() for link in links)
    assert not reader.unbalanced and "2 short Python programs" in reader.all_text()


@pytest.mark.parametrize("command", ["report", "gallery"])
def test_unusable_folders_are_refused(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(SystemExit) as stopped:
            main([command, str(place)])
        assert stopped.value.code == 2
        error = capsys.readouterr().err
        assert error.startswith("deepdistill: ") and error.count("\n") == 1


def test_a_changed_solver_is_refused_and_not_executed(tmp_path: Path) -> None:
    folder = copied("rule30", tmp_path)
    (folder / "report.html").unlink(missing_ok=True)
    trace = tmp_path / "executed"
    (folder / "solver.py").write_text(f"open({str(trace)!r}, 'w')\nsolve = list\n")
    with pytest.raises(dd.InputError, match="changed after it was certified"):
        report_folder(folder)
    with pytest.raises(dd.InputError, match="changed after it was certified"):
        write_gallery(tmp_path)
    assert not trace.exists() and not (folder / "report.html").exists()


def test_gallery_folders_with_odd_names(tmp_path: Path) -> None:
    folder = copied("rule30", tmp_path)
    folder.rename(tmp_path / "a b<i>&\"'")
    reader = Reader(write_gallery(tmp_path).read_text())
    (link,) = reader.named("a")
    assert link["href"].startswith("a%20b%3Ci%3E%26%22%27/")
    assert not reader.named("i")
