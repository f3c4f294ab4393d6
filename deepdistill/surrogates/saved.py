"""Formulas of a block on disk: JSON, arrays without pickles, solver, certificate, report."""

from __future__ import annotations

import hashlib
import io
import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .surrogate import Surrogate

SPEC = "surrogate.json"
SAFE, PLAIN = "rows.safetensors", "rows.npz"
ARRAYS = (SAFE, PLAIN)
"""The files of the rows, of which a folder has one."""

FORMAT = 1


def files_of(surrogate: Surrogate[Any]) -> dict[str, bytes]:
    """All files of a folder by name; the certificate carries their digests."""
    name, arrays = _arrays(surrogate)
    files = {
        "solver.py": surrogate.code.encode(),
        SPEC: (json.dumps(_spec(surrogate), indent=1, allow_nan=False) + "\n").encode(),
        name: arrays,
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    certificate = surrogate.certificate.sealed(digests)
    files["certificate.json"] = certificate.text().encode()
    files["report.html"] = surrogate.report.encode()
    return files


def _arrays(surrogate: Surrogate[Any]) -> tuple[str, bytes]:
    rows = surrogate.source.rows
    arrays: dict[str, NDArray[Any]] = {
        "x": np.ascontiguousarray(rows.x, dtype=np.float64),
        "y": np.ascontiguousarray(rows.y, dtype=np.float64),
        "call": np.ascontiguousarray(rows.call, dtype=np.int64),
        "batch": np.ascontiguousarray(surrogate.source.batch, dtype=np.int64),
        "held": np.ascontiguousarray(rows.held, dtype=np.uint8),
    }
    if find_spec("safetensors") is not None:
        from safetensors.numpy import save

        return SAFE, save(arrays)
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    return PLAIN, content.getvalue()


def _spec(surrogate: Surrogate[Any]) -> dict[str, Any]:
    source, program = surrogate.source, surrogate.program
    face = source.face
    return surrogate.as_json() | {
        "format": FORMAT,
        "kind": "surrogate",
        "name": source.name,
        "path": source.path,
        "seed": source.seed,
        "names": list(source.columns.names),
        "derived": [list(pair) for pair in source.columns.derived],
        "spoken": list(source.columns.spoken),
        "face": {
            "arguments": list(face.arguments),
            "columns": [list(one) for one in face.columns],
            "fixed": [list(one) for one in face.fixed],
            **({"spare": list(face.spare)} if face.spare else {}),
            "kind": face.kind,
            "parts": [[part.key, part.width, part.flat] for part in face.parts],
        },
        "places": list(source.places),
        "answers": list(source.answers),
        "mixing": None
        if source.mixing is None
        else [
            source.mixing.forward.tolist(),
            source.mixing.back.tolist(),
            source.mixing.offset.tolist(),
        ],
        "ranges": [[scalar.domain.low, scalar.domain.high] for scalar in program.outputs],
        "ends": [end.tolist() for end in source.ends],
        "judges": source.rows.judges,
        "digest": source.digest,
        "notes": list(source.notes),
    }
