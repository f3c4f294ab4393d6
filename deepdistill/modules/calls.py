"""What a block of a network is given and answers, call after call, while the network runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from ..ir.errors import InputError
from .blocks import (
    answered,
    batches_of,
    block_at,
    bytes_of,
    called_with,
    fingerprint,
    forward_of,
    is_module,
    places_of,
)
from .capture import unchanged
from .face import BlockFace, argument_names, defaults_of, face_of
from .mixing_rows import mixes_rows

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

MOST_ROWS = 4000
"""So many rows are kept of all calls together, unless more are asked for."""

_SPARE = 4  # times as many are held while the calls go on
_MOST_KEPT = 256 * 2**20  # bytes of inputs that are kept to judge the surrogate in place
_SAME = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class BlockCalls:
    """The rows of all calls of a block: what it was given (rows, columns), what it answered.

    ``call`` and ``batch`` (rows,) say in which call and in which batch of the inputs a row was
    seen. ``low`` and ``high`` (columns,) are the ends of all ``seen`` rows, of which so many were
    kept; ``precision`` is the relative step of the floats that the block answers with.
    ``batches`` are the inputs of the whole model, as far as they were kept, ``digest`` is one of
    the block's numbers and ``notes`` are sentences on what had to be said.
    """

    face: BlockFace
    x: Floats
    y: Floats
    call: Counts
    batch: Counts
    low: Floats
    high: Floats
    seen: int
    precision: float
    batches: tuple[Any, ...]
    digest: str
    notes: tuple[str, ...]

    @property
    def calls(self) -> int:
        """How many calls there were of which rows were kept."""
        return len(np.unique(self.call))


class _Collector:
    """Takes what a block is given and answers; the rows are sampled where they are many."""

    def __init__(self, path: str, call: Any, most: int, seed: int) -> None:
        self.where = f"the block {path!r}" if path else "the model"
        self.call, self.most = call, most
        self.names, self.defaults = argument_names(call), defaults_of(call)
        self.rng = np.random.default_rng([seed, 41])
        self.face: BlockFace | None = None
        self.rows: list[tuple[Floats, Floats, int, int]] = []
        self.count = self.seen = self.held = self.batch = 0
        self.low: Floats | None = None
        self.high: Floats | None = None
        self.versions: list[list[int]] = []
        self.precision = 0.0
        self.example: tuple[tuple[Any, ...], dict[str, Any]] | None = None

    def before(self, block: Any, args: Any, kwargs: Any) -> None:
        """A hook that changes nothing: what the inputs were before the block could change them."""
        self.versions.append(_versions(args, kwargs))
        if self.example is None:
            self.example = called_with(tuple(args))[0], called_with(dict(kwargs))[1]

    def after(self, block: Any, args: Any, kwargs: Any, answer: Any) -> None:
        """A hook that changes nothing: the inputs and the answer of one call."""
        if self.versions.pop() != _versions(args, kwargs):
            raise InputError(
                f"{self.where} changes its input in place, so a formula cannot take its place: "
                "build it with inplace=False"
            )
        self.take(args, kwargs, answer)

    def take(self, args: Any, kwargs: Any, answer: Any) -> None:
        try:
            face, given, outputs = face_of(self.names, args, kwargs, answer, self.defaults)
        except InputError as error:
            raise InputError(f"{self.where} cannot be told by formulas: {error}") from None
        if self.face is None:
            self.face = face
        elif face != self.face:
            raise InputError(
                f"{self.where} is called in several ways ({_ways(self.face)}, then {_ways(face)}): "
                "give inputs that lead to one"
            )
        steps = [torch.finfo(one.dtype).eps for one in (*given, *outputs)]
        self.precision = max(self.precision, *steps)
        lead = given[0].shape[:-1]
        rows = int(np.prod(lead, dtype=np.int64))
        if not rows:
            self.count += 1
            return
        x = torch.cat([one.reshape(rows, -1).double() for one in given], dim=1)
        y = torch.cat([one.reshape(rows, -1).double() for one in outputs], dim=1)
        for what, one in (("is given", x), ("answers with", y)):
            if not bool(torch.isfinite(one).all()):
                wrong = int((~torch.isfinite(one).all(dim=1)).sum())
                raise InputError(
                    f"{self.where} {what} NaN or infinity in {wrong:,} of {rows:,} rows of call "
                    f"{self.count + 1}: leave out the inputs that lead there"
                )
        low, high = x.amin(dim=0).cpu().numpy(), x.amax(dim=0).cpu().numpy()
        self.low = low if self.low is None else np.minimum(self.low, low)
        self.high = high if self.high is None else np.maximum(self.high, high)
        if rows > self.most:
            picked = torch.as_tensor(np.sort(self.rng.choice(rows, self.most, replace=False)))
            x, y = x[picked.to(x.device)], y[picked.to(y.device)]
        self.rows.append((_own(x), _own(y), self.count, self.batch))
        self.count, self.seen, self.held = self.count + 1, self.seen + rows, self.held + len(x)
        if self.held > _SPARE * self.most:
            self.thin(_SPARE * self.most // 2)

    def thin(self, most: int) -> None:
        """Keep so many of the rows, some of every call as far as that goes."""
        if self.held <= most:
            return
        order = np.sort(self.rng.choice(self.held, most, replace=False))
        start, kept = 0, []
        for x, y, call, batch in self.rows:
            here = order[(order >= start) & (order < start + len(x))] - start
            start += len(x)
            if len(here):
                kept.append((x[here], y[here], call, batch))
        self.rows, self.held = kept, most


def _own(one: torch.Tensor) -> Floats:
    return np.array(one.detach().cpu().numpy(), dtype=np.float64)


def _ways(face: BlockFace) -> str:
    given = [f"{label} of {width}" for label, width in face.columns]
    return ", ".join([*given, *(f"{label}={value!r}" for label, value in face.fixed)])


def _versions(args: Any, kwargs: Any) -> list[int]:
    """How often each tensor that was given has been written to."""
    versions = []
    for one in (*args, *kwargs.values()):
        if isinstance(one, torch.Tensor) and not one.is_inference():
            versions.append(one._version)
    return versions


@contextmanager
def _listening(block: Any, collector: _Collector) -> Iterator[None]:
    """Hooks that return nothing, removed in any case."""
    handles = [
        block.register_forward_pre_hook(collector.before, with_kwargs=True),
        block.register_forward_hook(collector.after, with_kwargs=True),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def captured(
    model: Any, path: str, inputs: Any, most: int = MOST_ROWS, seed: int = 0
) -> BlockCalls:
    """Run a model on inputs and keep what its block at ``path`` is given and answers.

    It runs in evaluation mode without gradients, and is afterwards as it was, also where it fails.
    At most ``most`` rows are kept, drawn from all calls. Raises :class:`InputError` for what
    formulas cannot tell.
    """
    block = block_at(model, path)
    collector = _Collector(path, forward_of(block), most, seed)
    kept: list[Any] = []
    held = count = 0
    with unchanged(model) if is_module(model) else nullcontext():
        for batch in batches_of(inputs):
            collector.batch = count
            _taken(model, block, batch, collector)
            count, held = count + 1, held + bytes_of(batch)
            if held <= _MOST_KEPT:
                kept.append(batch)
        if not count:
            raise InputError("there are no inputs: give at least one batch")
        if not collector.rows:
            raise InputError(_why_nothing(collector, count))
        if is_module(model) and kept:
            _refuse_otherwise(model, block, kept[0], collector)
        mixed = collector.example is not None and _mixes(block, collector)
    collector.thin(most)
    assert collector.face is not None and collector.low is not None and collector.high is not None
    x, y = (np.concatenate([part[k] for part in collector.rows]) for k in (0, 1))
    call, batch_of = (
        np.concatenate([np.full(len(part[0]), part[k]) for part in collector.rows]) for k in (2, 3)
    )
    return BlockCalls(
        collector.face,
        x,
        y,
        call,
        batch_of,
        collector.low,
        collector.high,
        collector.seen,
        collector.precision,
        tuple(kept) if len(kept) == count else (),
        fingerprint(block),
        tuple(_notes(model, block, path, collector, len(kept) == count, mixed)),
    )


def _taken(model: Any, block: Any, batch: Any, collector: _Collector) -> None:
    """One batch, run through the model."""
    if is_module(model):
        with _listening(block, collector):
            answered(model, batch)
        return
    answer = answered(model, batch)
    if hasattr(model, "predict_proba") and np.asarray(answer).dtype.kind not in "f":
        raise InputError(
            "a classifier answers with classes, and a formula is of real numbers: give its "
            "predict_proba or decision_function, or read rules from it with distill_rules"
        )
    args, kwargs = called_with(batch)
    named = {name: _tensor(one) for name, one in kwargs.items()}
    collector.take([_tensor(one) for one in args], named, _tensor(answer))


def _mixes(block: Any, collector: _Collector) -> bool:
    """Whether an answer to a row of the first call depends on its other rows."""
    assert collector.face is not None and collector.example is not None
    return mixes_rows(block, collector.face, *collector.example)


def _tensor(one: Any) -> Any:
    """An array of any library as a tensor; what is none stays as it is."""
    if isinstance(one, torch.Tensor) or one is None or isinstance(one, bool | int | float | str):
        return one
    if isinstance(one, Mapping):
        return {name: _tensor(part) for name, part in one.items()}
    if isinstance(one, tuple) and hasattr(one, "_fields"):
        return type(one)(*map(_tensor, one))
    if isinstance(one, tuple | list):
        return type(one)(map(_tensor, one))
    if hasattr(one, "__array__"):
        array = np.asarray(one)
        if array.dtype.kind in "fiub":
            return torch.as_tensor(np.array(array))
    return one


def _refuse_otherwise(model: Any, block: Any, batch: Any, first: _Collector) -> None:
    """Raise :class:`InputError` where the same inputs are answered otherwise once more."""
    again = _Collector("", first.call, first.most * _SPARE, 0)
    again.where = first.where
    before, known = first.rows[0], {}
    _taken(model, block, batch, again)
    for x, y, _, _ in again.rows[:1]:
        known = {row.tobytes(): answer for row, answer in zip(x, y, strict=True)}
    for row, answer in zip(before[0], before[1], strict=True):
        other = known.get(row.tobytes(), answer)
        if np.abs(other - answer).max() > _SAME * max(1e-12, float(np.abs(before[1]).max())):
            raise InputError(
                f"{first.where} answers the same inputs otherwise when asked again, by chance or "
                "memory, even in evaluation mode: it is no function of its input"
            )


def _why_nothing(collector: _Collector, batches: int) -> str:
    if collector.count:
        return f"{collector.where} was never given a row: give larger inputs"
    times = "once" if batches == 1 else f"{batches} times"
    return (
        f"{collector.where} was never called while the model ran {times}: name one that takes part"
    )


def _notes(
    model: Any, block: Any, path: str, collector: _Collector, all_kept: bool, mixed: bool
) -> Iterator[str]:
    if collector.seen > collector.held:
        yield (
            f"{collector.held:,} of {collector.seen:,} captured rows were drawn, some of all calls"
        )
    if is_module(model):
        places = places_of(model, block)
        if len(places) > 1:
            listing = ", ".join(repr(place) for place in places)
            yield f"the block stands in several places, all of which are meant: {listing}"
    assert collector.face is not None
    for label, value in collector.face.fixed:
        yield f"{label} was {value!r} in all calls: the formulas hold for that alone"
    if mixed:
        yield (
            f"what {collector.where} answers to a row depends on the other rows of its call, which "
            "no formula of a row can tell"
        )
    if not all_kept:
        yield "the inputs are too large to be kept: the surrogate was not judged in place"
