"""The certificate of formulas as they are now, and the text of their solver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..target.source import Provenance
from ..verify.solver import load_solver
from .certificate import ModelAccuracy, SurrogateCertificate
from .judge import correct, determination_of, faithful

if TYPE_CHECKING:
    from .surrogate import Surrogate

_OUTSIDE = (
    "outside the captured ranges nothing is claimed: the formulas go on there, and with "
    'outside="network" the block answers'
)


def certified(surrogate: Surrogate[Any]) -> SurrogateCertificate:
    """What is known of the formulas: fidelity on held-out calls, the whole model where it is here.

    The model is run with and without them, and is left as it was.
    """
    source = surrogate.source
    solve = load_solver(_text(surrogate, ()).encode(), source.name)
    claim, outputs = faithful(
        surrogate.answers(source.rows.x),
        surrogate.judged(),
        source.columns.names,
        source.rows,
        solve,
        surrogate.compressed,
    )
    accuracy, same, why = in_place(surrogate)
    low, high = source.ends
    ranges = zip(source.columns.names, low.tolist(), high.tolist(), strict=True)
    return SurrogateCertificate(
        source.name,
        source.path,
        source.seed,
        claim,
        correct(accuracy, same, why),
        outputs,
        accuracy,
        tuple(ranges),
        _OUTSIDE,
        source.notes,
    )


def solver_text(surrogate: Surrogate[Any]) -> str:
    """The source of the solver, which says what was checked."""
    return _text(surrogate, tuple(surrogate.certificate.sentences()))


def _text(surrogate: Surrogate[Any], checked: tuple[str, ...]) -> str:
    source = surrogate.source
    what = f"the block {source.path!r} of a network" if source.path else "a whole model"
    rows = int((~source.rows.held).sum())
    learned = f"{rows:,} rows of {len(np.unique(source.rows.call)):,} captured calls of {what}"
    sentences = tuple(f"the column {name} is {text}" for name, text in source.columns.derived)
    return surrogate.solver(Provenance(learned, (*checked, *sentences)))


def in_place(
    surrogate: Surrogate[Any], fitted: bool = False
) -> tuple[ModelAccuracy | None, float | None, str]:
    """The whole model by labels, or how alike its answers are with formulas, and what to say.

    Batches that were held out judge, or those of which rows were ``fitted``.
    """
    from ..modules.blocks import block_at, is_module
    from ..modules.swapping import own_blocks
    from ..modules.whole import labels_of, model_answers, scored

    here = surrogate.at_hand
    if here.model is None:
        return None, None, "the model is not at hand"
    if not here.batches:
        return None, None, "the inputs were not kept"

    def swapped() -> Any:
        return surrogate.block(block_at(here.model, surrogate.path))

    with own_blocks(here.model):
        answers = model_answers(
            here.model,
            surrogate.path,
            here.batches,
            swapped if is_module(here.model) else None,
            surrogate.module(),
        )
    if answers is None:
        return None, None, "the whole model answers with no tensor of numbers"
    held = _held_batches(surrogate, len(here.batches))
    every = range(len(here.batches))
    judged = [k for k in every if k not in held] if fitted else held or list(every)
    before, after = ([one[k] for k in judged] for one in (answers.before, answers.after))
    if here.labels is None:
        joined = [np.concatenate([part.reshape(-1) for part in one]) for one in (before, after)]
        if joined[0].shape != joined[1].shape:
            return None, None, "no labels were given"
        return None, round(determination_of(joined[0], joined[1]), 9), "no labels were given"
    labels = labels_of(here.labels, answers)
    known = [labels[k] for k in judged]
    measure, score, chance, count = scored(before, known)
    _, now, _, _ = scored([np.nan_to_num(one, nan=np.inf) for one in after], known)
    return (
        ModelAccuracy(
            measure, round(score, 9), round(now, 9), round(float(chance), 9), count, bool(held)
        ),
        None,
        "",
    )


def _held_batches(surrogate: Surrogate[Any], count: int) -> list[int]:
    """The batches of which no row was fitted; none where each has one."""
    batch, held = surrogate.source.batch, surrogate.source.rows.held
    fitted = set(batch[~held].tolist())
    return [k for k in range(count) if k not in fitted and k in set(batch[held].tolist())]
