"""Certificates: read back as written, and every damaged one refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepdistill.data.problem import InputError
from deepdistill.verify.certificate import STATUSES, Certificate, Claim

GOOD = Certificate(
    "life",
    0,
    Claim("exhaustive", 600, ((10, 10),), None, "all 512 patterns"),
    Claim("sampled", 3, ((500, 500), (30, 40))),
    Claim("failed", 1, ((3, 3),), {"inputs": {"cells": [[1]]}, "expected": [[0]], "got": [[1]]}),
    {"deepdistill": "0.1.0", "certificate": 2},
    {"solver.py": "0" * 64, "network.npz": "f" * 64},
)


def test_certificates_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(GOOD.text())
    assert Certificate.read(path).text() == GOOD.text()
    assert GOOD.text().endswith("}\n") and GOOD.text().isascii()
    data = json.loads(GOOD.text())
    assert list(data)[:4] == ["problem", "seed", "versions", "digests"]
    assert set(data["faithful"]) == {"status", "examples", "sizes", "counterexample", "note"}
    assert not GOOD.ok and replace(GOOD, correct=Claim("no oracle")).ok
    with pytest.raises(InputError, match="cannot read"):
        Certificate.read(tmp_path / "none.json")


PROVED = Claim("proved", 750, "all", None, "equal; solver.py was sampled", ((500, 500),))


def test_a_proof_at_all_sizes_can_be_read_back_and_told() -> None:
    some = replace(PROVED, sizes=((9, 10), (2, 3)), checked=())
    certificate = replace(GOOD, faithful=some, scalable=PROVED)
    again = Certificate.parse(certificate.text())
    assert again.text() == certificate.text()
    assert again.faithful == some and again.scalable == PROVED
    assert json.loads(certificate.text())["scalable"]["sizes"] == "all"
    assert PROVED.run_sizes == ((500, 500),) and some.run_sizes == some.sizes
    assert certificate.sentences()[:2] == [
        "faithful (proved): the program equals the trained network on all inputs of sizes 2 x 3 "
        "and 9 x 10; equal; solver.py was sampled (750 inputs up to size 9 x 10).",
        "scalable (proved): the program equals its units at other sizes on all inputs of all "
        "sizes; equal; solver.py was sampled (750 inputs of size 500 x 500).",
    ]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_sentence(status: Any) -> None:
    for claim in (Claim(status), Claim(status, 1, ((2,), (3,), (4,), (5,)), None, "note")):
        for sentence in replace(GOOD, faithful=claim, correct=claim).sentences():
            assert sentence.endswith(".") and "\n" not in sentence


SAMPLE = json.loads(GOOD.text())


def changed(*path: Any, to: Any) -> str:
    data = json.loads(GOOD.text())
    target = data
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = to
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "corrupted"),
        ("[]", "not a JSON object"),
        ("{}", "has no 'correct'"),
        ('{"problem": "a", "problem": "b"}', "twice"),
        ('{"a": ' * 100_000, "nested too deeply"),
        (GOOD.text()[:-3], "corrupted"),
        (changed("problem", to="\x1b[2J"), "short name"),
        (changed("problem", to="x" * 10**6), "short name"),
        (changed("problem", to=["life"]), "short name"),
        (changed("seed", to=True), "seed"),
        (changed("seed", to=-1), "seed"),
        (changed("versions", to=[]), "versions"),
        (changed("versions", "deepdistill", to={}), "versions"),
        (changed("digests", "solver.py", to="0" * 63), "digests"),
        (changed("digests", "../other", to="0" * 64), "digests"),
        (changed("more", to=1), "unknown key 'more'"),
        (changed("faithful", to=None), "not a JSON object"),
        (changed("faithful", "status", to="excellent"), "unknown status"),
        (changed("faithful", "status", to=["sampled"]), "unknown status"),
        (changed("faithful", "examples", to=1.5), "examples"),
        (changed("faithful", "examples", to=-1), "examples"),
        (changed("faithful", "sizes", to=[[1], 2]), "sizes"),
        (changed("faithful", "sizes", to=[["1"]]), "sizes"),
        (changed("faithful", "sizes", to="all"), "all sizes without a proof"),
        (changed("faithful", "sizes", to="some"), "sizes"),
        (changed("faithful", "checked", to=[[1]]), "two lists of sizes"),
        (changed("faithful", "counterexample", to=[1]), "counterexample"),
        (changed("faithful", "note", to="two\nlines"), "note"),
        (changed("faithful", "extra", to=0), "unknown key"),
    ],
)
def test_hostile_certificates_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        Certificate.parse(text, "it")
    assert len(str(caught.value)) < 300


@settings(max_examples=200)
@given(st.integers(0, len(GOOD.text()) - 1), st.integers(0, 255))
def test_flipped_bytes_give_a_certificate_or_a_sentence(place: int, byte: int) -> None:
    data = bytearray(GOOD.text().encode())
    data[place] = byte
    try:
        assert Certificate.parse(bytes(data)).sentences()
    except InputError as error:
        assert str(error).startswith("the certificate ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(SAMPLE)), JSON)
def test_any_value_anywhere_gives_a_certificate_or_a_sentence(key: str, value: Any) -> None:
    try:
        assert Certificate.parse(changed(key, to=value)).sentences()
    except InputError as error:
        assert str(error).startswith("the certificate ")
