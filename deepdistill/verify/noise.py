"""Labels that a rule answers otherwise: noise, or the sign of a rule that is incomplete.

A wrong label falls anywhere. Where the labels that a rule misses are gathered where the inputs look
alike, it is the rule that is wrong there. Each thing that can be read around a label is looked at
by itself: the places where it has one value must not be missed more often than chance would have
it, given how often each answer is missed (a binomial tail, corrected for how many are looked at).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.examples import MOST_NOISE
from .evidence import as_often_by_chance, share_interval

Context: TypeAlias = tuple[str, NDArray[np.int64]]
"""What is read around each label, and its value there."""

PATTERN = "what the rule reads"
"""The context that is all that an answer follows from."""

BEYOND = -(2**40)
"""Stands where nothing is read, beyond a border."""

_LEAST = 100  # labels for each that is called wrong where no other one was learned from
_AGREEING = 2  # places that read the same and are answered alike
_ALONE = 0.05  # the same where all that was learned from agrees
_RISK = 0.01  # of calling wrong labels systematic although chance drew them
_SUSPECT = 0.2  # so seldom chance alone draws what is worth a word
_MOST_VALUES = 64  # of one context; more are put into bands of equally many
_BANDS = 8
_MOST_CLASSES = 16
_FEW_ALONE = 0.1  # of all labels, where what stands around them comes again
_SELDOM = 8  # answers of one kind, too few for a rate of their own


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A label that is answered otherwise: of which pair, where in its output."""

    pair: int | None
    place: tuple[int, ...]
    label: Any
    answer: Any

    def as_json(self) -> dict[str, Any]:
        return {
            "pair": self.pair,
            "place": list(self.place),
            "label": self.label,
            "answer": self.answer,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Labels beside answers, (labels,), those that were learned from first.

    ``untouched`` are those nobody looked at before the end; ``disagreeing`` are the labels that are
    answered otherwise, and ``contexts`` what is read around each of all.
    """

    labels: NDArray[np.int64]
    answers: NDArray[np.int64]
    untouched: NDArray[np.bool_]
    disagreeing: tuple[Disagreement, ...]
    contexts: Sequence[Context]

    @property
    def missed(self) -> NDArray[np.bool_]:
        return np.not_equal(self.labels, self.answers)


def described_noise(compared: Compared, word: str) -> tuple[dict[str, Any], str, list[str]]:
    """What a certificate says of the labels missed, that in words, and why they may be no noise.

    ``word`` is what one label belongs to: a cell, a step, a sample.
    """
    missed = compared.missed
    count, wrong = len(missed), int(missed.sum())
    doubts = list(_doubts(compared, word))
    low, high = share_interval(wrong, count)
    named = [one.as_json() for one in compared.disagreeing]
    noise = {
        "rate": float(f"{wrong / count:.3g}"),
        "interval": [low, high],
        "wrong": wrong,
        "of": count,
        "looks": "systematic" if doubts else "random",
        "classes": _classes(compared),
        "examples": named,
    }
    if doubts:
        noise["why"] = doubts
    return noise, _sentence(compared, word), doubts


def _sentence(compared: Compared, word: str) -> str:
    count, wrong = len(compared.missed), len(compared.disagreeing)
    sentence = f"the rule explains {count - wrong:,} of {count:,} {word}s"
    one = compared.disagreeing[0]
    if wrong > 1 or one.pair is None:
        return sentence
    place = f", {word} {', '.join(map(str, one.place))}" if one.place else ""
    return f"{sentence}; pair {one.pair}{place} disagrees"


def _classes(compared: Compared) -> list[dict[str, int]]:
    """How many labels there are of each kind, and how many of these are missed."""
    values, counts = np.unique(compared.labels, return_counts=True)
    if len(values) > _MOST_CLASSES:
        return []
    wrong = Counter(compared.labels[compared.missed].tolist())
    return [
        {"label": int(value), "count": int(count), "wrong": wrong[int(value)]}
        for value, count in zip(values, counts, strict=True)
    ]


def _doubts(compared: Compared, word: str) -> Iterator[str]:
    missed, untouched = compared.missed, compared.untouched
    count, wrong = len(missed), int(missed.sum())
    if wrong > MOST_NOISE * count:
        yield f"{wrong:,} of {count:,} {word}s are too many to be wrong labels"
        return
    new = int((missed & untouched).sum())
    if late(compared):
        yield (
            f"{new:,} of the {wrong:,} {word}s that disagree are among those that nobody looked at "
            "before the end, which is more than chance: the rule holds for what it was learned from"
        )
    elif new == wrong and (wrong * _LEAST > count or not _answered_elsewhere(compared)):
        yield f"nothing else shows whether the {word} that disagrees is a wrong label"
    if len(named := _ignored(compared)):
        yield f"hardly any label {named[0]} is explained"
    carried = carried_by(compared)
    if carried:
        yield f"the {word}s that disagree are gathered where {carried}: the rule is incomplete"


def late(compared: Compared) -> bool:
    """Whether more than by chance of the labels missed are among those that nobody looked at."""
    new, wrong = int((compared.missed & compared.untouched).sum()), int(compared.missed.sum())
    chance = as_often_by_chance(new, wrong, float(compared.untouched.mean()))
    return chance < (_ALONE if new == wrong else _RISK)


def _answered_elsewhere(compared: Compared) -> bool:
    """Whether what stands around each label missed was shown often, and is right there."""
    for words, values in compared.contexts:
        if words == PATTERN:
            right = Counter(values[~compared.missed].tolist())
            odd = values[compared.missed].tolist()
            return all(right[value] >= _AGREEING for value in odd)
    return True


def _ignored(compared: Compared) -> list[int]:
    """Labels of which more than half are missed, so that they are a class and no noise."""
    values, counts = np.unique(compared.labels, return_counts=True)
    wrong = Counter(compared.labels[compared.missed].tolist())
    share = compared.missed.mean()
    # labels that noise alone draws are among those of a class that the rule never answers
    never = set(values.tolist()) - set(compared.answers.tolist())
    return [
        int(value)
        for value, count in zip(values, counts, strict=True)
        if 2 * wrong[int(value)] > count
        and int(value) not in never
        and as_often_by_chance(wrong[int(value)], int(count), max(0.5, share)) < _RISK
        and not _drawn_alike(compared, int(value), wrong)
    ]


def _drawn_alike(compared: Compared, value: int, shown: Counter[int]) -> bool:
    """Whether wrong labels show a value as often as the others, of which a wrong one draws any.

    So it is with a value that is seldom answered: most labels that show it are wrong. Of two
    values, wrong labels show but the other one, and nothing is told. ``shown`` counts what wrong
    labels show.
    """
    answered = {int(k): int((compared.answers == k).sum()) for k in np.unique(compared.labels)}
    if len(answered) < 3:
        return False
    others = [k for k in answered if k != value]
    count = len(compared.labels)
    rate = sum(shown[k] for k in others) / sum(count - answered[k] for k in others)
    return as_often_by_chance(shown[value], count - answered[value], rate) >= _RISK


def carried_by(compared: Compared) -> str:
    """Where the inputs look alike and labels are missed more often than chance; or empty."""
    chance, where, _ = _gathered(compared)
    return where if chance < _RISK else ""


def suspected(compared: Compared, word: str) -> Iterator[str]:
    """Where labels missed are gathered, though chance alone may have drawn them there."""
    chance, where, count = _gathered(compared)
    if _RISK <= chance < _SUSPECT:
        many = len(compared.disagreeing)
        yield (f"{count:,} of the {many:,} {word}s that disagree lie where {where}: {_OWN}")
    alone = _never_right(compared)
    if alone == len(compared.disagreeing) == 1:
        yield (
            f"the pattern around the {word} that disagrees was never shown with the rule's answer: "
            f"{_OWN}"
        )
    elif alone:
        of = f"{alone:,} of the {len(compared.disagreeing):,} {word}s that disagree"
        yield f"the patterns around {of} were never shown with the rule's answer: {_OWN}"


_OWN = "that it has a meaning of its own is not known"


def _never_right(compared: Compared) -> int:
    """How many labels missed have around them what no label has that is answered.

    None where hardly anything around a label comes again.
    """
    if not compared.contexts:
        return 0
    around = np.stack([values for _, values in compared.contexts], axis=1)
    _, place, often = np.unique(around, axis=0, return_inverse=True, return_counts=True)
    place = place.reshape(-1)
    right = np.bincount(place, ~compared.missed)
    if (often[place] == 1).mean() > _FEW_ALONE:
        return 0
    return int((compared.missed & (right[place] == 0)).sum())


def _gathered(compared: Compared) -> tuple[float, str, int]:
    """The chance, where labels missed are gathered most, and how many of them are there."""
    missed = compared.missed
    if not missed.any():
        return 1.0, "", 0
    _, own, often = np.unique(compared.answers, return_inverse=True, return_counts=True)
    own = np.where(often[own] < _SELDOM, 0, own + 1)  # what is seldom answered stands together
    rates = np.bincount(own, missed) / np.maximum(1, np.bincount(own))
    expected = rates[own]
    tried: list[tuple[float, str, int]] = []
    groups = 0
    for words, values in compared.contexts:
        texts, place = banded(values)
        counts, misses = np.bincount(place), np.bincount(place, missed)
        rate = np.bincount(place, expected) / counts
        groups += len(counts)
        for k in np.flatnonzero(misses > rate * counts):
            chance = as_often_by_chance(int(misses[k]), int(counts[k]), float(rate[k]))
            tried.append((chance, f"{words} is {texts[k]}", int(misses[k])))
    least, where, count = min(tried, default=(1.0, "", 0))
    return min(1.0, least * groups), where, count


def banded(values: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    """The values in words, and which one stands at each place; of many values bands."""
    distinct, place = np.unique(values, return_inverse=True)
    place = place.reshape(-1)
    if len(distinct) <= _MOST_VALUES:
        return [_word(value) for value in distinct.tolist()], place
    ends = np.unique(np.quantile(values, np.linspace(0, 1, _BANDS + 1)[1:-1]))
    bands = np.searchsorted(ends, values, side="left")
    _, bands = np.unique(bands, return_inverse=True)
    bands = bands.reshape(-1)
    words = [
        f"from {values[bands == k].min():,} to {values[bands == k].max():,}"
        for k in range(int(bands.max()) + 1)
    ]
    return words, bands


def _word(value: int) -> str:
    return "nothing" if value == BEYOND else str(value)
