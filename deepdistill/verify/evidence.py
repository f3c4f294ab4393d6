"""What examples can bear where no oracle knows the answers: a bound on the share of wrong ones.

Two bounds hold together at 95 %, each at 97.5 %, and the smaller counts: that of Clopper and
Pearson (1934) on examples that nobody looked at before the program was final, and Occam's (Blumer,
Ehrenfeucht, Haussler and Warmuth 1987) on all examples, where a program that is short in a code
fixed beforehand can hardly be right by chance; where examples disagree, its agnostic form. A task
names its form and its axes, so that no choice among these has to be paid for. Nothing is claimed at
all where the program, with the examples it misses, is hardly shorter than the answers
written down as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil, comb, floor, lgamma, log, log2, log10, sqrt
from typing import Any, Literal, TypeAlias, get_args

Unit: TypeAlias = Literal["sample", "cell", "step", "row"]
UNITS: tuple[Unit, ...] = get_args(Unit)

CHANCE = 1 / 20
"""How often chance may do as well as a program that is believed."""

FEW = 2
"""An answer that so few examples show is not learned from them but guessed."""

MOST_NAMED = 20
"""So many labels that disagree stand in a certificate."""

_EACH = 0.025  # the risk of each of the two bounds


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much data stands behind a claim.

    ``seen`` units (samples, cells, steps or rows) were looked at by nobody before the end, and
    ``wrong`` of them are answered otherwise: for numbers, by more than ``tolerance``. ``bound`` is
    an upper bound at 95 % on the share of wrong answers on examples like those shown, per unit.
    ``support`` counts what could occur and what was shown, ``noise`` is what is known of wrong
    labels, and ``unknown`` says in sentences what the data cannot tell.
    """

    unit: Unit
    seen: int
    wrong: int
    bound: float
    tolerance: float | None = None
    support: Mapping[str, Any] = field(default_factory=dict)
    noise: Mapping[str, Any] | None = None
    unknown: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The fields as they stand in the certificate."""
        result: dict[str, Any] = {
            "unit": self.unit,
            "seen": self.seen,
            "wrong": self.wrong,
            "bound": self.bound,
        }
        if self.tolerance is not None:
            result["tolerance"] = self.tolerance
        return {
            **result,
            "support": dict(self.support),
            "noise": self._few_named(),
            "unknown": list(self.unknown),
        }

    def without_examples(self) -> Evidence:
        """The same without the labels that disagree."""
        if self.noise is None or "examples" not in self.noise:
            return self
        return replace(self, noise={**self.noise, "examples": []})

    def _few_named(self) -> dict[str, Any] | None:
        """What is known of wrong labels, with no more of them than a certificate names."""
        noise = None if self.noise is None else dict(self.noise)
        if noise is not None and "examples" in noise:
            noise["examples"] = list(noise["examples"])[:MOST_NAMED]
        return noise

    @property
    def measure(self) -> str:
        """The bound in few words."""
        if self.bound >= 1 and not self.wrong:
            return f"too few {self.unit}s to bound how many are wrong"
        return (
            f"at most {percent(self.bound)} of {self.unit}s wrong at 95 % ({self.wrong:,} of "
            f"{self.seen:,} unseen)"
        )

    @property
    def sentence(self) -> str:
        """The bound in words."""
        units = f"{self.unit}{'' if self.seen == 1 else 's'}"
        far = "" if self.tolerance is None else f" by more than {self.tolerance:g}"
        seen = (
            f"{self.wrong:,} of {self.seen:,} {units} that nobody looked at before the end "
            f"{'differs' if self.wrong == 1 else 'differ'}{far}"
            if self.seen
            else f"no {self.unit} was left to look at in the end"
        )
        return f"{seen}; at 95 % no more than {percent(self.bound)} of all such {self.unit}s do"


def unnamed(note: str) -> str:
    """A note without the pair that disagrees."""
    return re.sub(r"; pair \d+[^;]* disagrees", "", note)


def percent(share: float) -> str:
    """A share in two digits, never less than it is: ``0.42 %``."""
    return f"{rounded_up(100 * share, 2):g} %"


def in_digits(share: float, digits: int = 3) -> str:
    """A share in so many digits, in more where it would read as 1 and is less: ``0.9999``."""
    text = f"{share:.{digits}g}"
    if share < 1 and float(text) == 1:
        return f"{share:.{max(digits, ceil(-log10(1 - share) - 1e-6))}f}"
    return text


def rounded_up(number: float, digits: int = 3) -> float:
    """A bound in few digits that is still one."""
    if number <= 0:
        return 0.0
    unit = digits - 1 - floor(log10(number))
    bound = float(f"{ceil(round(number * 10.0**unit, 6)) / 10.0**unit:.{digits}g}")
    return bound


def untouched_bound(wrong: int, seen: int) -> float:
    """Clopper and Pearson's upper bound on a share of which ``wrong`` of ``seen`` were drawn."""
    from scipy.special import betaincinv

    if wrong >= seen:
        return 1.0
    return float(betaincinv(wrong + 1, seen - wrong, 1 - _EACH))


def share_interval(wrong: int, seen: int) -> tuple[float, float]:
    """Clopper and Pearson's interval at 95 % of a share, in three digits."""
    from scipy.special import betaincinv

    low = float(betaincinv(wrong, seen - wrong + 1, _EACH)) if wrong else 0.0
    return float(f"{low:.3g}"), rounded_up(untouched_bound(wrong, seen))


def as_often_by_chance(wrong: int, seen: int, share: float) -> float:
    """How likely ``wrong`` or more of ``seen`` are, each of which is so with that chance."""
    from scipy.special import betainc

    return float(betainc(wrong, seen - wrong + 1, min(1.0, share))) if wrong else 1.0


def length_bound(bits: float, wrong: int, count: int) -> float:
    """Occam's bound for a program of so many bits that misses ``wrong`` of ``count`` examples."""
    if not count:
        return 1.0
    spent = bits * log(2) + log(1 / _EACH)
    if not wrong:
        return min(1.0, spent / count)
    return min(1.0, wrong / count + sqrt(spent / (2 * count)))


def error_bound(wrong: int, seen: int, bits: float, missed: int, count: int) -> float:
    """The smaller of the two bounds, in three digits, rounded up."""
    return min(
        1.0,
        rounded_up(min(untouched_bound(wrong, seen), length_bound(bits, missed, count))),
    )


def label_bits(labels: Iterable[Hashable]) -> float:
    """What answers cost when written down as they are: each by how often it occurs.

    The code knows the smallest and the largest integer; which ones occur between them, and how
    often, has its price.
    """
    counts = Counter(labels)
    total, kinds = sum(counts.values()), len(counts)
    if not total:
        return 0.0
    ways = lgamma(total + kinds) - lgamma(kinds) - sum(lgamma(n + 1) for n in counts.values())
    return ways / log(2) + _alphabet_bits(counts)


def _alphabet_bits(values: Iterable[Hashable]) -> float:
    """Which of the integers between the least and the greatest occur; more where they are rows."""
    columns = [value if isinstance(value, tuple) else (value,) for value in values]
    spans = [int(max(column)) - int(min(column)) + 1 for column in zip(*columns, strict=True)]
    kinds = len(columns)
    room = 1
    for span in spans:
        room *= span
    return (lgamma(room + 1) - lgamma(kinds + 1) - lgamma(room - kinds + 1)) / log(2)


def exception_bits(missed: int, count: int, kinds: int) -> float:
    """What it costs to name the examples that a program misses, and their answers."""
    if not missed:
        return 0.0
    return log2(comb(count, missed)) + log2(count) + missed * log2(max(2, kinds))


def explained_by_chance(
    labels: Iterable[Hashable], bits: float, missed: int = 0
) -> tuple[float, float] | None:
    """What the answers cost and what the program does, where chance may have found it; or None."""
    known = list(labels)
    cost = bits + exception_bits(missed, len(known), len(set(known)))
    alone = label_bits(known)
    return (alone, cost) if alone - cost < log2(1 / CHANCE) else None
