"""How a block of a network is called and what it answers: arguments as columns, and back."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch

from ..ir.errors import InputError

Kind: TypeAlias = Literal["tensor", "tuple", "list", "mapping"]

_PLAIN = (bool, int, float, str)
_PARAMETER = inspect.Parameter


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One tensor of an answer: its key in a mapping, and how many features it has.

    ``width`` is None where there is no tensor but None; a ``flat`` one has no axis of features.
    """

    key: str
    width: int | None
    flat: bool = False


@dataclass(frozen=True, slots=True)
class BlockFace:
    """How a block was called.

    ``arguments`` are the names of its arguments by position, ``columns`` the tensors among them
    with how many features each has, in order, and ``fixed`` what else was given, the same in all
    calls; ``spare`` are those of it that the block takes for itself where they are left out. Its
    answer is a tensor, or a tuple, list or mapping of ``parts``.
    """

    arguments: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]
    fixed: tuple[tuple[str, bool | int | float | str], ...]
    kind: Kind
    parts: tuple[AnswerPart, ...]
    spare: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many columns there are."""
        return sum(width for _, width in self.columns)

    @property
    def answers(self) -> int:
        """How many numbers an answer has."""
        return sum(part.width or 0 for part in self.parts)

    def tensors(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[torch.Tensor]:
        """The tensors among the arguments, with an axis of features.

        Raises ``ValueError`` where they, or what is fixed, are not those that the block was
        distilled for, and :class:`InputError` for what is no tensor of floats.
        """
        inputs, fixed = [], dict(self.fixed)
        needed = fixed.keys() - {*self.spare}
        widths = dict(self.columns)
        for label, leaf in leaves(self.arguments, args, kwargs):
            if not [one for one in widths if f"{label}.".startswith(f"{one}.")]:
                if not isinstance(leaf, _PLAIN) or fixed.get(label) != leaf:
                    raise ValueError(f"the formula does not hold for another {label}")
                needed.discard(label)
                continue
            if not isinstance(leaf, torch.Tensor) or label not in widths:
                raise InputError(f"{label} is {_called(leaf)}: give a tensor for each of "
                                 f"{', '.join(widths)}")  # fmt: skip
            if not leaf.is_floating_point():
                raise InputError(f"{label} is of {_kind(leaf)}, and a formula is of real numbers: "
                                 "give floats")  # fmt: skip
            one = leaf if leaf.dim() else leaf.unsqueeze(-1)
            if one.shape[-1] != widths[label]:
                raise ValueError(
                    f"{label} has {one.shape[-1]} features, and the formula is for {widths[label]}"
                )
            inputs.append(one)
        if len(inputs) != len(widths):
            raise ValueError(f"give {', '.join(widths)}")
        if needed:
            label = min(needed)
            raise ValueError(f"the formula is for {label}={fixed[label]!r}: give it as well")
        return inputs

    def split(self, answer: Any) -> list[torch.Tensor]:
        """The tensors of an answer, each with an axis of features."""
        parts = answer_parts(answer)[1]
        return [
            one.unsqueeze(-1) if part.flat else one
            for part, (_, one) in zip(self.parts, parts, strict=True)
            if one is not None
        ]

    def built(self, numbers: torch.Tensor) -> Any:
        """An answer of numbers (..., answers)."""
        answers: list[Any] = []
        start = 0
        for part in self.parts:
            if part.width is None:
                answers.append(None)
                continue
            one = numbers[..., start : start + part.width]
            answers.append(one.squeeze(-1) if part.flat else one)
            start += part.width
        match self.kind:
            case "tensor":
                return answers[0]
            case "tuple":
                return tuple(answers)
            case "list":
                return answers
            case "mapping":
                return {part.key: one for part, one in zip(self.parts, answers, strict=True)}


def leading(tensors: Sequence[torch.Tensor]) -> torch.Size:
    """The axes before that of the features, of tensors that stand side by side."""
    shape: torch.Size = torch.broadcast_shapes(*(one.shape[:-1] for one in tensors))  # type: ignore[no-untyped-call]
    return shape


def argument_names(call: Any) -> tuple[str, ...]:
    """What the arguments of a function are called that can be given by position."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return ()
    kinds = (_PARAMETER.POSITIONAL_ONLY, _PARAMETER.POSITIONAL_OR_KEYWORD)
    return tuple(one.name for one in parameters if one.kind in kinds)


def defaults_of(call: Any) -> dict[str, Any]:
    """What a function takes for arguments that are left out."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {one.name: one.default for one in parameters if one.default is not one.empty}


def leaves(
    names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """What was given, tuples and mappings taken apart, each with a label; without None.

    The order is that of the arguments' names, however they were given.
    """
    given = {names[k] if k < len(names) else f"argument {k}": one for k, one in enumerate(args)}
    given.update(kwargs)
    for name in (*(name for name in names if name in given), *sorted(set(given) - set(names))):
        yield from _apart(name, given[name])


def _apart(label: str, value: Any) -> Iterator[tuple[str, Any]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key in value:
            yield from _apart(f"{label}.{key}", value[key])
    elif isinstance(value, tuple | list):
        for k, one in enumerate(value):
            yield from _apart(f"{label}.{k}", one)
    else:
        yield label, value


def answer_parts(answer: Any) -> tuple[Kind, list[tuple[str, torch.Tensor | None]]]:
    """An answer taken apart; :class:`InputError` where it holds no tensors."""
    kind: Kind
    parts: list[tuple[str, torch.Tensor | None]]
    if isinstance(answer, torch.Tensor):
        kind, parts = "tensor", [("", answer)]
    elif isinstance(answer, Mapping):
        kind, parts = "mapping", [(str(key), one) for key, one in answer.items()]
    elif isinstance(answer, tuple | list):
        kind = "tuple" if isinstance(answer, tuple) else "list"
        parts = [(str(k), one) for k, one in enumerate(answer)]
    else:
        raise InputError(f"it answers with {_called(answer)}, not with a tensor")
    for _, one in parts:
        if one is not None and not isinstance(one, torch.Tensor):
            raise InputError(f"its answer holds {_called(one)}, not tensors alone")
    if all(one is None for _, one in parts):
        raise InputError("its answer holds no tensor")
    return kind, parts


def _called(value: Any) -> str:
    return "None" if value is None else f"a value of the type {type(value).__name__}"


def _argument(label: str) -> str:
    """What is said of an argument: one without a name is called so already."""
    return f"its {label}" if label.startswith("argument ") else f"its argument {label}"


def face_of(
    names: Sequence[str],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    answer: Any,
    defaults: Mapping[str, Any] | None = None,
) -> tuple[BlockFace, list[torch.Tensor], list[torch.Tensor]]:
    """How a block was called, its tensors and those of its answer, each with an axis of features.

    ``defaults`` are what it takes for arguments that are left out.

    Raises :class:`InputError` for what no formula of rows can take or give.
    """
    tensors, fixed = [], []
    for label, leaf in leaves(names, args, kwargs):
        if isinstance(leaf, torch.Tensor):
            _refuse_kind(leaf, _argument(label))
            tensors.append((label, leaf if leaf.dim() else leaf.unsqueeze(-1)))
        elif isinstance(leaf, _PLAIN):
            fixed.append((label, leaf))
        else:
            raise InputError(f"{_argument(label)} is {_called(leaf)}: give tensors of floats")
    if not tensors:
        raise InputError("it is given no tensor")
    try:
        lead = leading([one for _, one in tensors])
    except RuntimeError:
        shapes = " and ".join(str(tuple(one.shape)) for _, one in tensors)
        raise InputError(f"its arguments of the shapes {shapes} are not alike in rows") from None
    kind, answered = answer_parts(answer)
    parts, outputs = [], []
    for key, one in answered:
        if one is None:
            parts.append(AnswerPart(key, None))
            continue
        _refuse_kind(one, "its answer")
        flat = one.shape == lead
        if not flat and (not one.dim() or one.shape[:-1] != lead):
            raise InputError(
                f"it answers {tuple(tensors[0][1].shape)} with {tuple(one.shape)}: a formula "
                "gives an answer for each row of its input, all axes but the last"
            )
        outputs.append(one.unsqueeze(-1) if flat else one)
        parts.append(AnswerPart(key, outputs[-1].shape[-1], flat))
    columns = tuple((label, int(one.shape[-1])) for label, one in tensors)
    usual = dict(leaves((), (), defaults or {}))
    spare = tuple(k for k, v in fixed if type(usual.get(k)) is type(v) and usual[k] == v)
    face = BlockFace(tuple(names), columns, tuple(fixed), kind, tuple(parts), spare)
    return face, [one.expand(*lead, one.shape[-1]) for _, one in tensors], outputs


def _kind(one: torch.Tensor) -> str:
    return str(one.dtype).removeprefix("torch.")


def _refuse_kind(one: torch.Tensor, what: str) -> None:
    if one.is_meta:
        raise InputError(f"{what} lies on the device meta and has no numbers: move the model")
    if not one.is_floating_point():
        raise InputError(
            f"{what} is of {_kind(one)}, and a formula is of real numbers: name a block that "
            "takes and gives floats"
        )
    if one.layout != torch.strided:
        raise InputError(f"{what} is a sparse tensor: make it a dense one")
