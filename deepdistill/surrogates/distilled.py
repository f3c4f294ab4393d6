"""What stands in the place of a block: certified, exchanged, refined and saved in one way."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..data.problem import InputError
from ..verify.solver import load_solver
from .certificate import SurrogateCertificate
from .surrogate import NO_MODEL, AnyProgram, Surrogate

if TYPE_CHECKING:
    from ..modules.swapping import SwappedBlock


class DistilledModule(Surrogate[AnyProgram]):
    """What answers in the place of a block of a network: certified, exchanged, refined, saved."""

    _certificate: SurrogateCertificate | None
    _text: str | None

    # What is told of it

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

    def _renew(self, program: AnyProgram) -> None:
        self.program, self._certificate, self._text = program, None, None
        _ = self.certificate

    # In place

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
                "certificate does not speak of it, distill it again",
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
        falling: bool = False,
        together: Sequence[DistilledModule[Any]] = (),
        judging: Any = None,
    ) -> Self:
        """Train the constants in place, in the whole model, everything else held fast.

        ``loss(outputs, labels)`` gives a scalar tensor, ``loader`` is an iterable of pairs (inputs,
        labels) that can be run through ``epochs`` times. ``rate`` is a relative step of Adam, one
        that is ``falling`` ends at zero. ``together`` are surrogates of other blocks of the model,
        which stand in their places meanwhile and are trained at the same time. The constants with
        the least mean loss of an epoch are kept, or with the least one on the pairs of ``judging``,
        on which nothing is trained; the texts follow and certificates are made anew, each of its
        block alone. It is changed itself, and returned. Raises :class:`InputError` for
        unusable input, and then nothing is changed.
        """
        from ..modules.refine import refined
        from ..modules.swapping import block_to_swap, in_place, swapped_in

        group: list[DistilledModule[Any]] = [self, *together]
        if len({one.path for one in group}) < len(group):
            raise InputError("two surrogates are of one block: refine those of different blocks")
        standing = [
            [one.formula for one in swapped_in(model) if one.formula.made_by(surrogate.program)]
            for surrogate in group
        ]
        with ExitStack() as places:
            trained = []
            for surrogate, formulas in zip(group, standing, strict=True):
                if not formulas:
                    swapped = surrogate.block(block_to_swap(model, surrogate.path))
                    places.enter_context(in_place(model, surrogate.path, swapped))
                trained.append(formulas[0] if formulas else swapped.formula)
            constants = refined(model, trained, loss, loader, epochs, rate, falling, judging)
        for surrogate, formulas, values in zip(group, standing, constants, strict=True):
            surrogate._renew(surrogate.program.refilled(values))
            for one in formulas:
                one.refill(surrogate.program)
        return self

    # On disk

    def save(self, folder: Path | str = "outputs") -> Path:
        """Write ``folder/<name>/``, whole or not at all; return that path.

        Solver, formulas and front as JSON, rows as safetensors (where that is installed, else NPZ),
        certificate and report; nothing is pickled.
        """
        from ..data.folders import write_folder
        from .saved import ARRAYS, files_of

        return write_folder(Path(folder) / self.name, files_of(self), ARRAYS)

    def __getstate__(self) -> dict[str, Any]:
        """For pickling and copies: the model stays behind."""
        return {**self.__dict__, "at_hand": NO_MODEL}

    def _repr_html_(self) -> str:
        from ..report import page_in_frame

        return page_in_frame(self.report, self.name)
