"""A block of a network told by formulas: captured, judged on held-out calls, put in place."""

from __future__ import annotations

import copy
import json
import pickle
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import deepdistill as dd
from deepdistill.modules.calls import captured
from deepdistill.modules.swapping import SwappedBlock
from deepdistill.recheck import check_again
from tests.surrogate_models import Around, Edges, Wave, batches, state

QUICK: dict[str, Any] = {"n_jobs": 1, "budget": 0.1, "backend": "sparse"}


@pytest.fixture(scope="module")
def model() -> Around:
    torch.manual_seed(0)
    return Around(Wave()).double()


@pytest.fixture(scope="module")
def labels(model: Around) -> list[torch.Tensor]:
    with torch.no_grad():
        return [copy.deepcopy(model).eval()(x) for x in batches(8, 10, 4)]


@pytest.fixture(scope="module")
def once(model: Around, labels: list[torch.Tensor]) -> dd.DistilledModule:
    return dd.distill_module(
        model, "block", batches(8, 10, 4), labels=labels, derive={"r": "hypot(x0, x1)"}, **QUICK
    )


@pytest.fixture
def d(once: dd.DistilledModule) -> dd.DistilledModule:
    """The same for each test, which may change it; the model stays at hand."""
    found = copy.copy(once)
    found.at_hand = once.at_hand
    return found


def test_the_formulas_are_found_and_certified(d: dd.DistilledModule) -> None:
    assert d.formulas == ("y0 = 2.5 * sin(x1) + x0", "y1 = x0 * x1")
    certificate = d.certificate
    assert certificate.ok and certificate.faithful.status == certificate.correct.status
    assert [one.r2 for one in certificate.outputs] == [1.0, 1.0]
    assert certificate.faithful.evidence is not None
    assert certificate.faithful.evidence.seen == 80  # two batches of eight
    assert "2 calls of 8" in certificate.faithful.note
    assert certificate.accuracy is not None
    assert certificate.accuracy.before == pytest.approx(1) == certificate.accuracy.after
    assert certificate.accuracy.held_out and certificate.accuracy.examples == 80
    rows = np.concatenate([x.numpy().reshape(-1, 2) for x in batches(8, 10, 4)])
    expected = list(zip(("x0", "x1"), rows.min(axis=0), rows.max(axis=0), strict=True))
    assert list(certificate.ranges) == expected


def test_another_size_is_certified_anew(d: dd.DistilledModule) -> None:
    assert d.choose(complexity=6) is d
    assert d.formulas[0] != "y0 = 2.5 * sin(x1) + x0" and d.formulas[1] == "y1 = x0 * x1"
    assert d.certificate.outputs[0].r2 < 0.99 and d.certificate.accuracy is not None
    assert d.certificate.accuracy.after < d.certificate.accuracy.before - 1e-4
    assert {row["output"] for row in d.table()} == {"y0", "y1"}
    assert sum(row["chosen"] for row in d.table()) == 2 and "complexity" in str(d.table())
    with pytest.raises(dd.InputError, match="complexity"):
        d.choose(complexity=0)


def test_what_no_formula_tells_fails() -> None:
    torch.manual_seed(3)
    noise = {row.tobytes(): float(torch.randn(())) for x in batches(4) for row in x.numpy()}

    def answers(x: Any) -> Any:
        return np.array([[noise[row.tobytes()]] for row in x])

    found = dd.distill_module(answers, "", [x.numpy() for x in batches(4)], **QUICK)
    assert not found.certificate.ok and found.certificate.faithful.status == "failed"
    assert found.certificate.faithful.counterexample is not None


@pytest.mark.parametrize("outside", ["formula", "network"])
def test_in_place_for_a_while_and_for_good(
    d: dd.DistilledModule, model: Around, outside: str
) -> None:
    before, x = state(model), batches(1, 5)[0]
    plain = model.eval()(x)
    model.train()
    with d.swapped(model, outside=outside) as inside:
        assert inside is model
        torch.testing.assert_close(model.eval()(x), plain)
        model.train()
    assert state(model) == before
    with pytest.raises(ZeroDivisionError), d.swapped(model):
        raise ZeroDivisionError
    assert state(model) == before
    swapped = d.swap(model, outside=outside)
    assert swapped is model and not isinstance(model.block, Wave)
    with pytest.raises(dd.InputError, match="restore"):
        d.swap(model)
    torch.testing.assert_close(model.eval()(x), plain)
    model.train()
    assert d.restore(model) is model and state(model) == before
    with pytest.raises(dd.InputError, match="nothing was exchanged"):
        d.restore(model)


def test_attributes_of_the_block_are_its_own(d: dd.DistilledModule) -> None:
    """Whatever a block calls its own, as the ends of its inputs, it keeps in place."""
    words = ("low", "high", "places", "outside", "kept", "inside", "needed")
    block = Wave().double()
    block.register_buffer("low", torch.zeros(2))
    for word in words[1:]:
        setattr(block, word, word)
    model = Around(block).double()
    with pytest.warns(UserWarning, match="other numbers"):
        d.swap(model)
    assert isinstance(model.block, SwappedBlock)
    assert torch.equal(model.block.low, block.low)
    assert [getattr(model.block, word) for word in words[1:]] == list(words[1:])
    d.restore(model)
    assert model.block is block


def test_outside_of_the_ranges_the_network_answers(d: dd.DistilledModule, model: Around) -> None:
    d.choose(complexity=1)
    x = batches(1, 6)[0]
    far = torch.cat([x[:3], x[3:] + 50])
    with torch.no_grad():
        theirs = model.block(far)
        with d.swapped(model, outside="network"):
            mixed = model.block(far)
        with d.swapped(model):
            formula = model.block(far)
    assert torch.equal(mixed[3:], theirs[3:]) and torch.equal(mixed[:3], formula[:3])
    assert not torch.allclose(formula, theirs)
    with pytest.raises(dd.InputError, match="'formula' or 'network'"):
        d.swap(model, outside="elsewhere")


def test_a_block_in_several_places_and_the_whole_model() -> None:
    block = Wave().double()
    shared = nn.Sequential(block, nn.Tanh(), block)
    d = dd.distill_module(shared, "2", batches(5), **QUICK)
    assert any("'0', '2'" in note for note in d.certificate.notes)
    assert d.certificate.faithful.note.count("of 10") == 1  # two calls a batch
    before, x = shared(batches(1)[0]), batches(1)[0]
    d.swap(shared)
    assert shared[0] is shared[2] and not isinstance(shared[0], Wave)
    torch.testing.assert_close(shared(x), before)
    d.restore(shared)
    assert shared[0] is block is shared[2]
    whole = dd.distill_module(block, "", batches(5), **QUICK)
    with whole.swapped(block):
        torch.testing.assert_close(block(x), Wave().double()(x))
    swapped = whole.swap(block)
    assert swapped is not block and whole.restore(swapped) is block


def test_tuples_keywords_and_mappings() -> None:
    torch.manual_seed(1)
    parts = [[torch.randn(7, 5, 1) for _ in range(3)] for _ in range(6)]
    inputs = [dict(zip(("here", "there", "charge"), part, strict=True)) for part in parts]
    model = Edges()
    d = dd.distill_module(
        model, "edge", inputs, names=["a", "b", "q"], derive={"d": "a - b"}, columns=["d", "q"],
        **QUICK,
    )  # fmt: skip
    assert d.formulas[0] in ("y = 2 * d * q", "y = 2.0 * d * q", "y = 2 * q * d", "y = 2.0 * q * d")
    assert any("scale was 2.0" in note for note in d.certificate.notes)
    plain = model(**inputs[0])
    with d.swapped(model):
        torch.testing.assert_close(model(**inputs[0]), plain)
        with pytest.raises(ValueError, match="another scale"):
            model.edge((parts[0][0], parts[0][1]), charge=parts[0][2], scale=3.0)
    answer = d.module()((parts[0][0], parts[0][1]), charge=parts[0][2])
    assert set(answer) == {"force", "none"} and answer["force"].shape == (7, 5)
    assert answer["force"].dtype == torch.float32


def test_functions_and_estimators() -> None:
    from sklearn.linear_model import LinearRegression

    x = np.random.default_rng(0).normal(size=(60, 2))
    model = LinearRegression().fit(x, 3 * x[:, 0] - x[:, 1] + 0.5)
    d = dd.distill_module(model, "", x, labels=3 * x[:, 0] - x[:, 1] + 0.5, **QUICK)
    assert d.solve(1.0, 2.0) == pytest.approx(1.5)
    assert d.certificate.accuracy is not None and d.certificate.accuracy.after > 0.999
    assert "the only call" in d.certificate.faithful.note
    with pytest.raises(dd.InputError, match=r"d\.module\(\)"), d.swapped(model):
        pass
    numbers = d.module()(torch.tensor(x))
    np.testing.assert_allclose(numbers.detach(), model.predict(x), rtol=1e-9, atol=1e-9)


def test_a_module_of_its_own(d: dd.DistilledModule) -> None:
    module = d.module()
    x = batches(1, 3, 4, seed=5)[0]
    expected = [[d.solve(*row) for row in part] for part in x.tolist()]
    assert module(x).dtype == torch.float64 and module(x).shape == (3, 4, 2)
    np.testing.assert_allclose(module(x).detach(), expected, rtol=0, atol=1e-12)
    assert module(x.float()).dtype == torch.float32
    torch.testing.assert_close(module(x.float()).double(), module(x), rtol=1e-5, atol=1e-5)
    wanted = x.clone().requires_grad_()
    module(wanted).sum().backward()
    assert wanted.grad is not None and module.constants.grad is not None
    slope = torch.stack([1 + wanted[..., 1], 2.5 * wanted[..., 1].cos() + wanted[..., 0]], dim=-1)
    torch.testing.assert_close(wanted.grad, slope.detach())
    assert [name for name, _ in module.named_parameters()] == ["constants"]
    again = pickle.loads(pickle.dumps(module))
    assert torch.equal(again(x), module(x))


def test_constants_are_refined_in_place(d: dd.DistilledModule, model: Around) -> None:
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.get_parameter("block.height").fill_(2.7)
    inputs = batches(8, 10, 4)
    with torch.no_grad():
        pairs = [(x, other.eval()(x)) for x in inputs]
    before = state(model)
    d.at_hand = type(d.at_hand)(model, tuple(inputs), [y for _, y in pairs])
    d._renew(d.program)
    old = d.certificate.accuracy
    assert d.refine(model, nn.functional.mse_loss, pairs) is d
    assert state(model) == before
    assert d.program.constants()[0] == pytest.approx(2.7, abs=1e-3)
    assert d.formulas[0] == f"y0 = {d.program.constants()[0]!r} * sin(x1) + x0"
    assert old is not None and d.certificate.accuracy is not None
    assert d.certificate.accuracy.after > old.after
    assert d.solve(0.0, 1.0)[0] == pytest.approx(2.7 * np.sin(1.0), abs=1e-3)
    kept = d.formulas
    for loss in (lambda a, b: a.sum().item(), lambda a, b: b.sum(), lambda a, b: a.sum() / 0):
        with pytest.raises(dd.InputError, match="loss"):
            d.refine(model, loss, pairs)
    assert d.formulas == kept and state(model) == before


def test_constants_are_refined_where_they_stand_for_good(d: dd.DistilledModule) -> None:
    torch.manual_seed(5)
    model = Around(Wave()).double()
    inputs = batches(6)
    with torch.no_grad():
        pairs = [(x, model.eval()(x)) for x in inputs]
    d.at_hand = type(d.at_hand)(model, tuple(inputs), [y for _, y in pairs])
    d.program = d.program.refilled([2.4])
    own = model.block
    with pytest.warns(UserWarning, match="other numbers"):
        d.source = replace(d.source, digest="another")
        d.swap(model)
    d.refine(model, nn.functional.mse_loss, pairs, epochs=40)
    standing = model.get_submodule("block.formula")
    assert standing.constants.tolist() == list(d.program.constants())
    assert d.program.constants()[0] == pytest.approx(2.5, abs=1e-2)
    assert d.certificate.accuracy is not None and d.certificate.accuracy.before == 1
    with pytest.raises(dd.InputError, match="restore"):
        d.choose(complexity=6).swap(model)
    assert d.restore(model).block is own


def test_saved_and_loaded(d: dd.DistilledModule, model: Around, tmp_path: Path) -> None:
    path = d.save(tmp_path)
    assert path == tmp_path / "mine"
    with pytest.raises(dd.InputError, match="formulas of a block"):
        check_again(path)
    names = {file.name for file in path.iterdir()}
    rows = names & {"rows.safetensors", "rows.npz"}
    assert len(rows) == 1
    assert names - rows == {"solver.py", "surrogate.json", "certificate.json", "report.html"}
    again = dd.load(path)
    assert again.formulas == d.formulas and again.program == d.program
    assert again.certificate.claims == d.certificate.claims and again.code == d.code
    assert (
        again.save(tmp_path / "twice").joinpath("surrogate.json").read_bytes()
        == (path / "surrogate.json").read_bytes()
    )
    x = batches(1)[0]
    plain = model.eval()(x)
    with again.swapped(model):
        torch.testing.assert_close(model(x), plain)
    model.train()
    assert again.choose(complexity=6).certificate.correct.status == "no oracle"
    page = (path / "report.html").read_text()
    assert r"\sin" in page and "Residuals of y1" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    data = json.loads((path / "certificate.json").read_text())
    assert data["outputs"][0]["formula"] == "2.5 * sin(x1) + x0"


@pytest.mark.parametrize("name", ["surrogate.json", "solver.py", "rows.safetensors", "rows.npz"])
def test_a_file_that_was_changed_is_refused(
    d: dd.DistilledModule, tmp_path: Path, name: str
) -> None:
    path = d.save(tmp_path)
    if not (path / name).exists():
        pytest.skip("the rows are in another file")
    content = (path / name).read_bytes()
    (path / name).write_bytes(content[:-9] + b" " + content[-8:])
    with pytest.raises(dd.InputError, match="not the one that was certified"):
        dd.load(path)


def test_another_block_is_told(d: dd.DistilledModule, model: Around) -> None:
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.get_parameter("block.height").fill_(1.0)
    with pytest.warns(UserWarning, match="other numbers"), d.swapped(other):
        pass


def test_all_calls_are_captured_and_few_rows_kept() -> None:
    model = Around(Wave(), steps=3).double()
    calls = captured(model, "block", batches(5, 4, 3), 50, 0)
    assert calls.seen == 5 * 3 * 12 and len(calls.x) == 50 and calls.calls <= 15
    assert any("50 of 180" in note for note in calls.notes)
    full = captured(model, "block", iter(batches(5, 4, 3)))
    np.testing.assert_array_equal(full.low, calls.low)
    assert full.calls == 15 and sorted(set(full.batch.tolist())) == [0, 1, 2, 3, 4]
    assert full.x[full.call == 0].tolist() == batches(5, 4, 3)[0].reshape(-1, 2).tolist()


def test_rotated_outputs_are_told_by_their_mixes(tmp_path: Path) -> None:
    """What three outputs mix is two forces: of nothing but them the formulas speak."""
    mix = torch.tensor([[1.3, -0.4], [0.7, 2.1], [0.2, 0.9]], dtype=torch.float64)

    def mixed(x: torch.Tensor) -> torch.Tensor:
        share = 1 - 1 / torch.hypot(x[:, 0], x[:, 1])
        return torch.stack([x[:, 0] * share, x[:, 1] * share], dim=-1) @ mix.T

    inputs = [2 * x for x in batches(5, 120)]
    d = dd.distill_module(
        mixed, "", inputs, names=["dx", "dy"], derive={"r": "hypot(dx, dy)"}, outputs="rotate",
        **QUICK,
    )  # fmt: skip
    assert len(d.formulas) == 2 and len(d.mixes) == 3
    assert {tuple(sorted({"dx", "dy", "r"} & set(_words(text)))) for text in d.formulas} == {
        ("dx", "r"),
        ("dy", "r"),
    }
    assert any("3 outputs are mixes of 2" in note for note in d.certificate.notes)
    assert min(one.r2 for one in d.certificate.outputs) == 1.0
    torch.testing.assert_close(d.module()(inputs[0]), mixed(inputs[0]))
    again = dd.load(d.save(tmp_path))
    assert (again.formulas, again.mixes, again.program) == (d.formulas, d.mixes, d.program)
    assert "m0" in again.choose(complexity=40).report


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]\w*", text)


def test_a_function_in_two_regimes_is_told_by_its_limit() -> None:
    def stepped(rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"y": np.where(rows[:, 0] > 1, rows[:, 1], 2 * rows[:, 0])}

    rows = 2 * np.random.default_rng(0).normal(size=(800, 2))
    d = dd.distill_module(stepped, "", rows, **QUICK)
    assert d.formulas == ("y = 2 * x0 if x0 < 1 else x1",)
    assert d.solve(0.5, 7.0) == 1.0 and d.solve(1.5, 7.0) == 7.0
