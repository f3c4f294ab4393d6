"""What was compressed from a block: few products of sums of the inputs, shared by all outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..ir.product_sums import ProductSums
from ..target.products_source import products_solver
from ..target.source import Provenance
from .certificate import SurrogateCertificate
from .distilled import DistilledModule
from .front import FrontTable
from .judge import JudgedAnswer
from .surrogate import NO_MODEL, BlockSource, ModelAtHand

if TYPE_CHECKING:
    from ..modules.product_module import ProductModule

Floats: TypeAlias = NDArray[np.float64]

_LONGEST = 200  # characters of a formula that a certificate quotes


@dataclass(frozen=True, slots=True, eq=False)
class SizedSums:
    """Sums of products that could be chosen, with their mean squared error over all outputs."""

    sums: ProductSums
    loss: float

    @property
    def constants(self) -> int:
        """How many numbers they have."""
        return len(self.sums.constants())


class DistilledProducts(DistilledModule[ProductSums]):
    """Products of sums in the place of a block of a network: smaller than it, seldom readable.

    It has ``formulas`` (one text an output, of the products whose texts
    are ``products``), ``table()`` and ``choose()`` by the number of constants, ``certificate``,
    ``swapped``, ``swap``, ``refine``, ``module()``, ``solve`` and ``save``. Made by
    ``deepdistill.distill_module(..., family="products")``.
    """

    compressed = True
    sized = "constants, mean squared error over all outputs on rows that no fit saw"

    def __init__(
        self,
        source: BlockSource,
        sizes: Sequence[SizedSums],
        program: ProductSums,
        at_hand: ModelAtHand = NO_MODEL,
        certificate: SurrogateCertificate | None = None,
    ) -> None:
        self.source, self.sizes, self.at_hand = source, tuple(sizes), at_hand
        self.program = program
        self._certificate = certificate
        self._text: str | None = None

    @property
    def formulas(self) -> tuple[str, ...]:
        """One text an output, of inputs and ``products``."""
        return tuple(f"{name} = {text}" for name, text in self.program.texts())

    @property
    def products(self) -> tuple[str, ...]:
        """One text a product that outputs share: ``p0 = (x0 + 2 * x1) * (x0 - 1)``."""
        return tuple(f"{name} = {text}" for name, text in self.program.product_texts())

    @property
    def complexity(self) -> int:
        """How many constants there are."""
        return len(self.program.constants())

    def table(self) -> FrontTable:
        """What could be chosen, smallest first: ``complexity`` is the number of constants, ``loss``
        the mean squared error over all outputs on rows that were not fitted and do not judge.
        """
        return FrontTable(
            {
                "output": "all",
                "complexity": one.constants,
                "loss": one.loss,
                "chosen": one.constants == self.complexity,
                "formula": in_words(one.sums),
            }
            for one in self.sizes
        )

    def as_json(self) -> dict[str, Any]:
        sizes = [[one.loss, one.sums.parts] for one in self.sizes]
        return {"family": "products", "sums": self.program.parts, "sizes": sizes}

    def choose(self, complexity: int) -> DistilledProducts:
        """Take the best of at most so many constants, and certify it anew.

        It is changed itself, and returned. Where none is so small, the smallest is taken.
        """
        if isinstance(complexity, bool) or not isinstance(complexity, int) or complexity < 1:
            raise InputError(
                f"the complexity is {complexity!r:.40}: give a number of constants from 1 on, as "
                "in table()"
            )
        fitting = [one for one in self.sizes if one.constants <= complexity] or [self.sizes[0]]
        self._renew(min(fitting, key=lambda one: one.loss).sums)
        return self

    def module(self) -> ProductModule:
        """A plain module of torch that takes and gives what the block does, with its own constants.

        Constants are float64 parameters; answers have the dtype of the input. Where only some
        outputs were distilled it gives these, (..., outputs).
        """
        from ..modules.product_module import ProductModule

        return ProductModule(self.program, self.source.face, self.source.places)

    def answers(self, x: Floats) -> Floats:
        """The values (rows, outputs) at rows (rows, inputs); NaN where there is none."""
        return sums_of(self.program, x)

    def judged(self) -> list[JudgedAnswer]:
        """The outputs as the certificate tells of them; long texts stand in ``formulas`` alone."""
        size, said = self.complexity, in_words(self.program)
        return [
            JudgedAnswer(name, text if len(text) <= _LONGEST else said, size)
            for name, text in self.program.texts()
        ]

    def solver(self, origin: Provenance) -> str:
        """The source of the solver module."""
        return products_solver(self.program, origin)

    def __repr__(self) -> str:
        state = "" if self.certificate.ok else ", FAILED"
        return f"<deepdistill {in_words(self.program)} for {self.path!r}, compressed{state}>"


def sums_of(sums: ProductSums, x: Floats) -> Floats:
    """The values (rows, outputs) at rows (rows, inputs)."""
    row = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    width = row.shape[1]
    left, right = (np.array(part).reshape(-1, width) for part in (sums.left, sums.right))
    weights = np.array(sums.weights).reshape(len(sums.outputs), -1)
    affine = np.array(sums.affine)
    with np.errstate(all="ignore"):
        total = (row @ left.T * (row @ right.T)) @ weights.T + row[:, -affine.shape[1] :] @ affine.T
    return np.where(np.isfinite(total), total, np.nan)


def in_words(sums: ProductSums) -> str:
    """How much there is of them."""
    count, parts = len(sums.left), []
    if sums.tail > 1:
        parts.append("an affine map")
    if count:
        parts.append(f"{count} product{'' if count == 1 else 's'} of sums")
    return f"{' and '.join(parts)}, {len(sums.constants()):,} constants"
