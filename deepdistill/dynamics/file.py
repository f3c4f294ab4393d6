"""A dynamical model as JSON and back, every value checked."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import numpy as np

from ..data.files import parse_json
from ..ir.errors import InputError
from ..ir.rounding import rounded
from ..verify.certificate import DYNAMICS
from .canonical import Constants, FieldTerm
from .coordinates import AffineChange
from .latents import Components
from .library import Monomial
from .model import DynamicalModel
from .series import Floats

_MOST = 64


def model_bytes(model: DynamicalModel) -> bytes:
    """The file of a model."""
    components = model.components
    data = {
        "format": 1,
        "channels": model.channels,
        "order": model.order,
        "dt": model.dt,
        "substeps": model.substeps,
        "terms": [
            {
                "equation": term.equation,
                "powers": list(term.monomial.powers),
                "wave": None if term.monomial.wave is None else list(term.monomial.wave),
                "sign": int(sign),
            }
            for term, sign in zip(model.constants.terms, model.constants.signs, strict=True)
        ],
        "groups": [list(group) for group in model.constants.groups],
        "sizes": list(model.constants.sizes),
        "matrix": _plain(model.change.matrix),
        "shift": _plain(model.change.shift),
        "components": None
        if components is None
        else {
            "mean": _plain(components.mean),
            "encoder": _plain(components.encoder),
            "decoder": _plain(components.decoder),
            "degree": components.degree,
        },
    }
    return (json.dumps(data, allow_nan=False) + "\n").encode()


def _plain(array: Floats) -> Any:
    return array.tolist()


def rounded_array(array: Floats) -> Floats:
    """Numbers to 12 digits, of the largest among them."""
    scale = float(np.max(np.abs(array), initial=0.0))
    flat = [rounded(value, scale) for value in array.ravel().tolist()]
    return np.array(flat, dtype=np.float64).reshape(array.shape)


def read_model(content: bytes, what: str = DYNAMICS) -> DynamicalModel:
    """A model from its file; :class:`InputError` with a sentence where it is none."""
    data = parse_json(content, what)
    try:
        return _model(data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise InputError(f"{what} is no model of deepdistill: distill the series again") from None


def _model(data: Any) -> DynamicalModel:
    if data["format"] != 1:
        raise ValueError("an unknown format")
    shift = _array(data["shift"], 1)
    latents = len(shift)
    terms = tuple(_term(one, latents) for one in data["terms"])
    signs = tuple(float(one["sign"]) for one in data["terms"])
    groups = tuple(tuple(_whole(k, len(terms)) for k in group) for group in data["groups"])
    sizes = tuple(map(float, data["sizes"]))
    places = [k for group in groups for k in group]
    dt = data["dt"]
    order, channels, substeps = (int(data[key]) for key in ("order", "channels", "substeps"))
    if (
        len(sizes) != len(groups)
        or not all(map(isfinite, sizes))
        or len(set(places)) < len(places)
        or any(sign not in (-1, 1) for sign in signs)
        or not (dt is None or (isfinite(dt) and dt > 0))
        or not (1 <= order <= latents <= _MOST and latents % order == 0 and substeps >= 1)
    ):
        raise ValueError("values that do not fit")
    given = data["components"]
    components = None
    width = channels
    if given is not None:
        components = Components(
            _array(given["mean"], 1),
            _array(given["encoder"], 2),
            _array(given["decoder"], 2),
            _whole(given["degree"], 10),
        )
        width = components.count
        if components.encoder.shape[1] != channels or len(components.mean) != channels:
            raise ValueError("components of other channels")
        components.decode(np.zeros((1, width)))
    matrix = _array(data["matrix"], 2)
    if matrix.shape != (latents, width * order):
        raise ValueError("a change of other latents")
    return DynamicalModel(
        Constants(terms, signs, groups, sizes),
        components,
        channels,
        order,
        AffineChange(matrix, shift),
        dt,
        substeps,
    )


def _term(data: Any, latents: int) -> FieldTerm:
    powers = tuple(_whole(power, 10) for power in data["powers"])
    wave = data["wave"]
    if len(powers) != latents or not (wave is None or wave[0] in ("sin", "cos")):
        raise ValueError("a term of other latents")
    named = None if wave is None else (str(wave[0]), _whole(wave[1], latents))
    return FieldTerm(_whole(data["equation"], latents), Monomial(powers, named))


def _whole(value: Any, end: int) -> int:
    if type(value) is not int or not 0 <= value < end:
        raise ValueError("no such number")
    return value


def _array(data: Any, axes: int) -> Floats:
    array = np.array(data, dtype=np.float64)
    if array.ndim != axes or not np.isfinite(array).all():
        raise ValueError("no array")
    return array
