"""All that is proposed for some rows: paths of models that grow, one path a proposer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ...data.running import Run
from ...units.rules import Floats, Places, RuleModel
from .bins import BinnedRows, Bins, with_bins
from .class_scores import RIDGES, class_scores
from .conditions import counts
from .dichotomies import dichotomies
from .front import EVEN, NESTED, SEVERAL
from .gains import information, weighed
from .ladder import ladders, scores, scores_of_classes, with_scores
from .lists import rule_lists
from .points import points_path, stumps
from .polish import polished, prices
from .rows import RuleRows, RuleSettings
from .sums import sums_of_trees
from .threshold_functions import threshold_functions
from .trees import at_steps, tree_gain, tree_paths, trees
from .votes import counted, sets_of_units, voting_units

_NODES_A_SPLIT = 8
_MOST_SPLITS = 20
_MOST_COUNTED = 5
_MOST_RULES = 6
_MOST_POINTS = 10
_ROWS_A_SPLIT = 12
_ROWS_A_CONDITION = 25
_POINTS = (1, 2, 3, 4, 5, 6, 8, 10)
_LARGEST_POINTS = (1, 4)
_COLUMNS = "columns"
NETWORK = "network"
MOST_POLISHED = 7
"""Units of a model whose thresholds are chosen anew, for all rows as in each fold."""
_FEWEST_STEPS, _MOST_STEPS, _ROWS_A_STEP = 20, 40, 10  # of a score
_SHORT, _LEFT = 3, 15.0  # splits of a tree, nats


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Models over the codes of ``bins`` that grow step by step.

    Paths of one ``source`` and ``variant`` for other rows have the same steps. Where models read
    the columns of the table and no codes these are its ``own`` rows (rows, columns).
    """

    source: str
    variant: str
    bins: Bins
    models: list[RuleModel]
    own: Floats | None = None

    def x(self, rows: Places) -> Floats:
        """What the models read of some rows of the table, (rows, columns)."""
        return self.bins.x(rows) if self.own is None else self.own[rows]

    @property
    def key(self) -> str:
        return f"{self.source}/{self.variant}"


POLISHED = frozenset({"tree/", "counts/", "rule list/", f"points/{_LARGEST_POINTS[-1]}"})
"""The keys of paths whose models are polished."""

Polish: TypeAlias = Callable[[list[RuleModel]], list[RuleModel]]

Keys: TypeAlias = frozenset[str] | None
"""The keys of the paths that are asked for; nothing: all."""


def paths(
    part: BinnedRows, rows: RuleRows, settings: RuleSettings, run: Run, wanted: Keys = None
) -> Iterator[Path]:
    """The paths of all proposers for one part of the rows of a table, or those with some keys."""
    most = _at_most(_MOST_SPLITS, part, _ROWS_A_SPLIT)
    if settings.max_complexity is not None:
        most = min(most, settings.max_complexity // _NODES_A_SPLIT + 1)
    depth = settings.max_conditions
    if depth == 0 or not most or not part.bins.columns:
        return
    price = prices(part.bins)

    def polish(models: list[RuleModel]) -> list[RuleModel]:
        run.check()
        done: dict[int, RuleModel] = {}
        for model in models:
            if id(model) not in done:
                small = len(model.units) <= MOST_POLISHED
                done[id(model)] = polished(model, part, price) if small else model
        return [done[id(model)] for model in models]

    run.check()
    clear = False
    if _is_wanted("tree/", wanted):
        found_trees = _trees(part, most, depth, polish)
        # where a short tree leaves next to nothing to gain PyTorch is not even loaded
        clear = wanted is None and _left(part, found_trees) < _LEFT
        yield Path("tree", "", part.bins, found_trees)
    if _is_wanted("counts/", wanted):
        searched = threshold_functions if part.classes == 2 else counts
        most_counted = _at_most(_MOST_COUNTED, part, _ROWS_A_CONDITION)
        yield Path("counts", "", part.bins, polish(searched(part, most_counted)))
    if _is_wanted("rule list/", wanted):
        yield Path(
            "rule list",
            "",
            part.bins,
            polish(rule_lists(part, _at_most(_MOST_RULES, part, _ROWS_A_CONDITION))),
        )
    if part.ordered:
        yield from _added_up(part, run, wanted, polish)
    if any(part.monotone):
        return
    if part.ordered and not clear and _is_wanted(NETWORK, wanted):
        yield from _from_network(part, rows, settings, run, wanted)
    if part.classes > 2 and not part.ordered and _is_wanted(f"{NESTED}/", wanted):
        yield Path(NESTED, "", *dichotomies(part, rows.x))
    for ridge in RIDGES if part.classes > 2 else ():
        if _is_wanted(f"{SEVERAL}/{ridge:g}", wanted):
            found = class_scores(part, rows.x[part.rows], ridge)
            yield Path(SEVERAL, f"{ridge:g}", part.bins, found, rows.x)
    if not (_is_wanted(_COLUMNS, wanted) or _is_wanted(EVEN, wanted)):
        return
    # sums of columns are looked for among the rows given alone
    own = rows.x[part.rows]
    likely_scores = scores(part, own) if part.ordered else scores_of_classes(part, own)
    if likely_scores and part.ordered and _is_wanted(f"{EVEN}/", wanted):
        # as many for a part of the rows as for all of them
        steps = min(max(len(rows.y) // _ROWS_A_STEP, _FEWEST_STEPS), _MOST_STEPS)
        yield Path(EVEN, "", *ladders(part, rows.x, likely_scores, steps))
    more = with_bins(part, with_scores(part.bins, rows.x, likely_scores))
    if more.bins.columns > part.bins.columns and _is_wanted(f"tree/{_COLUMNS}", wanted):
        yield Path("tree", _COLUMNS, more.bins, at_steps(trees(more, most, depth), most))


def _from_network(
    part: BinnedRows, rows: RuleRows, settings: RuleSettings, run: Run, wanted: Keys
) -> Iterator[Path]:
    """Counts, points and trees of the units of a trained network."""
    run.check()
    voters = voting_units(part, rows.x, run)
    if voters is None:
        return
    more = voters.part
    price = prices(more.bins)
    models = [polished(model, more, price) for model in counted(voters)]
    yield Path("counts", NETWORK, more.bins, models)
    yield Path("points", NETWORK, more.bins, points_path(more, sets_of_units(models), 4))
    yield Path("tree", NETWORK, more.bins, at_steps(trees(more, 8, settings.max_conditions), 8))


def _left(part: BinnedRows, models: list[RuleModel]) -> float:
    """The log loss of all rows that a short tree leaves, in nats."""
    before = -float(information(weighed(part.y, part.weights, part.classes)))
    return round(before - tree_gain(part, models[:_SHORT][-1]), 6)


def _at_most(most: int, part: BinnedRows, rows: int) -> int:
    """So many steps at most, with so many rows for each, but two in any case."""
    return min(most, max(2, len(part.y) // rows))


def _is_wanted(text: str, wanted: Keys) -> bool:
    """Whether a path is asked for that has the text in its key."""
    if wanted is None:
        return True
    return any(key == text if "/" in text else text in key for key in wanted)


def _trees(
    part: BinnedRows,
    most: int,
    depth: int | None,
    polish: Polish,
) -> list[RuleModel]:
    """For each number of splits the tree that gains most."""
    series = [polish(at_steps(one, most)) for one in tree_paths(part, most, depth)]
    return [
        max(at, key=lambda one: round(tree_gain(part, one), 6)) for at in zip(*series, strict=True)
    ]


def _added_up(part: BinnedRows, run: Run, wanted: Keys, polish: Polish) -> Iterator[Path]:
    """Models that add up points."""
    requested = [largest for largest in _LARGEST_POINTS if _is_wanted(f"points/{largest}", wanted)]
    run.check()
    most = _at_most(_MOST_POINTS, part, _ROWS_A_SPLIT)
    by_count = stumps(part, most) if requested else []
    sets = [by_count[min(k, len(by_count)) - 1] for k in _POINTS if k <= most] if by_count else []
    for largest in requested:
        run.check()
        models = points_path(part, sets, largest)
        # equal points stay as they were fitted, for a proposal of another kind
        models = polish(models) if largest > 1 else models
        yield Path("points", str(largest), part.bins, models)
    run.check()
    if _is_wanted("sums of trees/", wanted):
        yield Path("sums of trees", "", part.bins, sums_of_trees(part, most))
