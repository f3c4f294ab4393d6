"""Networks on disk: the same bytes, the same network, and nothing else gets in."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import life_network, networks

from deepdistill.data.files import parse_json
from deepdistill.data.problem import InputError
from deepdistill.forms.files import load_network, network_bytes, read_network, save_network
from deepdistill.forms.grid.network import GridNetwork


def same(one: GridNetwork, other: GridNetwork) -> bool:
    parts = (one.inputs, one.output, one.taps, one.states)
    if parts != (other.inputs, other.output, other.taps, other.states):
        return False
    return len(one.groups) == len(other.groups) and all(
        a.activation == b.activation
        and np.array_equal(a.weights, b.weights)
        and np.array_equal(a.bias, b.bias)
        for a, b in zip(one.groups, other.groups, strict=True)
    )


@given(networks())
def test_what_is_read_is_what_was_written(network: GridNetwork) -> None:
    data = network_bytes(network)
    back = read_network(data, "it")
    assert same(network, back)
    assert network_bytes(back) == data
    assert all(g.weights.dtype == np.float64 == g.bias.dtype for g in back.groups)


def test_files_are_written_whole(tmp_path: Path) -> None:
    save_network(tmp_path / "network.npz", life_network())
    assert same(load_network(tmp_path / "network.npz"), life_network())
    assert [path.name for path in tmp_path.iterdir()] == ["network.npz"]
    with np.load(tmp_path / "network.npz", allow_pickle=False) as arrays:
        assert arrays["weights_0"].dtype == np.int64


def test_unusable_folders_and_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        save_network(tmp_path / "missing" / "network.npz", life_network())
    with pytest.raises(InputError, match="cannot read"):
        load_network(tmp_path / "network.npz")
    with pytest.raises(InputError, match="cannot read"):
        load_network(tmp_path)


def test_a_network_that_could_not_be_read_back_is_not_written() -> None:
    network = life_network()
    network.groups[0].weights[0, 0] = np.nan
    with pytest.raises(InputError, match="not finite"):
        network_bytes(network)


LIFE = network_bytes(life_network())


@settings(max_examples=tries(300))
@given(st.integers(0, len(LIFE) - 1), st.integers(1, 255))
def test_flipped_bytes_give_a_network_or_a_sentence(place: int, change: int) -> None:
    data = bytearray(LIFE)
    data[place] ^= change
    try:
        assert isinstance(read_network(bytes(data), "it"), GridNetwork)
    except InputError as error:
        assert str(error).startswith("it ")


@given(st.integers(0, len(LIFE) - 1))
def test_truncated_files_are_refused(length: int) -> None:
    with pytest.raises(InputError, match="it is corrupted"):
        read_network(LIFE[:length], "it")


@given(st.binary(max_size=200))
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_network(data, "it")


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(LIFE)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive(contents: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, data in contents.items():
            file.writestr(name, data)
    return buffer.getvalue()


def npy(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def header(shape: str, dtype: str = "<i8") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("a pickle was loaded",)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("bias_0.npy", npy(np.array([Trap()], dtype=object), True), "not plain numbers"),
        ("bias_0.npy", pickle.dumps(Trap()), "corrupted"),
        ("bias_0.npy", header("(1000000000000,)"), "does not fit its data"),
        ("bias_0.npy", header("(1000000,)"), "does not fit its data"),
        ("bias_0.npy", header("(-1,)"), "not plain numbers"),
        ("bias_0.npy", header("(" * 90 + ")" * 90), "not plain numbers"),
        ("bias_0.npy", header("[" * 5000), "corrupted"),
        ("bias_0.npy", header("(2,)", "<U4"), "not plain numbers"),
        ("bias_0.npy", npy(np.array([1, 2, 3])), "do not fit its biases"),
        ("bias_0.npy", npy(np.array([1.0, np.inf])), "not finite"),
        ("bias_0.npy", npy(np.array([1, 2], dtype=np.uint8)), "do not fit"),
        ("bias_9.npy", npy(np.array([1, 2])), "belong to no unit group"),
        ("weights_0.npy", npy(np.ones((2, 3))), "does not fit what it reads"),
        ("evil.py", b"raise SystemExit", "corrupted"),
        ("network.json.npy", npy(np.frombuffer(b"{}", np.uint8)), "other keys"),
        ("network.json.npy", npy(np.frombuffer(b"[" * 10**6, np.uint8)), "nested too deeply"),
        ("network.json.npy", npy(np.array([1.0])), "no network.json"),
    ],
)
def test_hostile_members_are_refused(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_network(archive({**members(), name: content}), "it")


def test_compressed_bombs_are_refused() -> None:
    bomb = archive({**members(), "bias_0.npy": bytes(2**27)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 2**20
    with pytest.raises(InputError, match="declares more than"):
        read_network(bomb, "it")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"cells","axes"', b'"__import__(0)","axes"'),
        (b'"cells","axes"', b'"class","axes"'),
        (b'"low":0', b'"low":-9999'),
        (b'"low":0', b'"low":0.5'),
        (b'"low":0', b'"low":NaN'),
        (b'"low":0', b'"low":0,"low":0'),
        (b"grid(wrap) grid(wrap)", b"grid(wrap) set(9)"),
        (b"grid(wrap) grid(wrap)", b"fixed(3) fixed(3)"),
        (b'["cells",[-1,-1]', b'["other",[-1,-1]'),
        (b'["cells",[-1,-1]', b'["cells",[-1]'),
        (b'["cells",[-1,-1]', b'["cells",[-1,-99999]'),
        (b'"number",0]', b'"pickle",0]'),
        (b'"step","step"', b'"step","relu"'),
        (b'"step","step"', b'"step"'),
        (b'"step","step"', b'"argmax","step"'),
        (b'"states":[0,1]', b'"states":[0]'),
        (b'"format":1', b'"format":2'),
        (b'"format":1', b'"format":true'),
    ],
)
def test_hostile_descriptions_are_refused(old: bytes, new: bytes) -> None:
    text = members()["network.json.npy"]
    text = text[text.index(b"{", 80) :]
    assert old in text
    changed = npy(np.frombuffer(text.replace(old, new, 1), np.uint8))
    with pytest.raises(InputError, match="^it "):
        read_network(archive({**members(), "network.json.npy": changed}), "it")


@pytest.mark.parametrize(
    "text", ["", "{", '{"a":1,"a":2}', "[NaN]", "[" * 99999, '"\\ud800"', "9" * 5000, b"\xff"]
)
def test_json_is_strict(text: str | bytes) -> None:
    with pytest.raises(InputError, match="^it "):
        parse_json(text, "it")
