"""What stands behind each end of the rules: rows of each label, and how sure that is."""

from __future__ import annotations

from ...target.label_source import Case
from ...verify.evidence import in_digits, untouched_bound
from .network import RuleNetwork, Support, band_of

_MOST_LABELS = 4


def end_name(network: RuleNetwork, k: int) -> str:
    """What an end is called: the points there, the chance of its label, or a number."""
    if network.sums:
        return in_points(network.sums[k])
    if network.model.scores is None:
        return f"end {k + 1}"
    label, low, high = band_of(k)
    chance = f"below {high:g}" if not low else f"from {low:g} on" if high == 1 else (
        f"{low:g} to {high:g}"
    )  # fmt: skip
    return f"{network.output.levels[label]} {chance}"


def cases(network: RuleNetwork) -> list[Case]:
    """The probabilities of each end of the rules, with the rows behind them in words."""
    names = network.output.levels
    described = []
    for k, (probabilities, support) in enumerate(
        zip(network.probabilities, network.supports, strict=True)
    ):
        best = max(range(len(names)), key=lambda c: probabilities[c])
        share = in_digits(probabilities[best])
        head = f"{names[best]} {share}"
        if network.sums:
            head = f"{in_points(network.sums[k])}: {head}"
        elif network.model.scores is not None:
            best = network.answers[k]
            head = f"{end_name(network, k)}, {in_digits(probabilities[best])} on average"
        described.append(Case(probabilities, f"{head}: {_behind(support, best)}"))
    return described


def in_points(total: int) -> str:
    """``1 point``, ``2 points``."""
    return f"{total} point{'' if total == 1 else 's'}"


def _behind(support: Support, best: int) -> str:
    """``37 of 38 rows, 12 of 12 held out (95 %: 0.74 to 1)``."""
    learned, untouched = sum(support.learned), sum(support.untouched)
    text = f"{support.learned[best]} of {learned} rows"
    if not untouched:
        return f"{text}, none held out"
    right = support.untouched[best]
    return f"{text}, {right} of {untouched} held out (95 %: {between(right, untouched)})"


def interval(count: int, total: int) -> tuple[float, float]:
    """Clopper and Pearson's interval at 95 % for a share of which ``count`` of ``total`` showed."""
    return 1 - untouched_bound(total - count, total), untouched_bound(count, total)


def between(count: int, total: int) -> str:
    """That interval in words."""
    low, high = interval(count, total)
    return f"{in_digits(low, 2)} to {in_digits(high, 2)}"


def labels_of(network: RuleNetwork) -> tuple[str, ...]:
    """What the classes are called."""
    return tuple(map(str, network.output.levels))


def compared(network: RuleNetwork) -> str:
    """The errors and the loss beside those of what knows nothing of the columns."""
    rows = network.rows
    common = max(range(len(rows.labels)), key=lambda k: rows.labels[k], default=0)
    wrong, count = (
        (rows.wrong, rows.untouched) if rows.untouched else (rows.missed, max(1, rows.count))
    )
    same = [one.untouched if rows.untouched else one.learned for one in network.supports]
    plain = 1 - sum(one[common] for one in same) / max(1, sum(map(sum, same)))
    which = "rows held out" if rows.untouched else "rows learned from"
    return (
        f"{_in_percent(wrong / count)} of {which} wrong, always {network.output.levels[common]!r} "
        f"{_in_percent(plain)}; log loss {rows.loss:.3g}, that of the shares {rows.plain:.3g}"
        f"{', all classes counted alike' if rows.balanced else ''}"
    )


def _in_percent(share: float) -> str:
    return f"{float(f'{100 * share:.2g}'):g} %"
