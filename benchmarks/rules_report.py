"""What the splits of all tables say of the models: means, sizes, and which differences are sure."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import TypeAlias

import numpy as np
from scipy.stats import t as student_t

MEASURES = ("log loss", "AUC", "accuracy", "balanced", "ECE", "size")
OURS = "rules"
SMALL = "rules, tree of depth 3's size"
DEPTH_3 = "tree of depth 3"
RIVALS = ("FIGS", "logistic regression", DEPTH_3)
SIZE = MEASURES.index("size")

_TESTED = 0.5  # rows held out for each one learned from
_SURE = 0.05

Compared: TypeAlias = dict[str, dict[str, list[list[float]]]]
"""The measures of each table and model, split by split."""


def report(found: Compared) -> str:
    """Markdown: means over tables of two classes and of all, their log loss, what is sure."""
    models = list(dict.fromkeys(model for kinds in found.values() for model in kinds))
    models = [OURS, SMALL, *(model for model in models if model not in (OURS, SMALL))]
    two = [name for name, kinds in found.items() if kinds.keys() >= {*models, RIVALS[0]}]
    lines: list[str] = []
    if two:
        lines += [f"Means over {len(two)} tables of two classes", "", *_means(found, two, models)]
        shares = [size(found[name][OURS]) / size(found[name][RIVALS[0]]) for name in two]
        lines += ["", f"Of the nodes of FIGS rules have {np.median(shares):.0%} in the median.", ""]
    if len(two) < len(found):
        common = [model for model in models if all(model in kinds for kinds in found.values())]
        several = [name for name in found if name not in two]
        lines += [f"Means over all {len(found)} tables", "", *_means(found, [*found], common), ""]
        lines += [f"Means over the {len(several)} tables of several classes", ""]
        lines += _means(found, several, common)
    lines += ["", "Log loss (size) of each table", ""]
    lines += [f"| table | {' | '.join(models)} |", "|---|" + "---:|" * len(models)]
    for name, kinds in found.items():
        cells = [_loss_and_size(kinds[model]) if model in kinds else "" for model in models]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *differences(found)]) + "\n"


def _means(found: Compared, names: list[str], models: list[str]) -> Iterator[str]:
    """The rows of a table: of each model the means of its measures, and the median of its sizes."""
    yield f"| model | {' | '.join(MEASURES)} (median) |"
    yield "|---|" + "---:|" * len(MEASURES)
    for model in models:
        means = np.array([np.mean(found[name][model], axis=0) for name in names])
        cells = [f"{value:.4f}" for value in means[:, :SIZE].mean(axis=0)]
        middle = float(np.median(means[:, SIZE]))
        cells.append("" if isnan(middle) else f"{middle:.0f}")
        yield f"| {model} | {' | '.join(cells)} |"


def _loss_and_size(splits: list[list[float]]) -> str:
    loss, nodes = float(np.mean(splits, axis=0)[0]), size(splits)
    return f"{loss:.3f}" if isnan(nodes) else f"{loss:.3f} ({nodes:.0f})"


def size(splits: list[list[float]]) -> float:
    """The mean size over splits."""
    return float(np.mean(splits, axis=0)[SIZE])


def differences(found: Compared) -> Iterator[str]:
    """Log loss less that of others on the same splits; a star where it is sure."""
    yield "Log loss of the rules less that of others, with * where it is sure (paired t over splits"
    yield "with the variance of splits that share rows, Nadeau and Bengio 2003, 5 %)"
    yield ""
    yield f"| table | {' | '.join(RIVALS)} | {DEPTH_3}, at its size |"
    yield "|---|" + "---:|" * (len(RIVALS) + 1)
    pairs = [*((OURS, rival) for rival in RIVALS), (SMALL, DEPTH_3)]
    counts = {pair: [0, 0, 0, 0] for pair in pairs}
    for name, kinds in found.items():
        cells = []
        for pair in pairs:
            if pair[1] not in kinds:
                cells.append("")
                continue
            gaps = np.subtract(kinds[pair[0]], kinds[pair[1]])[:, 0]
            known = sure(gaps)
            cells.append(f"{gaps.mean():+.3f}{'*' if known else ''}")
            side = 0 if gaps.mean() < 0 else 1
            counts[pair][side] += 1
            counts[pair][side + 2] += known
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    for (ours, rival), (better, worse, sure_better, sure_worse) in counts.items():
        yield f"- {ours} against {rival}: better on {better} of {better + worse} tables (surely on"
        yield f"  {sure_better}), surely worse on {sure_worse}."


def sure(gaps: np.ndarray) -> bool:
    """Whether the mean of paired differences is not 0 by chance; splits share their rows."""
    count = len(gaps)
    if count < 2 or not float(gaps.std()) > 0:
        return False
    error = float(gaps.std(ddof=1)) * (1 / count + _TESTED) ** 0.5
    return bool(abs(float(gaps.mean())) > error * float(student_t.ppf(1 - _SURE / 2, count - 1)))
