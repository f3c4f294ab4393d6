"""What was saved of formulas of a block, read from its folder; every value checked."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.files import parse_json, read_arrays, read_bytes
from ..data.opened import MOST_COLUMNS
from ..data.problem import InputError
from ..forms.formula.file import read_expr
from ..ir.formulas import Formulas
from ..ir.names import identifier
from ..ir.product_sums import ProductSums
from ..ir.program import Let
from ..ir.types import Reals, Scalar
from .certificate import SurrogateCertificate
from .columns import named_columns
from .distilled import DistilledModule
from .formulas import DistilledFormulas
from .products import DistilledProducts, SizedSums
from .rotate import Mixing
from .saved import ARRAYS, FORMAT, PLAIN, SPEC
from .search import CallRows, FrontRow, OutputSearch
from .surrogate import BlockSource

_LARGEST = 256 * 2**20
_KINDS = ("tensor", "tuple", "list", "mapping")


def is_surrogate(folder: Path) -> bool:
    """Whether formulas of a block were saved there."""
    return (folder / SPEC).is_file()


def read_surrogate(folder: Path) -> DistilledModule[Any]:
    """What was saved in a folder; the model is not at hand.

    Raises :class:`InputError` where the files are not those that were certified.
    """
    what = str(folder)
    certificate = SurrogateCertificate.parse(
        read_bytes(folder / "certificate.json", _LARGEST), f"{what}: certificate.json"
    )
    rows = next((name for name in ARRAYS if name in certificate.digests), PLAIN)
    files = {name: read_bytes(folder / name, _LARGEST) for name in ("solver.py", SPEC, rows)}
    for name, content in files.items():
        if certificate.digests.get(name) != hashlib.sha256(content).hexdigest():
            raise InputError(f"{folder / name} is not the one that was certified: distill it again")
    arrays = _read_arrays(files[rows], rows, what)
    spec = parse_json(files[SPEC], f"{folder / SPEC}")
    try:
        return _read(spec, arrays, certificate)
    except InputError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise InputError(f"{folder / SPEC} holds no formulas of a block") from None


def _read_arrays(content: bytes, name: str, what: str) -> dict[str, NDArray[Any]]:
    if name == PLAIN:
        return read_arrays(content, f"{what}/{name}", _LARGEST)
    if find_spec("safetensors") is None:
        raise InputError(f"{what}/{name} needs safetensors: pip install safetensors")
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays: dict[str, NDArray[Any]] = load(content)
    except (SafetensorError, KeyError, ValueError):
        raise InputError(f"{what}/{name} is corrupted: it is not a safetensors file") from None
    return arrays


def _read(
    spec: Any, arrays: dict[str, NDArray[Any]], certificate: SurrogateCertificate
) -> DistilledModule[Any]:
    from ..modules.face import AnswerPart, BlockFace

    if spec["kind"] != "surrogate" or spec["format"] != FORMAT:
        raise ValueError
    name = _name(spec["name"])
    derived, given = dict(spec["derived"]), [_name(one) for one in spec["answers"]]
    mixing = None if spec["mixing"] is None else _mixing(spec["mixing"], len(given))
    compressed = spec.get("family") == "products"
    width = len(spec["names"])
    most = max(MOST_COLUMNS, width) if compressed else MOST_COLUMNS
    columns = named_columns(width, spec["names"], derived, spec["spoken"], (name, *given), most)
    known = {*columns.names, *derived}
    face = spec["face"]
    if face["kind"] not in _KINDS:
        raise ValueError
    faced = BlockFace(
        tuple(map(str, face["arguments"])),
        tuple((str(label), int(width)) for label, width in face["columns"]),
        tuple((str(label), value) for label, value in face["fixed"]),
        face["kind"],
        tuple(
            AnswerPart(str(key), None if width is None else int(width), bool(flat))
            for key, width, flat in face["parts"]
        ),
        tuple(map(str, face.get("spare", ()))),
    )
    x, y = arrays["x"], arrays["y"]
    rows = CallRows(x, y, arrays["call"], arrays["held"].astype(bool), str(spec["judges"]))
    batch = arrays["batch"]
    count = len(x)
    counts = [rows.call.shape, rows.held.shape, batch.shape]
    shaped = x.shape == (count, faced.width) and y.shape == (count, len(given))
    if not shaped or counts != [(count,)] * 3 or x.dtype != np.float64 or y.dtype != np.float64:
        raise ValueError
    low, high = (np.array(end, dtype=np.float64) for end in spec["ends"])
    places = tuple(map(int, spec["places"]))
    if len(places) != len(given) or not all(0 <= one < faced.answers for one in places):
        raise ValueError
    source = BlockSource(
        name, str(spec["path"]), int(spec["seed"]), faced, columns, places, tuple(given), rows,
        batch, (low, high), str(spec["digest"]), tuple(map(str, spec["notes"])), mixing,
    )  # fmt: skip
    if compressed:
        return _read_products(spec, source, certificate)
    outputs = tuple(
        OutputSearch(
            _name(one["name"]),
            int(one["place"]),
            read_expr(one["formula"], known),
            int(one["complexity"]),
            tuple(
                FrontRow(int(size), float(loss), read_expr(expr, known))
                for size, loss, expr in one["front"]
            ),
            None if one["teacher_error"] is None else float(one["teacher_error"]),
        )
        for one in spec["outputs"]
    )
    draft = DistilledFormulas(source, outputs)
    program = _program(spec, draft.program, known)
    return DistilledFormulas(source, outputs, program=program, certificate=certificate)


def _read_products(
    spec: Any, source: BlockSource, certificate: SurrogateCertificate
) -> DistilledProducts:
    inputs = source.columns.scalars(*source.ends)
    ranges = [Reals(float(low), float(high)) for low, high in spec["ranges"]]
    results = tuple(
        Scalar(name, domain, name) for name, domain in zip(source.answers, ranges, strict=True)
    )

    def sums(parts: Any) -> ProductSums:
        left, right, weights, affine = (
            tuple(tuple(map(float, row)) for row in part) for part in parts
        )
        return ProductSums(source.name, inputs, results, left, right, weights, affine)

    sizes = [SizedSums(sums(parts), float(loss)) for loss, parts in spec["sizes"]]
    return DistilledProducts(source, sizes, sums(spec["sums"]), certificate=certificate)


def _program(spec: Any, draft: Formulas, known: set[str]) -> Formulas:
    """The formulas with the constants that they had; ``draft`` has those of the search."""
    bound = set(known)
    body = []
    for name, value in spec["shared"]:
        body.append(Let(_name(name), read_expr(value, bound)))
        bound.add(name)
    ranges = [Reals(float(low), float(high)) for low, high in spec["ranges"]]
    results = tuple(
        Scalar(scalar.name, domain, scalar.title)
        for scalar, domain in zip(draft.outputs, ranges, strict=True)
    )
    values = tuple(read_expr(value, bound) for value in spec["values"])
    if len(values) != len(results):
        raise ValueError
    return Formulas(draft.name, draft.inputs, results, draft.derived, tuple(body), values)


def _mixing(parts: Any, outputs: int) -> Mixing:
    forward, back, offset = (np.array(part, dtype=np.float64) for part in parts)
    if forward.T.shape != back.shape or back.shape[1:] != (outputs,) or offset.shape != (outputs,):
        raise ValueError
    return Mixing(forward, back, offset)


def _name(name: Any) -> str:
    if not isinstance(name, str) or identifier(name) != name:
        raise ValueError
    return name
