"""How many products tell a block: several sizes fitted, judged by rows that no fit saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.problem import InputError
from ..data.running import CutOff, Run
from ..ir.product_sums import Matrix, ProductSums, brief
from ..ir.types import Reals, Scalar
from .products import DistilledProducts, SizedSums, sums_of
from .search import CallRows
from .surrogate import BlockSource, ModelAtHand

if TYPE_CHECKING:
    from ..modules.fit_products import ProductFit

Floats: TypeAlias = NDArray[np.float64]

_LADDER = (0, 4, 16, 64)
_STEPS = 1500  # of the fit, for a budget of 1
_CHOOSING = 5  # of the fitted rows one in so many chooses
_AS_WELL = 1.05  # times the least error: fewer products are taken then
_MOST = 4096


def family_sizes(family: Any, products: Any, given: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The sizes to try of a family of products, as :func:`checked_products`; None of formulas."""
    if family != "formulas":
        return checked_products(family, products, given)
    if products is not None:
        raise InputError('products= belongs to family="products": give that, too')
    return None


def checked_products(family: Any, products: Any, given: Mapping[str, Any]) -> tuple[int, ...]:
    """The sizes to try, the smallest first.

    Raises :class:`InputError` for another family, for what is no number of products, and for what
    is ``given`` and belongs to formulas.
    """
    if family != "products":
        raise InputError(f"family is {family!r:.40}: use 'formulas' or 'products'")
    if odd := [name for name, value in given.items() if value is not None]:
        raise InputError(f'{odd[0]}= belongs to formulas: leave it out with family="products"')
    if products is None:
        return _LADDER
    several = [products] if isinstance(products, int) else products
    good = isinstance(several, Sequence) and not isinstance(several, str) and len(several)
    if not good or not all(type(one) is int and 0 <= one <= _MOST for one in several):
        raise InputError(
            f"products is {products!r:.40}: give a number of products from 0 (an affine map) to "
            f"{_MOST:,}, or several"
        )
    return tuple(sorted(set(several)))


def compressed(
    source: BlockSource,
    sizes: Sequence[int],
    error: float | None,
    budget: float,
    run: Run,
    at_hand: ModelAtHand,
) -> DistilledProducts:
    """A block told by few products, certified.

    Of the ``sizes`` the smallest within the standard ``error`` of the network's outputs is taken,
    or else the smallest that is as good as any.
    """
    candidates = _sized(source, sizes, budget, run)
    notes = [*source.notes, "it is compressed, not told in words: few would read its formulas"]
    if run.cut_off:
        notes.append(f"{run.cut_off} ended the search before it was done")
    least = min(one.loss for one in candidates)
    enough = max(least * _AS_WELL, 0.0 if error is None else error**2)
    chosen = next(one for one in candidates if one.loss <= enough).sums
    result = DistilledProducts(replace(source, notes=tuple(notes)), candidates, chosen, at_hand)
    _ = result.certificate
    return result


def _sized(
    source: BlockSource, sizes: Sequence[int], budget: float, run: Run
) -> tuple[SizedSums, ...]:
    """Sums of so many products, each fitted by itself, the fewest constants first.

    A time limit ends it where one is there.
    """
    from ..modules.fit_products import fitted_products

    rows = source.rows
    fitted = np.flatnonzero(~rows.held)
    choosing = _choosing(rows, fitted, source.seed)
    learned = np.setdiff1d(fitted, choosing)
    x, y = rows.x[learned], rows.y[learned]
    candidates: list[SizedSums] = []
    for products in sizes:
        steps = max(1, round(_STEPS * budget))
        try:
            with run.at(f"{products} products"):
                fit = fitted_products(x, y, products, steps, source.seed, run.check)
        except CutOff as reason:
            if not candidates:
                raise
            run.cut_off = str(reason)
            break
        sums = _sums(source, fit)
        error = float(np.mean((sums_of(sums, rows.x[choosing]) - rows.y[choosing]) ** 2))
        candidates.append(SizedSums(sums, error))
    return tuple(sorted(candidates, key=lambda one: one.constants))


def _choosing(rows: CallRows, fitted: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Those of the fitted rows that choose: whole calls, where there are several."""
    rng = np.random.default_rng([seed, 47])
    calls = np.unique(rows.call[fitted])
    if len(calls) < _CHOOSING:
        return np.sort(rng.permutation(fitted)[: max(1, len(fitted) // _CHOOSING)])
    picked = rng.permutation(calls)[: len(calls) // _CHOOSING]
    return fitted[np.isin(rows.call[fitted], picked)]


def _sums(source: BlockSource, fit: ProductFit) -> ProductSums:
    """The fit with names and ranges, its constants to the digits that are kept."""
    results = tuple(
        Scalar(answer, Reals(float(column.min()), float(column.max())), answer)
        for answer, column in zip(source.answers, source.rows.y.T, strict=True)
    )
    return ProductSums(
        source.name,
        source.columns.scalars(*source.ends),
        results,
        *map(_matrix, (fit.left, fit.right, fit.weights, fit.affine)),
    )


def _matrix(numbers: Floats) -> Matrix:
    return tuple(tuple(map(brief, row)) for row in numbers.tolist())
