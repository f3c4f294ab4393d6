"""What was distilled from a block: formulas that can be read, chosen, exchanged, refined, saved."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..ir.expr import Expr, Var
from ..ir.formulas import Formulas
from ..target.formula_source import expression_text
from ..verify.solver import load_solver
from .certificate import SurrogateCertificate
from .columns import NamedColumns
from .front import FrontTable, front_table
from .search import CallRows, OutputSearch, inlined, joined

if TYPE_CHECKING:
    from ..modules.face import BlockFace
    from ..modules.formula_module import FormulaModule
    from ..modules.swapping import SwappedBlock
    from .rotate import Mixing

Floats: TypeAlias = NDArray[np.float64]


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


class DistilledModule:
    """Formulas in the place of a block of a network.

    ``formulas`` are their texts, ``table()`` those that could be chosen, ``certificate`` what was
    checked; ``swapped`` and ``swap`` put them in the block's place, ``module()`` is a module of
    torch by itself, ``solve`` a function of one row. Made by :func:`deepdistill.distill_module`.
    """

    def __init__(
        self,
        source: BlockSource,
        outputs: Sequence[OutputSearch],
        at_hand: ModelAtHand = NO_MODEL,
        program: Formulas | None = None,
        certificate: SurrogateCertificate | None = None,
    ) -> None:
        self.source, self.outputs, self.at_hand = source, tuple(outputs), at_hand
        self.program = program or self._joined()
        self._certificate = certificate
        self._text: str | None = None

    def _joined(self) -> Formulas:
        source = self.source
        return joined(
            source.name,
            source.columns,
            source.ends,
            self.outputs,
            source.answers,
            source.rows.y,
            source.mixing,
        )

    # What it is

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def path(self) -> str:
        """The dotted path of the block."""
        return self.source.path

    @property
    def derived(self) -> dict[str, str]:
        """The texts of the derived columns by name."""
        return dict(self.source.columns.derived)

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """The formula of each output, or mix of outputs, of inputs and derived columns."""
        values = self.program.values
        if self.source.mixing is not None:
            values = tuple(Var(one.name) for one in self.outputs)
        return tuple(inlined(self.program.body, value) for value in values)

    @property
    def formulas(self) -> tuple[str, ...]:
        """One text an output: ``y = 2.5 * sin(x1)``; of rotated outputs one a mix."""
        pairs = zip(self.outputs, self.expressions, strict=True)
        return tuple(f"{one.name} = {plain_text(expr)}" for one, expr in pairs)

    @property
    def mixes(self) -> tuple[str, ...]:
        """Of rotated outputs a text each, what they are as sums of the mixes; else none."""
        if self.source.mixing is None:
            return ()
        pairs = zip(self.program.outputs, self.program.values, strict=True)
        return tuple(f"{output.name} = {plain_text(value)}" for output, value in pairs)

    @property
    def certificate(self) -> SurrogateCertificate:
        """What was checked, of the formulas as they are now."""
        if self._certificate is None:
            from .certify import certified

            self._certificate = certified(self)
        return self._certificate

    @property
    def code(self) -> str:
        """The source of the solver module."""
        if self._text is None:
            from .certify import solver_text

            self._text = solver_text(self)
        return self._text

    @property
    def solve(self) -> Callable[..., Any]:
        """The solver, loaded: a number for each input of the block, the answer or a list of them.

        It raises ``ValueError`` where a formula has no value.
        """
        return load_solver(self.code.encode(), self.name)

    @property
    def report(self) -> str:
        """The report: one self-contained HTML page."""
        from .page import page

        return page(self)

    def table(self) -> FrontTable:
        """The formulas that could be chosen: a row each, smallest first, output after output."""
        return front_table(self.outputs)

    def choose(self, complexity: int) -> DistilledModule:
        """Take for each output the best formula of at most so many nodes, and certify it anew.

        It is changed itself, and returned. Where no formula is so small, the smallest is taken.
        """
        if isinstance(complexity, bool) or not isinstance(complexity, int) or complexity < 1:
            raise InputError(
                f"the complexity is {complexity!r:.40}: give a number of nodes from 1 on, as in "
                "table()"
            )
        self.outputs = tuple(one.chosen(complexity) for one in self.outputs)
        self._renew(self._joined())
        return self

    def _renew(self, program: Formulas) -> None:
        self.program, self._certificate, self._text = program, None, None
        _ = self.certificate

    # In place

    def module(self) -> FormulaModule:
        """A plain module of torch that takes and gives what the block does, with its own constants.

        Constants are float64 parameters; answers have the dtype of the input. Where only some
        outputs were distilled it gives these, (..., outputs).
        """
        from ..modules.formula_module import FormulaModule

        return FormulaModule(self.program, self.source.face, self.source.places)

    def block(self, block: Any, outside: str = "formula") -> SwappedBlock:
        """What takes the place of ``block`` in a model."""
        from ..modules.swapping import SwappedBlock, at_home, checked_outside

        ends = tuple(one.tolist() for one in self.source.ends)
        swapped = SwappedBlock(
            self.module(), block, checked_outside(outside), (ends[0], ends[1]), self.source.places
        )
        return at_home(swapped)

    @contextmanager
    def swapped(self, model: Any, outside: str = "formula") -> Iterator[Any]:
        """The model with the formulas in place, for a while.

        Afterwards it is what it was, bit for bit, also where an exception ends it. With ``outside``
        ``"network"`` the block answers for rows outside the captured ranges.
        """
        from ..modules.swapping import block_to_swap, in_place

        block = block_to_swap(model, self.path)
        self._warn(block)
        with in_place(model, self.path, self.block(block, outside)):
            yield model

    def swap(self, model: Any, outside: str = "formula") -> Any:
        """The model with the formulas in the block's place, until :meth:`restore`.

        Of a path ``""`` the formulas are returned in place of the model. With ``outside``
        ``"network"`` the block stays and answers for rows outside the captured ranges. Raises
        :class:`InputError` where nothing can be exchanged.
        """
        from ..modules.swapping import block_to_swap, put

        block = block_to_swap(model, self.path)
        self._warn(block)
        return put(model, self.path, self.block(block, outside))

    def restore(self, model: Any) -> Any:
        """The model with its own block where :meth:`swap` put formulas."""
        from ..modules.swapping import put_back

        return put_back(model)

    def _warn(self, block: Any) -> None:
        """Say it where the block is not the one that was distilled."""
        from ..modules.blocks import fingerprint

        if self.source.digest and fingerprint(block) != self.source.digest:
            warnings.warn(
                f"the block {self.path!r} has other numbers than when it was distilled: the "
                "certificate does not speak of it, distil it again",
                UserWarning,
                stacklevel=4,
            )

    def refine(
        self,
        model: Any,
        loss: Callable[[Any, Any], Any],
        loader: Any,
        *,
        epochs: int = 20,
        rate: float = 0.01,
    ) -> DistilledModule:
        """Train the constants in place, in the whole model, everything else held fast.

        ``loss(outputs, labels)`` gives a scalar tensor, ``loader`` is an iterable of pairs (inputs,
        labels) that can be run through ``epochs`` times. ``rate`` is a relative step of Adam. The
        constants with the least mean loss of an epoch are kept; the texts follow and the
        certificate is made anew. It is changed itself, and returned. Raises :class:`InputError`
        for unusable input, and then nothing is changed.
        """
        from ..modules.refine import refined
        from ..modules.swapping import block_to_swap, in_place, swapped_in

        standing = [one.formula for one in swapped_in(model) if one.formula.made_by(self.program)]
        if standing:
            constants = refined(model, standing[0], loss, loader, epochs, rate)
        else:
            swapped = self.block(block_to_swap(model, self.path))
            with in_place(model, self.path, swapped):
                constants = refined(model, swapped.formula, loss, loader, epochs, rate)
        self._renew(self.program.refilled(constants))
        for one in standing:
            one.refill(self.program)
        return self

    # On disk

    def save(self, folder: Path | str = "outputs") -> Path:
        """Write ``folder/<name>/``, whole or not at all; return that path.

        Solver, formulas and front as JSON, rows as safetensors (where that is installed, else NPZ),
        certificate and report; nothing is pickled.
        """
        from ..data.folders import write_folder
        from .file import ARRAYS, files_of

        return write_folder(Path(folder) / self.name, files_of(self), ARRAYS)

    def __getstate__(self) -> dict[str, Any]:
        """For pickling and copies: the model stays behind."""
        return {**self.__dict__, "at_hand": NO_MODEL}

    def __repr__(self) -> str:
        state = "" if self.certificate.ok else ", FAILED"
        return f"<deepdistill formulas of {self.path!r}: {'; '.join(self.formulas)}{state}>"

    def _repr_html_(self) -> str:
        from ..report import shown_in_frame

        return shown_in_frame(self.report, self.name)


def plain_text(expr: Expr) -> str:
    """The formula as people write it: Python without ``math.``."""
    return re.sub(r"\bmath\.", "", expression_text(expr))
