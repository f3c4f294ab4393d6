"""What is known of what answers in the place of a block, whatever it is made of."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..ir.types import Scalar
from .certificate import SurrogateCertificate
from .columns import NamedColumns
from .front import FrontTable
from .search import CallRows

if TYPE_CHECKING:
    from ..modules.face import BlockFace
    from ..modules.surrogate_module import SurrogateModule
    from ..modules.swapping import SwappedBlock
    from ..target.source import Provenance
    from .judge import JudgedAnswer
    from .rotate import Mixing

Floats: TypeAlias = NDArray[np.float64]


class BlockProgram(Protocol):
    """What a block's answers are told by, with constants that can be exchanged.

    ``used`` are the names of the inputs that some answer depends on.
    """

    @property
    def inputs(self) -> tuple[Scalar, ...]: ...

    @property
    def outputs(self) -> tuple[Scalar, ...]: ...

    def used(self) -> Iterator[str]: ...

    def constants(self) -> tuple[float, ...]: ...

    def refilled(self, constants: Sequence[float]) -> Self: ...


AnyProgram = TypeVar("AnyProgram", bound=BlockProgram)


@dataclass(frozen=True, slots=True, eq=False)
class BlockSource:
    """Where formulas come from: the place of the block, its face, its rows, what was searched.

    ``batch`` (rows,) says of which batch a row is, ``ends`` are the least and the greatest of each
    input in all captured calls, ``digest`` is one of the block's numbers and ``notes`` are
    sentences on the capture. ``answers`` are the names of the block's outputs at ``places``; with a
    ``mixing`` what was searched are mixes of them.
    """

    name: str
    path: str
    seed: int
    face: BlockFace
    columns: NamedColumns
    places: tuple[int, ...]
    answers: tuple[str, ...]
    rows: CallRows
    batch: NDArray[np.int64]
    ends: tuple[Floats, Floats]
    digest: str
    notes: tuple[str, ...]
    mixing: Mixing | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ModelAtHand:
    """The model with inputs and labels: it judges formulas in place, and is not saved."""

    model: Any
    batches: tuple[Any, ...] = ()
    labels: Any = None


NO_MODEL = ModelAtHand(None)


class Surrogate(Generic[AnyProgram]):
    """What answers in the place of a block of a network: one ``program`` for all its outputs.

    Where it is ``compressed`` it is smaller than the block, and nothing that people would read.
    """

    source: BlockSource
    at_hand: ModelAtHand
    program: AnyProgram
    compressed = False
    sized = "nodes, mean squared error on fitted rows"

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def path(self) -> str:
        """The dotted path of the block."""
        return self.source.path

    @property
    @abstractmethod
    def formulas(self) -> tuple[str, ...]:
        """One text an output."""

    @abstractmethod
    def table(self) -> FrontTable:
        """What could be chosen."""

    @abstractmethod
    def judged(self) -> list[JudgedAnswer]:
        """The outputs as the certificate tells of them."""

    @abstractmethod
    def answers(self, x: Floats) -> Floats:
        """The values (rows, outputs) at rows (rows, inputs); NaN where there is none."""

    @abstractmethod
    def module(self) -> SurrogateModule[AnyProgram]:
        """A plain module of torch that takes and gives what the block does, with its own constants.

        Constants are float64 parameters; answers have the dtype of the input. Where only some
        outputs were distilled it gives these, (..., outputs).
        """

    @abstractmethod
    def as_json(self) -> dict[str, Any]:
        """What is said and what could be chosen, for a file."""

    @abstractmethod
    def solver(self, origin: Provenance) -> str:
        """The source of the solver module."""

    @property
    @abstractmethod
    def certificate(self) -> SurrogateCertificate:
        """What was checked, of the formulas as they are now."""

    @property
    @abstractmethod
    def code(self) -> str:
        """The source of the solver module."""

    @property
    @abstractmethod
    def report(self) -> str:
        """The report: one self-contained HTML page."""

    @abstractmethod
    def block(self, block: Any, outside: str = "formula") -> SwappedBlock:
        """What takes the place of ``block`` in a model."""
