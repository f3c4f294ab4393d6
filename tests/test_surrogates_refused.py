"""Blocks and inputs that cannot be distilled: one sentence, and the model is as it was."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import deepdistill as dd
from deepdistill.ir.infix import parse_infix
from deepdistill.modules.refine import refined
from tests.surrogate_models import Around, Wave, batches, state

NOTHING = "nothing"
QUICK: dict[str, Any] = {"n_jobs": 1, "budget": 0, "backend": "sparse"}


class Words(nn.Module):
    """A block that takes integers, and one after it."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.block = nn.Embedding(9, 2), Wave()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.block(self.table(x))
        return found


class Answers(nn.Module):
    def __init__(self, answer: Callable[[torch.Tensor], Any]) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, x: torch.Tensor) -> Any:
        return self.answer(x)


class Inside(nn.Module):
    """Its block is there; what it answers is not looked at."""

    def __init__(self, answer: Callable[[torch.Tensor], Any]) -> None:
        super().__init__()
        self.block, self.spare = Answers(answer), nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.block(x)
        return x


class Memory(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count += 1
        return x * self.weight * self.count


def of(answer: Callable[[torch.Tensor], Any]) -> Callable[[], nn.Module]:
    return lambda: Inside(answer).double()


def wave() -> nn.Module:
    return Around(Wave()).double()


def compiled() -> nn.Module:
    code: Any = torch.compile(Wave().double())
    return nn.Sequential(code)


CASES: dict[str, tuple[Callable[[], nn.Module], Any, Any, dict[str, Any], str]] = {
    "no such path": (wave, "blocks", batches(), {}, "mean 'block'"),
    "a deep path": (wave, "block.0.x", batches(), {}, "no part"),
    "no text": (wave, 3, batches(), {}, "the path is 3"),
    "never called": (of(lambda x: x), "spare", batches(), {}, "never called while"),
    "no tensor": (of(lambda x: 1.0), "block", batches(), {}, "a value of the type float"),
    "no answer": (of(lambda x: None), "block", batches(), {}, "answers with None"),
    "a set": (of(lambda x: (x, {1})), "block", batches(), {}, "holds a value of the type set"),
    "integers": (Words, "table", torch.arange(9), {}, "is of int64"),
    "classes": (of(lambda x: x.argmax(-1)), "block", batches(), {}, "its answer is of int64"),
    "truths": (of(lambda x: x > 0), "block", batches(), {}, "its answer is of bool"),
    "NaN": (of(lambda x: x / (x > 0)), "block", batches(), {}, "NaN or infinity in"),
    "NaN inputs": (of(lambda x: x), "block", [x / 0 for x in batches()], {}, "is given NaN"),
    "in place": (of(lambda x: x.relu_()), "block", batches(), {}, "inplace=False"),
    "whole in place": (lambda: nn.ReLU(inplace=True), "", batches(), {}, "inplace=False"),
    "meta": (lambda: Around(Wave()).to("meta"), "block", batches(), {}, "device meta"),
    "all on meta": (
        lambda: Around(Wave()).to("meta"),
        "block",
        [x.to("meta") for x in batches()],
        {},
        "device meta",
    ),
    "constant": (of(lambda x: x * 0 + 3), "block", batches(), {}, "answers 3, 3 whatever"),
    "more outputs than rows": (
        of(lambda x: x.repeat(1, 30)),
        "block",
        batches(1, 20),
        {},
        "60 outputs stand against 20",
    ),
    "other rows": (of(lambda x: x.sum(0)), "block", batches(), {}, "an answer for each row"),
    "several ways": (
        of(lambda x: x),
        "block",
        [*batches(1), *batches(1, width=3)],
        {},
        "in several",
    ),
    "memory": (Memory, "", batches(), {}, "answers the same inputs otherwise"),
    "does not run": (of(lambda x: getattr(x, NOTHING)), "block", batches(), {}, "AttributeError"),
    "other inputs": (wave, "block", ["text"], {}, "does not run"),
    "no inputs": (wave, "block", [], {}, "give at least one batch"),
    "not given": (wave, "block", None, {}, "the inputs are None"),
    "one row": (wave, "block", batches(1, 1)[0], {}, "2 outputs stand against 1 "),
    "empty": (wave, "block", batches(1)[0][:0], {}, "never given a row"),
    "lazy": (lambda: nn.LazyLinear(2), "", batches(), {}, "layers of no size"),
    "names": (wave, "block", batches(), {"names": ["a"]}, "1 names are"),
    "a name that is code": (
        wave,
        "block",
        batches(),
        {"derive": {"__import__('os')": "x0"}},
        "cannot be the name of a derived column",
    ),
    "a keyword": (
        wave,
        "block",
        batches(),
        {"derive": {"if": "x0"}},
        "cannot be",
    ),
    "a text that is code": (
        wave,
        "block",
        batches(),
        {"derive": {"r": "__import__('os').getcwd()"}},
        "the derived column r cannot be read",
    ),
    "an unknown column": (
        wave,
        "block",
        batches(),
        {"derive": {"r": "a + 1"}},
        "'a'",
    ),
    "a circle": (
        wave,
        "block",
        batches(),
        {"derive": {"a": "b + 1", "b": "a + 1"}},
        "in a circle",
    ),
    "a derived column without values": (
        wave,
        "block",
        batches(),
        {"derive": {"r": "log(x0)"}},
        "has no value in",
    ),
    "a column that is not there": (
        wave,
        "block",
        batches(),
        {"columns": ["z"]},
        "no column 'z'",
    ),
    "an output that is not there": (
        wave,
        "block",
        batches(),
        {"outputs": [2]},
        "no output 2",
    ),
    "labels": (
        wave,
        "block",
        batches(),
        {"labels": torch.zeros(3)},
        "labels of",
    ),
    "a label": (wave, "block", batches(), {"labels": 3}, "the labels are 3"),
    "wide": (lambda: nn.Linear(300, 2).double(), "", batches(width=300), {}, "columns="),
    "few rows kept": (wave, "block", batches(), {"rows": 1}, "at least 8"),
    "compiled": (
        compiled,
        "0",
        batches(),
        {},
        "compiled module",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore")
def test_one_sentence_and_the_model_is_as_it_was(case: str) -> None:
    build, path, inputs, more, words = CASES[case]
    model = build()
    if case != "compiled":
        model.register_forward_hook(lambda *known: None)
    given = [x.clone() for x in inputs] if case in ("in place", "whole in place") else None
    before = {} if case == "lazy" else state(model)
    draws = torch.random.get_rng_state()
    with pytest.raises(dd.InputError) as raised:
        dd.distill_module(model, path, inputs, **QUICK, **more)
    sentence = str(raised.value)
    assert words in sentence and "\n" not in sentence and len(sentence) < 400
    assert before == ({} if case == "lazy" else state(model))
    assert torch.equal(torch.random.get_rng_state(), draws)
    if given is not None:
        assert all(torch.equal(a, b) for a, b in zip(given, inputs, strict=True))


@pytest.mark.parametrize(
    ("model", "path", "words"),
    [
        (3, "", "a module of torch, a function of a batch or a fitted estimator"),
        (lambda x: x, "block", "no part"),
        (lambda x: "text", "", "answers with a value of the type str"),
        (lambda x: x.missing, "", "AttributeError"),
    ],
)
def test_what_is_no_model_is_refused(model: Any, path: str, words: str) -> None:
    with pytest.raises(dd.InputError, match=words):
        dd.distill_module(model, path, batches(), **QUICK)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    training=st.lists(st.booleans(), min_size=4, max_size=4),
    fails=st.integers(0, 4),
    needs=st.booleans(),
)
def test_whatever_ends_the_capture_nothing_stays(
    training: list[bool], fails: int, needs: bool
) -> None:
    """Modes of all parts, hooks and numbers are as before, at whichever call it ends."""
    from deepdistill.modules.calls import captured

    calls = []

    def answer(x: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        if len(calls) == fails:
            raise KeyboardInterrupt
        return x + 1

    model = nn.Sequential(nn.BatchNorm1d(2), Answers(answer), nn.Dropout(0.5)).double()
    for part, mode in zip(model.modules(), training, strict=True):
        part.training = mode
    model[0].weight.requires_grad_(needs)
    model[1].register_forward_hook(lambda *known: None)
    before = state(model)
    if fails:
        with pytest.raises(KeyboardInterrupt):
            captured(model, "1", batches(4))
    else:
        captured(model, "1", batches(4))
    assert state(model) == before


NAMES = ("x0", "dx", "e")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no formula"),
        ("x0 +", "no formula of Python's arithmetic"),
        ("y", "there is no column 'y'"),
        ("open('x')", "there is no function 'open'"),
        ("x0.real", "no arithmetic of columns"),
        ("x0 if dx else 1", "no arithmetic of columns"),
        ("[x0]", "no arithmetic of columns"),
        ("x0 := 3", "no formula of Python's arithmetic"),
        ("lambda: 1", "no arithmetic of columns"),
        ("'text'", "no arithmetic of columns"),
        ("True", "no arithmetic of columns"),
        ("sin(x0, dx)", "sin takes one number"),
        ("sin(*x0)", "sin takes one number"),
        ("sin(x0, k=1)", "there is no function"),
        ("1e999", "too large a number"),
        ("x0 @ dx", "no arithmetic of columns"),
        ("-" * 90 + "x0", "nested too deeply"),
        ("(" * 400 + "x0" + ")" * 400, "no formula"),
        ("x" * 2000, "is no formula"),
    ],
)
def test_texts_that_are_no_arithmetic(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("'", ".")):
        parse_infix(text, NAMES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x0 - dx", -1.0),
        ("-x0 ** 2", -4.0),
        ("2 * (x0 + dx) / 5", 2.0),
        ("hypot(x0, dx)", 13**0.5),
        ("x0 ** -2", 0.25),
        ("x0 ** 0.5", 2**0.5),
        ("max(x0, dx) - min(x0, dx)", 1.0),
        ("square(dx) + e + pi", 9 + 1.5 + 3.141592653589793),
        ("abs(-3) + tanh(0) + exp(0) + log(1) + sqrt(4) + cos(0) + tan(0) + sin(0)", 7.0),
    ],
)
def test_texts_mean_what_python_means(text: str, value: float) -> None:
    import numpy as np

    from deepdistill.ir.vector import evaluate_rows

    expr, _ = parse_infix(text, NAMES)
    columns = {"x0": np.array([2.0]), "dx": np.array([3.0]), "e": np.array([1.5])}
    assert float(evaluate_rows(expr, columns)[0]) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"epochs": 1.5}, "epochs is 1.5: give a whole number"),
        ({"epochs": "3"}, "epochs is '3': give a whole number"),
        ({"epochs": 0}, "epochs is 0: give a whole number"),
        ({"rate": "1"}, "rate is '1': give a number above 0"),
        ({"rate": math.nan}, "rate is nan: give a number above 0"),
        ({"loss": None}, "loss is None: give a function"),
        ({"loader": 3}, "loader is 3: give an iterable of pairs"),
        ({"judging": 3}, "judging is 3: give an iterable of pairs"),
    ],
)
def test_what_nothing_is_refined_with(changed: dict[str, Any], words: str) -> None:
    usual = {"loss": nn.functional.mse_loss, "loader": [], "epochs": 2, "rate": 0.01, **changed}
    with pytest.raises(dd.InputError, match=words):
        refined(nn.Identity(), [], **usual)
