"""A module of formulas by itself: compiled, exported, in every precision, faster than a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import deepdistill as dd
from deepdistill.ir.formulas import Formulas
from deepdistill.ir.parse import parse_expr
from deepdistill.ir.program import Let
from deepdistill.ir.types import Reals, Scalar
from deepdistill.modules.face import AnswerPart, BlockFace, defaults_of, face_of
from deepdistill.modules.formula_module import FormulaModule
from deepdistill.surrogates.values import answers_of
from deepdistill.target.formulas_source import formulas_solver
from deepdistill.target.source import Provenance
from deepdistill.verify.solver import load_solver
from tests.surrogate_models import batches

pytestmark = pytest.mark.filterwarnings("ignore")

# every operation that a formula of a block may have
VALUES = (
    "(2.5 * math.sin(x1))",
    "(math.exp((x0 / 3)) + math.sqrt((r + 0.5)))",
    "(max(x0, 0, x1) - min(x0, 1))",
    "((math.tanh(x0) * math.cos(x1)) + math.tan((x1 / 4)) + math.log((r + 1)) + abs(x0))",
    "((x0 ** 3) - math.pow((r + 1), 0.5))",
    "((x0 + 1) if (x0 < x1) else (2.0 * x1))",
    "(((x0 > 0) and (x1 > 0)) + not((x0 == x1)) + ((x0 >= 1) or (x1 <= -1)))",
    "4.0",
    "(math.pi() + (1 / 3))",
    "(shared * shared)",
)
WIDTH = 2


def formulas() -> Formulas:
    inputs = tuple(Scalar(name, Reals(-3.0, 3.0), name) for name in ("x0", "x1"))
    outputs = tuple(Scalar(f"y{k}", Reals(-9.0, 9.0)) for k in range(len(VALUES)))
    derived = (Let("r", parse_expr("((x0 ** 2) + (x1 ** 2))")),)
    body = (Let("shared", parse_expr("(0.5 * x0)")),)
    return Formulas("several", inputs, outputs, derived, body, tuple(map(parse_expr, VALUES)))


def module() -> FormulaModule:
    count = len(VALUES)
    face = BlockFace(("x",), (("x", WIDTH),), (), "tensor", (AnswerPart("", count),))
    return FormulaModule(formulas(), face, range(count))


def test_every_operation_is_that_of_the_solver() -> None:
    found, x = module(), batches(1, 5, 4)[0]
    solve = load_solver(formulas_solver(formulas(), Provenance("a test")).encode(), "several")
    expected = np.array([[solve(*row) for row in part] for part in x.tolist()])
    numbers = found(x)
    assert numbers.shape == (5, 4, len(VALUES)) and numbers.dtype == torch.float64
    np.testing.assert_allclose(numbers.detach(), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        answers_of(formulas(), x.reshape(-1, WIDTH).numpy()),
        expected.reshape(-1, len(VALUES)),
        rtol=1e-12,
    )
    for kind in (torch.float32, torch.bfloat16, torch.float16):
        assert found(x.to(kind)).dtype == kind
    np.testing.assert_allclose(found(x.float()).detach(), expected, rtol=1e-3, atol=1e-4)


def test_constants_are_parameters_in_the_order_of_the_text() -> None:
    found = module()
    assert found.constants.tolist() == list(formulas().constants())
    assert formulas().constants()[:2] == (0.5, 2.5)  # what is shared comes first
    with torch.no_grad():
        found.constants.add_(1)
    assert found.current().constants() == tuple(one + 1 for one in formulas().constants())
    x = batches(1)[0]
    np.testing.assert_allclose(found(x).detach(), answers_of(found.current(), x.numpy()))
    with pytest.raises(ValueError, match="constants"):
        formulas().refilled([1.0])


def test_slopes_are_those_of_differences() -> None:
    x = batches(1, 6, seed=3)[0].requires_grad_()
    assert torch.autograd.gradcheck(lambda x: module()(x)[..., :5], (x,))


def test_what_is_not_given_as_the_block_is_refused() -> None:
    x = batches(1)[0]
    for args in ((), (x, x), (x[:, :1],), (x.tolist(),)):
        with pytest.raises(ValueError):
            module()(*args)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (torch.ones(3, 2, dtype=torch.int64), "x is of int64, and a formula is of real numbers"),
        (torch.ones(3, 2) > 0, "x is of bool"),
        (np.ones((3, 2)), "x is a value of the type ndarray: give a tensor for each of x"),
        ([[1.0, 2.0]], "x.0.0 is a value of the type float: give a tensor for each of x"),
        ([torch.ones(3, 2)], "x.0 is a value of the type Tensor: give a tensor for each of x"),
    ],
)
def test_what_is_no_tensor_of_floats_is_refused(given: Any, words: str) -> None:
    """Constants of the kind of whole numbers would be cut off."""
    with pytest.raises(dd.InputError, match=words):
        module()(given)


def test_an_argument_without_a_name_is_called_by_its_place() -> None:
    numbers = torch.ones(3, 2, dtype=torch.int64)
    with pytest.raises(dd.InputError, match="^its argument 0 is of int64"):
        face_of((), (numbers,), {}, numbers)


def test_exported() -> None:
    found, x = module(), batches(1)[0]
    rows = torch.export.Dim("rows", min=2)
    program = torch.export.export(found.eval(), (x,), dynamic_shapes=(({0: rows},),))
    other = batches(1, 7, seed=9)[0]
    torch.testing.assert_close(program.module()(other), found(other))


def test_compiled() -> None:
    found, x = module(), batches(1)[0]
    torch.testing.assert_close(
        torch.compile(found, fullgraph=True)(x), found(x), rtol=1e-12, atol=1e-12
    )


def test_as_onnx(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    found, x = module(), batches(1)[0].float()  # the runtime has no tangent of doubles
    path = tmp_path / "formulas.onnx"
    try:
        torch.onnx.export(found.eval(), (x,), path, dynamo=True, verbose=False)
    except ModuleNotFoundError as error:
        pytest.skip(f"a part of onnx is missing: {error}")
    session = onnxruntime.InferenceSession(path)
    (numbers,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    np.testing.assert_allclose(numbers, found(x).detach(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("part", ["linear1", "linear2"])
def test_layers_that_reckon_with_weights_alone_are_told_to_call(part: str) -> None:
    """An encoder layer in evaluation mode reads the weights of its parts, and calls none."""
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(4, 2, 6, batch_first=True).eval()
    model = nn.Sequential(layer, nn.Linear(4, 1)).eval()
    inputs = [torch.randn(6, 5, 4) for _ in range(4)]
    d = dd.distill_module(
        model, f"0.{part}", inputs, outputs=[0], n_jobs=1, budget=0, backend="sparse"
    ).choose(complexity=1)
    assert "R2 1.0000" not in d.certificate.correct.note
    with torch.no_grad():
        own = model(inputs[0])
        with d.swapped(model):
            swapped = model(inputs[0])
        assert not torch.allclose(own, swapped)
        assert torch.equal(model(inputs[0]), own)
        assert d.swap(model) is model and torch.equal(model(inputs[0]), swapped)
        assert model[0].get_submodule(part).in_features == layer.get_submodule(part).in_features
        assert torch.equal(d.restore(model)(inputs[0]), own)
    assert not any(one._forward_pre_hooks for one in model.modules())


def test_a_fixed_argument_is_left_out_only_where_the_block_takes_the_same() -> None:
    def block(x: Any, scale: float = 1.0, *, mode: str = "sum") -> Any:
        return x

    x = torch.ones(3, 2)
    for fixed, spare in (({"scale": 2.0}, ()), ({"scale": 1.0, "mode": "sum"}, ("scale", "mode"))):
        face = face_of(("x", "scale"), (x,), fixed, x, defaults_of(block))[0]
        assert face.spare == spare and len(face.tensors((x,), fixed)) == 1
        if spare:
            assert len(face.tensors((x,), {})) == 1
        else:
            with pytest.raises(ValueError, match="the formula is for scale=2.0: give it as well"):
                face.tensors((x,), {})
        with pytest.raises(ValueError, match="does not hold for another scale"):
            face.tensors((x,), {**fixed, "scale": 3.0})
    assert defaults_of(len) == {} and defaults_of(min) == {}
