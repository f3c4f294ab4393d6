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


def certified(found: Surrogate[Any]) -> SurrogateCertificate:
    """What is known of the formulas: fidelity on held-out calls, the whole model where it is here.

    The model is run with and without them, and is left as it was.
    """
    source = found.source
    solve = load_solver(_text(found, ()).encode(), source.name)
    claim, outputs = faithful(
        found.answers(source.rows.x),
        found.judged(),
        source.columns.names,
        source.rows,
        solve,
        found.compressed,
    )
    accuracy, same, why = in_place(found)
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


def solver_text(found: Surrogate[Any]) -> str:
    """The source of the solver, which says what was checked."""
    return _text(found, tuple(found.certificate.sentences()))


def _text(found: Surrogate[Any], checked: tuple[str, ...]) -> str:
    source = found.source
    what = f"the block {source.path!r} of a network" if source.path else "a whole model"
    rows = int((~source.rows.held).sum())
    learned = f"{rows:,} rows of {len(np.unique(source.rows.call)):,} captured calls of {what}"
    sentences = tuple(f"the column {name} is {text}" for name, text in source.columns.derived)
    return found.solver(Provenance(learned, (*checked, *sentences)))


def in_place(
    found: Surrogate[Any], fitted: bool = False
) -> tuple[ModelAccuracy | None, float | None, str]:
    """The whole model by labels, or how alike its answers are with formulas, and what to say.

    Batches that were held out judge, or those of which rows were ``fitted``.
    """
    from ..modules.blocks import block_at, is_module
    from ..modules.swapping import own_blocks
    from ..modules.whole import labels_of, model_answers, scored

    here = found.at_hand
    if here.model is None:
        return None, None, "the model is not at hand"
    if not here.batches:
        return None, None, "the inputs were not kept"

    def swapped() -> Any:
        return found.block(block_at(here.model, found.path))

    with own_blocks(here.model):
        answers = model_answers(
            here.model,
            found.path,
            here.batches,
            swapped if is_module(here.model) else None,
            found.module(),
        )
    if answers is None:
        return None, None, "the whole model answers with no tensor of numbers"
    held = _held_batches(found, len(here.batches))
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


def _held_batches(found: Surrogate[Any], count: int) -> list[int]:
    """The batches of which no row was fitted; none where each has one."""
    batch, held = found.source.batch, found.source.rows.held
    fitted = set(batch[~held].tolist())
    return [k for k in range(count) if k not in fitted and k in set(batch[held].tolist())]
