"""The door: a block of a network, a whole model or a function, told by formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ..data.opened import MOST_COLUMNS
from ..data.running import Run
from ..ir.names import identifier
from .aims import aims_of
from .choosing import BlockSearch
from .columns import RequestedColumns
from .compress import compressed, family_sizes
from .distilled import DistilledModule
from .requested import (
    given_names,
    picked_outputs,
    refuse_few_rows,
    refuse_settings,
    still_outputs,
)
from .search import rows_of
from .surrogate import BlockSource, ModelAtHand
from .teacher_error import alike_answers, errors_by_labels, teacher_errors
from .weighing import answer_costs, singular_notes

if TYPE_CHECKING:
    from ..formula.symbolic.losses import Loss


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
    from ..modules.whole import refuse_labels

    called = identifier(name)
    refuse_settings(budget, rows, operators)
    given = {"derive": derive, "columns": columns, "operators": operators}
    given |= {"outputs": outputs if isinstance(outputs, str) else None}
    given |= {"backend": None if backend == "auto" else backend}
    given |= {"loss": None if loss == "auto" else loss, "weights": weights}
    sizes = family_sizes(family, products, given)
    engines = chosen_backends(backend) if sizes is None else ()
    calls = captured(model, path, inputs, rows, seed)
    rotated = isinstance(outputs, str) and outputs == "rotate"
    places, answers = picked_outputs(None if rotated else outputs, calls.face.answers)
    refuse_few_rows(len(calls.x), len(places))
    if labels is not None:
        refuse_labels(model, calls.batches, labels)
    call_rows = rows_of(calls, places, seed)
    still = still_outputs(call_rows.y)
    requested = RequestedColumns(
        calls.face.width,
        given_names(inputs, names),
        {} if sizes and derive is None else derive,
        columns,
        (called, *answers, *(f"m{k}" for k in range(len(places)) if rotated)),
        max(MOST_COLUMNS, calls.face.width) if sizes else MOST_COLUMNS,
    )
    aims = aims_of(call_rows, requested, list(zip(answers, places, strict=True)), rotated)
    run = Run(seed, progress, n_jobs, time_limit)
    told_auto = isinstance(teacher_error, str) and teacher_error == "auto"
    errors = teacher_errors(
        teacher_error,
        aims.rows.y,
        calls.precision,
        lambda models: aims.taken(alike_answers(models, path, calls, places, rows, seed)),
        lambda: aims.taken(errors_by_labels(model, path, calls, places, labels), differences=True),
    )
    costs = [
        answer_costs(y, loss, weights, aims.table, tuple(aims.table), bool(aims.lengths))
        for y in (() if sizes else aims.rows.y.T)
    ]
    if told_auto and aims.central is not None:  # a vector's other components say how far it is off
        across = costs[0].of(~call_rows.held).of(aims.central.across(call_rows.y)[~call_rows.held])
        errors = [max(errors[0], across**0.5)]
    source = BlockSource(
        called,
        path,
        seed,
        calls.face,
        aims.named,
        tuple(places),
        tuple(answers),
        call_rows,
        calls.batch,
        (calls.low, calls.high),
        calls.digest,
        (*calls.notes, *aims.length_notes, *singular_notes(aims.outputs, costs), *aims.notes,
         *(f"{answers[k]} is {call_rows.y[0, k]:g} in all captured calls" for k in still)),
        aims.mixing,
    )  # fmt: skip
    here = ModelAtHand(model, calls.batches, labels)
    if sizes:
        return compressed(source, sizes, None if told_auto else max(errors), budget, run, here)
    search = BlockSearch(
        aims, costs, source, here, SearchSettings(engines, operators, budget, run, True, None)
    )
    whole = search.placed(search.chosen(errors) if told_auto else search.outputs(errors))
    _ = whole.certificate
    return whole
