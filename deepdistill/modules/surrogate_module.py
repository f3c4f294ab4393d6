"""What every module in the place of a block has: its face, and constants that are free."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, Protocol, Self, TypeVar

import torch

from .face import BlockFace, leading

_SMALLEST = 1e-3


class HasConstants(Protocol):
    """A program of which the constants are free."""

    def constants(self) -> tuple[float, ...]: ...

    def refilled(self, constants: Sequence[float]) -> Self: ...


Program = TypeVar("Program", bound=HasConstants)


class SurrogateModule(torch.nn.Module, Generic[Program]):
    """A program in place of a block: what the block takes, in; what it answers, out.

    ``constants`` (float64) are the free constants of the program in its order. Tensors have any
    leading axes, the last one is that of features; the answer has the dtype of the input. ``whole``
    says whether all outputs of the block are told.
    """

    def __init__(self, program: Program, face: BlockFace, places: Sequence[int]) -> None:
        super().__init__()
        self.program, self.face = program, face
        self.whole = len(places) == face.answers
        start = torch.tensor(program.constants(), dtype=torch.float64)
        self.constants = torch.nn.Parameter(start)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The program's answer, in the shape of the block's own."""
        numbers = self.numbers(self.face.tensors(args, kwargs))
        return self.face.built(numbers) if self.whole else numbers

    @abstractmethod
    def numbers(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        """The values (..., outputs) for tensors (..., features) side by side."""

    def scale(self) -> torch.Tensor:
        """How large a step is large for each constant."""
        return self.constants.detach().abs().clamp(min=_SMALLEST)

    def current(self) -> Program:
        """The program with the constants as they are now."""
        return self.program.refilled(self.constants.detach().double().cpu().tolist())

    def made_by(self, program: HasConstants) -> bool:
        """Whether it was made from this program, whatever its constants are now."""
        return bool(self.program == program)

    def refill(self, program: Program) -> None:
        """Take the constants of a program that differs in nothing else."""
        self.program = program
        start = torch.tensor(program.constants(), dtype=torch.float64)
        with torch.no_grad():
            self.constants.copy_(start)


def common_kind(tensors: Sequence[torch.Tensor]) -> tuple[torch.Size, torch.dtype]:
    """The leading axes and the kind of float of tensors that stand side by side."""
    kind = tensors[0].dtype
    for one in tensors[1:]:
        kind = torch.promote_types(kind, one.dtype)
    return leading(tensors), kind
