"""The door: a block of a network, a whole model or a function, told by formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.opened import MOST_COLUMNS
from ..data.problem import InputError
from ..data.running import Run
from ..ir.names import identifier
from .candidates import at_the_knee, chosen_in_place
from .columns import named_columns
from .compress import checked_products, compressed
from .distilled import BlockSource, DistilledModule, ModelAtHand
from .formulas import DistilledFormulas
from .rotate import simpler_mix
from .search import OutputSearch, rows_of, search_output

Floats: TypeAlias = NDArray[np.float64]

_FEWEST = 8
_FINE = 1e-12  # a relative step of floats from which on they are as good as exact
_ROUNDINGS = 2.0  # of the largest answer, what a network's own roundings add up to


def distill_module(
    model: Any,
    path: str = "",
    inputs: Any = None,
    *,
    names: Sequence[str] | None = None,
    derive: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
    outputs: Sequence[int | str] | str | int | None = None,
    teacher_error: float | Sequence[float] | str = "auto",
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
    "hypot(dx, dy)"}``), ``columns`` those of both that formulas may speak of. ``outputs`` picks
    some by their places, or gives all of them names; ``"rotate"`` looks for mixes of them that are
    simpler: ``formulas`` are then of the mixes, and ``mixes`` says what the outputs are. With
    ``labels``, one for each answer of the whole model, it is judged with the formulas in place.
    ``teacher_error`` is the standard error of the network's own outputs, one for all or one each: a
    formula within it is good enough, and shorter wins; ``"auto"`` takes what the network's floats
    can tell apart, and of shorter formulas the first that serves the labels as well in place; where
    there are none, the one at the knee of the front.
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

    called = identifier(name)
    _refuse_settings(budget, rows, operators)
    sizes = None
    if family != "formulas":
        given = {"derive": derive, "columns": columns, "operators": operators}
        given |= {"outputs": outputs if isinstance(outputs, str) else None}
        given |= {"backend": None if backend == "auto" else backend}
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
    found = rows_of(calls, places, seed)
    constant = [k for k in range(len(places)) if np.ptp(found.y[:, k]) == 0]
    if len(constant) == len(places):
        values = ", ".join(f"{value:g}" for value in found.y[0, :3])
        raise InputError(
            f"the block answers {values} whatever it is given: there is nothing to distil"
        )
    known = _given_names(inputs, names)
    taken = (called, *answers, *(f"m{k}" for k in range(len(places)) if rotated))
    most = max(MOST_COLUMNS, calls.face.width) if sizes else MOST_COLUMNS
    named = named_columns(calls.face.width, known, derive, columns, taken, most)
    table = named.table(found.x)
    mixing = None
    aims, aimed = list(zip(answers, places, strict=True)), found
    if rotated:
        fitted = ~found.held
        inner = {column: values[fitted] for column, values in table.items()}
        mixing = simpler_mix(found.y[fitted], inner, named.spoken)
        aims = [(mix, k) for k, mix in enumerate(mixing.names)]
        aimed = replace(found, y=found.y @ mixing.forward)
    run = Run(seed, progress, n_jobs, time_limit)
    errors = _errors(teacher_error, aimed.y, calls.precision)
    notes = [
        *calls.notes,
        *(f"{answers[k]} is {found.y[0, k]:g} in all captured calls" for k in constant),
    ]
    source = BlockSource(
        called,
        path,
        seed,
        calls.face,
        named,
        tuple(places),
        tuple(answers),
        found,
        calls.batch,
        (calls.low, calls.high),
        calls.digest,
        tuple(notes),
        mixing,
    )
    here = ModelAtHand(model, calls.batches, labels)
    if sizes:
        known_error = None if teacher_error == "auto" else max(errors)
        return compressed(source, sizes, known_error, budget, run, here)

    def told(k: int, output: tuple[str, int], error: float) -> OutputSearch:
        settings = SearchSettings(engines, operators, budget, run, False, None, error**2)
        one = search_output(aimed, named, table, k, output, settings)
        return replace(one, teacher_error=error or None)

    searched = []
    for k, output in enumerate(aims):
        with run.at(f"output {output[0]}"):
            searched.append(told(k, output, errors[k]))
    if mixing is not None and len(aims) < len(places):
        notes.append(f"the {len(places)} outputs are mixes of {len(aims)}")
    if run.cut_off:
        notes.append(f"{run.cut_off} ended the search before it was done")
    source = replace(source, notes=tuple(notes))
    result = DistilledFormulas(source, searched, here)
    if teacher_error == "auto":
        spreads = np.var(aimed.y[~found.held], axis=0).tolist()
        placed = (
            [at_the_knee(*pair) for pair in zip(searched, spreads, strict=True)]
            if labels is None
            else list(chosen_in_place(result).outputs)
        )
        for k, one in enumerate(placed):
            if one.expr != searched[k].expr and not run.cut_off:  # what is left of it is error
                with run.at(f"output {one.name} once more"):
                    searched[k] = told(k, aims[k], one.loss**0.5)
        result = DistilledFormulas(source, searched, result.at_hand)
    _ = result.certificate
    return result


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


def _errors(given: Any, y: Floats, precision: float) -> list[float]:
    """The standard error of each output (rows, outputs) of the network."""
    if given == "auto":
        rough = precision > _FINE
        return [float(_ROUNDINGS * precision * np.abs(one).max()) * rough for one in y.T]
    several = [given] * y.shape[1] if isinstance(given, int | float) else given
    good = isinstance(several, Sequence) and not isinstance(several, str)
    if not good or not all(type(one) in (int, float) and 0 <= one < 1e150 for one in several):
        raise InputError(
            f"teacher_error is {given!r:.40}: give a standard error from 0, one for all outputs or "
            "one for each, or 'auto'"
        )
    if len(several) != y.shape[1]:
        raise InputError(
            f"{len(several)} standard errors are given for {y.shape[1]} outputs: give one for each"
        )
    return [float(one) for one in several]


def _picked(outputs: Any, width: int) -> tuple[list[int], list[str]]:
    """The places of the outputs to distil, and what they are called."""
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
