"""The door: a block of a network, a whole model or a function, told by formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.opened import MOST_COLUMNS
from ..data.problem import InputError
from ..data.running import Run
from ..ir.names import identifier
from .aims import search_aims
from .candidates import as_right, at_the_knee, chosen_in_place
from .columns import named_columns
from .compress import checked_products, compressed
from .distilled import DistilledModule
from .formulas import DistilledFormulas
from .radius import lengths
from .search import OutputSearch, rows_of, search_output
from .surrogate import BlockSource, ModelAtHand
from .teacher_error import teacher_errors
from .weighing import answer_costs

if TYPE_CHECKING:
    from ..formula.symbolic.losses import Loss

Floats: TypeAlias = NDArray[np.float64]

_FEWEST = 8


def distill_module(
    model: Any,
    path: str = "",
    inputs: Any = None,
    *,
    names: Sequence[str] | None = None,
    derive: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
    outputs: Sequence[int | str] | str | int | None = None,
    teacher_error: Any = "auto",
    labels: Any = None,
    name: str = "mine",
    seed: int = 0,
    backend: str = "auto",
    operators: Sequence[str] | None = None,
    budget: float = 1.0,
    rows: int = 4000,
    n_jobs: int | None = -1,
    time_limit: float | None = None,
    progress: Callable[[str, str], None] | None = None,
    loss: Loss | Literal["auto"] = "auto",
    weights: str | None = None,
    family: Literal["formulas", "products"] = "formulas",
    products: int | Sequence[int] | None = None,
) -> DistilledModule[Any]:
    """Read what a block of a network computes as formulas, one an output.

    ``model`` is a module of torch, a fitted estimator with ``predict`` or a function of a batch;
    ``path`` is the dotted path of one of its submodules, ``""`` the whole of it. ``inputs`` are fed
    to the whole model: a tensor or array, a tuple or mapping of them (its arguments), or an
    iterable of such batches. It runs in evaluation mode and is left as it was. All calls of the
    block are captured, whatever leading axes they have; the last axis is that of the features.
    Whole batches or calls are held out and judge; at most ``rows`` rows are kept of all.

    ``names`` are those of the features, ``derive`` texts of columns made of them (``{"r":
    "hypot(dx, dy)"}``), ``columns`` those of both that formulas may speak of. Where nothing is
    derived and an output depends on the length of two or three columns, as a force between bodies
    does, that length is derived and told of; ``derive={}`` looks for none. ``outputs`` picks
    some by their places, or gives all of them names; ``"rotate"`` looks for mixes of them that are
    simpler: ``formulas`` are then of the mixes, and ``mixes`` says what the outputs are. With
    ``labels``, one for each answer of the whole model, it is judged with the formulas in place.
    ``teacher_error`` is the standard error of the network's own outputs, one for all or one each: a
    formula within it is good enough, and shorter wins. Of a whole model (path ``""``) it can be
    told by others that were trained alike from other seeds (one or a list of them), by how far they
    are apart, and as ``"labels"`` by the labels. ``"auto"`` takes what the network's floats
    can tell apart, and of shorter formulas the first that serves the labels as well in place; where
    there are none, the one at the knee of the front.
    ``loss`` is ``mse``, ``mae`` or ``huber``, as of :func:`fit_table`, and ``weights`` a text of
    the columns, how much a row counts, or ``"relative"``: errors count in shares of the answers.
    ``"auto"`` takes absolute errors where a length was derived, relative ones as well where a few
    answers are larger than the others by orders of magnitude, as near a pole, which a network
    smooths; else squares.
    ``backend``, ``operators``, ``budget``, ``n_jobs`` and ``time_limit`` (seconds) are those of
    :func:`deepdistill.distill_teacher`.

    With ``family="products"`` a wide block is compressed instead: all its outputs are sums of the
    same few ``products`` of two sums of the inputs (0: an affine map; of several numbers, or of the
    usual ones, the smallest that serves as well on rows that no fit saw), with matrices for
    constants. Raises :class:`InputError` for unusable input; the model is left as it was then, too.
    """
    from ..formula.symbolic.choose import chosen_backends
    from ..formula.table_search import SearchSettings
    from ..modules.calls import captured
    from ..modules.whole import label_errors, refuse_labels

    called = identifier(name)
    _refuse_settings(budget, rows, operators)
    sizes = None
    if family != "formulas":
        given = {"derive": derive, "columns": columns, "operators": operators}
        given |= {"outputs": outputs if isinstance(outputs, str) else None}
        given |= {"backend": None if backend == "auto" else backend}
        given |= {"loss": None if loss == "auto" else loss, "weights": weights}
        sizes = checked_products(family, products, given)
    elif products is not None:
        raise InputError('products= belongs to family="products": give that, too')
    engines = chosen_backends(backend) if sizes is None else ()
    calls = captured(model, path, inputs, rows, seed)
    rotated = isinstance(outputs, str) and outputs == "rotate"
    places, answers = _picked(None if rotated else outputs, calls.face.answers)
    if len(places) > len(calls.x):
        raise InputError(
            f"{len(places)} outputs stand against {len(calls.x)} captured rows: give more inputs, "
            "or pick some outputs"
        )
    if len(calls.x) < _FEWEST:
        raise InputError(
            f"{len(calls.x)} rows were captured: give inputs that lead to at least {_FEWEST}"
        )
    if labels is not None:
        refuse_labels(model, calls.batches, labels)
    found = rows_of(calls, places, seed)
    constant = [k for k in range(len(places)) if np.ptp(found.y[:, k]) == 0]
    if len(constant) == len(places):
        values = ", ".join(f"{value:g}" for value in found.y[0, :3])
        raise InputError(
            f"the block answers {values} whatever it is given: there is nothing to distill"
        )
    known = _given_names(inputs, names)
    taken = (called, *answers, *(f"m{k}" for k in range(len(places)) if rotated))
    most = max(MOST_COLUMNS, calls.face.width) if sizes else MOST_COLUMNS
    named = named_columns(calls.face.width, known, derive, columns, taken, most)
    outer = list(zip(answers, places, strict=True))
    aims = search_aims(found, named, outer, rotated)
    notes, directed = list(calls.notes), False
    if derive is None and sizes is None:
        inner = {column: values[~found.held] for column, values in aims.table.items()}
        new = lengths(inner, named.spoken, aims.rows.y[~found.held], (*inner, *taken))
        if new:
            derive, directed = {one.name: one.text for one in new}, True
            spoken = None if columns is None else [*columns, *derive]
            named = named_columns(calls.face.width, known, derive, spoken, taken)
            aims = search_aims(found, named, outer, rotated)
            each = " and ".join(f"{one} = {text}" for one, text in derive.items())
            notes.append(
                f"{each} was derived: the outputs depend on it, and where it is 0 a network "
                "smooths them"
            )
    run = Run(seed, progress, n_jobs, time_limit)

    def others(models: Sequence[Any]) -> Floats:
        _refuse_part(path)
        alike = [captured(one, path, list(calls.batches), rows, seed) for one in models]
        if not all(np.array_equal(one.x, calls.x) for one in alike):
            raise InputError(
                "the networks of teacher_error are given other inputs: give fewer rows"
            )
        return aims.taken(np.stack([one.y[:, places] for one in alike]))

    def off() -> Floats:
        _refuse_part(path)
        if labels is None or len(places) < calls.y.shape[1]:
            raise InputError("teacher_error is 'labels': give labels, and distill all outputs")
        return aims.taken(
            label_errors(model, calls.batches, labels, calls.y.shape[1]), differences=True
        )

    told_auto = isinstance(teacher_error, str) and teacher_error == "auto"
    errors = teacher_errors(teacher_error, aims.rows.y, calls.precision, others, off)
    costs = [
        answer_costs(y, loss, weights, aims.table, tuple(aims.table), directed)
        for y in (() if sizes else aims.rows.y.T)
    ]
    if told_auto and aims.central is not None:  # a vector's other components say how far it is off
        across = costs[0].of(~found.held).of(aims.central.across(found.y)[~found.held])
        errors = [max(errors[0], across**0.5)]
    if singular := [aims.outputs[k][0] for k, one in enumerate(costs) if one.singular]:
        notes.append(
            f"a few answers of {', '.join(singular)} are larger than the others by orders of "
            "magnitude: formulas were judged by absolute and relative errors"
        )

    def told(k: int, output: tuple[str, int], error: float | None) -> OutputSearch:
        cost, noise = costs[k], None if error is None else error**2
        settings = SearchSettings(
            engines, operators, budget, run, cost.weights is None, None, noise, cost.loss,
            cost.weights, outliers=cost.weights is None and cost.loss == "mse",
        )  # fmt: skip
        one = search_output(aims.rows, aims.columns, aims.table, k, output, settings)
        return replace(one, teacher_error=error or None)

    def all_told(known: bool) -> list[OutputSearch]:
        found = []
        for k, output in enumerate(() if sizes else aims.outputs):
            with run.at(f"output {output[0]}"):
                found.append(told(k, output, errors[k] if known else None))
        return found

    by_knee = told_auto and aims.central is None
    searched = all_told(known=not by_knee)
    notes += aims.notes
    notes += [f"{answers[k]} is {found.y[0, k]:g} in all captured calls" for k in constant]
    if run.cut_off:
        notes.append(f"{run.cut_off} ended the search before it was done")
    source = BlockSource(
        called,
        path,
        seed,
        calls.face,
        aims.named,
        tuple(places),
        tuple(answers),
        found,
        calls.batch,
        (calls.low, calls.high),
        calls.digest,
        tuple(notes),
        aims.mixing,
    )
    here = ModelAtHand(model, calls.batches, labels)
    if sizes:
        return compressed(source, sizes, None if told_auto else max(errors), budget, run, here)

    def placed(told: Sequence[OutputSearch]) -> DistilledFormulas:
        cost = costs[0].of(~found.held)
        return DistilledFormulas(source, aims.found(told, found.y, cost), here)

    if told_auto:
        fitted = ~found.held
        spreads = [
            cost.of(fitted).spread(y[fitted]) for cost, y in zip(costs, aims.rows.y.T, strict=True)
        ]
        served = (
            [at_the_knee(*pair) for pair in zip(searched, spreads, strict=True)]
            if labels is None
            else chosen_in_place(searched, placed)
        )
        if labels is not None and by_knee and not run.cut_off and not as_right(placed(served)):
            searched = all_told(known=True)  # the knee came too early
            served = chosen_in_place(searched, placed)
        for k, one in enumerate(served):
            again = one.expr != searched[k].expr and not run.cut_off
            searched[k] = one
            if again:  # what is left of it is error
                with run.at(f"output {one.name} once more"):
                    searched[k] = told(k, aims.outputs[k], one.loss**0.5)
    whole = placed(searched)
    _ = whole.certificate
    return whole


def _refuse_part(path: str) -> None:
    """Other networks and labels speak of the whole model only."""
    if path:
        raise InputError(
            f"teacher_error is to be told for {path!r} by what speaks of the whole model: "
            "give a standard error, or the path ''"
        )


def _refuse_settings(budget: float, rows: int, operators: Sequence[str] | None) -> None:
    from ..formula.symbolic.backend import KNOWN_OPERATORS

    if not 0 <= budget < float("inf"):
        raise InputError(f"the budget is {budget!r:.40}: give a number from 0, 1 is a usual search")
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < _FEWEST:
        raise InputError(f"rows is {rows!r:.40}: keep at least {_FEWEST}")
    if unknown := [one for one in operators or () if one not in KNOWN_OPERATORS]:
        raise InputError(
            f"there is no operator {unknown[0]!r:.40}: use some of {', '.join(KNOWN_OPERATORS)}"
        )


def _picked(outputs: Any, width: int) -> tuple[list[int], list[str]]:
    """The places of the outputs to distill, and what they are called."""
    if outputs is None:
        return list(range(width)), ["y"] if width == 1 else [f"y{k}" for k in range(width)]
    given = [outputs] if isinstance(outputs, int) else outputs
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise InputError(
            f"outputs is {outputs!r:.40}: give places of outputs, names of all of them, or 'rotate'"
        )
    if all(isinstance(one, str) for one in given):
        if len(given) != width:
            raise InputError(f"{len(given)} names are given for {width} outputs: name each of them")
        for one in given:
            if identifier(str(one)) != one:
                raise InputError(f"{one!r:.60} cannot be the name of an output: give a plain word")
        places, names = list(range(width)), [str(one) for one in given]
    else:
        wrong = [one for one in given if type(one) is not int or not 0 <= one < width]
        if wrong:
            raise InputError(f"there is no output {wrong[0]!r:.40}: the block has {width}, from 0")
        places, names = list(given), [f"y{k}" for k in given]
    if len(set(names)) < len(names):
        raise InputError("each output can be distilled once: name none twice")
    return places, names


def _given_names(inputs: Any, names: Sequence[str] | None) -> Sequence[str] | None:
    """The names that were given; of a data frame those of its columns."""
    known = getattr(inputs, "columns", None)
    if names is not None or known is None:
        return names
    return [identifier(str(one)) for one in known]
