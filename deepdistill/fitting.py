"""What ``deepdistill fit`` is to do: rules where the target names classes, else a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ir.errors import InputError
from .ir.names import identifier, on_one_line

if TYPE_CHECKING:
    from .data.opened import OpenedTable
    from .data.running import Progress
    from .result import Result


@dataclass(frozen=True, slots=True)
class FileOptions:
    """A file and how it is read; see :func:`deepdistill.data.tables.read_table`.

    Commas part names of columns, unless they are ``exact``.
    """

    path: Path
    target: str
    drop: Sequence[str]
    features: Sequence[str]
    encoding: str | None
    decimal: str | None
    groups: str | None
    time_column: str | None
    dates: Sequence[str] = ()
    exact: bool = False

    def opened(self) -> OpenedTable:
        """The columns that a search is to see."""
        from .data.opened import open_table

        known = (self.path, self.target, self.drop, self.features, self.encoding)
        return open_table(*known, self.groups, self.time_column, self.dates, self.exact)


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What rules are to be like.

    ``monotone`` holds texts such as ``age=+``, or maps columns to 1 or -1; ``ordered`` is a text
    such as ``low,mid,high``, or the labels in their order; ``class_weight`` is ``none``,
    ``balanced`` or a mapping from labels to weights.
    """

    monotone: Sequence[str] | Mapping[str, int] = ()
    max_complexity: int | None = None
    max_conditions: int | None = None
    class_weight: str | Mapping[Any, float] = "none"
    ordered: str | Sequence[Any] | None = None

    @property
    def balanced(self) -> bool:
        return self.class_weight == "balanced"

    @property
    def given(self) -> bool:
        limits = self.max_complexity is not None or self.max_conditions is not None
        weights = self.class_weight != "none"
        return bool(self.monotone or limits or weights or self.ordered is not None)


@dataclass(frozen=True, slots=True)
class FormulaOptions:
    """How a formula is searched for."""

    engine: str
    budget: float
    teacher: str

    @property
    def given(self) -> bool:
        return (self.engine, self.budget, self.teacher) != ("auto", 1.0, "none")


def fitting_tasks(
    file: FileOptions,
    rules: RuleOptions,
    formula: FormulaOptions,
    form: str,
    name: str | None,
    strict: bool,
    targets: Sequence[str] = (),
) -> list[Any]:
    """A task for each target of a file, or of those ``targets``; none is an input of another."""
    targets = targets or _targets(file)
    called = file.path.stem if name is None else name
    tasks = []
    for target in targets:
        others = [other for other in targets if other != target]
        one = replace(file, target=target, drop=(*file.drop, *others))
        own = called if len(targets) == 1 else f"{called} {target}"
        tasks.append(fitting_task(one, rules, formula, form, own, strict))
    return tasks


def _targets(file: FileOptions) -> list[str]:
    """The columns that are named, one by itself or several with commas between them."""
    if "," not in file.target:
        return [file.target]
    try:
        file.opened()  # a column may have a comma in its name
    except InputError:
        return list(dict.fromkeys(part.strip() for part in file.target.split(",")))
    return [file.target]


def fitting_task(
    file: FileOptions,
    rules: RuleOptions,
    formula: FormulaOptions,
    form: str,
    name: str | None,
    strict: bool,
) -> Any:
    """The task for a file; :class:`InputError` where options and form do not go together."""
    from .data.labelled import has_labels

    called = identifier(file.path.stem if name is None else name)
    if form not in ("auto", "rules", "formula"):
        raise InputError(f"form is {form!r:.40}: give 'auto', 'rules' or 'formula'")
    if form == "auto":
        form = "formula" if formula.given else "rules" if rules.given else ""
    opened: OpenedTable | None = None
    if not form:
        opened = file.opened()
        form = "rules" if has_labels(opened) else "formula"
    if form == "rules":
        if formula.given:
            raise InputError("--engine, --budget and --teacher are for formulas, not for rules")
        return _rules(opened or file.opened(), file.decimal, rules, called, strict)
    if rules.given:
        raise InputError(
            "--monotone, --max-complexity, --max-conditions, --class-weight and --ordered are for "
            "rules: give --form rules, or leave them out"
        )
    return _formula(opened or file.opened(), file.decimal, formula, called, strict)


def _rules(
    opened: OpenedTable, decimal: str | None, options: RuleOptions, name: str, strict: bool
) -> Any:
    from .data.labelled import class_weights, labelled, names_classes
    from .forms.rules.table import LabelledTask

    if options.ordered is None and not names_classes(opened):
        return _steps(opened, decimal, options, name, strict)
    order = options.ordered.split(",") if isinstance(options.ordered, str) else options.ordered
    table = labelled(opened, decimal, order)
    if isinstance(options.class_weight, Mapping):
        weights = class_weights(table.labels, table.y, options.class_weight, table.target)
        table = replace(table, weights=weights)
    said = (
        f"{table.target!r:.40} names {len(table.labels)} classes, so these are rules; --form "
        "formula searches a formula of numbers"
    )
    titles = [column.title for column in table.columns]
    return LabelledTask(
        name,
        replace(table, notes=(said, *table.notes)),
        strict,
        options.max_complexity,
        options.max_conditions,
        options.balanced,
        _directions(options.monotone, titles),
    )


def _steps(
    opened: OpenedTable, decimal: str | None, options: RuleOptions, name: str, strict: bool
) -> Any:
    from .data.measured import measured
    from .forms.steps.table import StepTask

    table = measured(opened, decimal)
    if options.class_weight != "none":
        raise InputError(
            f"--class-weight is for classes, and {table.target!r:.40} holds numbers: leave it out"
        )
    said = (
        f"{table.target!r:.40} holds numbers, so these rules are steps; --form formula searches "
        "a formula"
    )
    return StepTask(
        name,
        replace(table, notes=(said, *table.notes)),
        strict,
        options.max_complexity,
        options.max_conditions,
        _directions(options.monotone, [column.title for column in table.columns]),
    )


def _directions(given: Sequence[str] | Mapping[str, int], titles: Sequence[str]) -> tuple[int, ...]:
    """``age=+`` as 1, ``age=-`` as -1 for each column; () where none is named."""
    if not given:
        return ()
    directions = dict.fromkeys(titles, 0)
    if isinstance(given, Mapping):
        for column, way in given.items():
            if column not in directions:
                raise InputError(
                    f"monotone has {column!r:.60}, which is no column of the inputs: name one, "
                    f"such as {titles[0]!r:.60}"
                )
            directions[column] = int(way)
        return tuple(directions.values())
    for text in (part for whole in given for part in _signed(whole, titles)):
        title, _, sign = text.rpartition("=")
        if sign not in ("+", "-") or title not in directions:
            raise InputError(
                f"--monotone {text!r:.60} names no column with a sign: write for example "
                f"{titles[0]}=+"
            )
        directions[title] = 1 if sign == "+" else -1
    return tuple(directions.values())


def _signed(text: str, titles: Sequence[str]) -> list[str]:
    """Columns with signs that commas part; a column may have a comma in its name."""
    whole = text.strip()
    if whole.rpartition("=")[0] in titles:
        return [whole]
    return [part.strip() for part in text.split(",")]


def _formula(
    opened: OpenedTable, decimal: str | None, options: FormulaOptions, name: str, strict: bool
) -> Any:
    from .data.tables import number_table
    from .forms.formula.table import TableTask

    numbers = number_table(opened, decimal)
    return TableTask(
        name,
        numbers,
        options.engine,
        budget=options.budget,
        teacher=options.teacher,
        strict=strict,
    )


def fit(
    table: Path | str,
    target: str | Sequence[str],
    *,
    form: str = "auto",
    ordered: Sequence[Any] | None = None,
    monotone: Mapping[str, int] | None = None,
    max_complexity: int | None = None,
    max_conditions: int | None = None,
    class_weight: str | Mapping[Any, float] | None = None,
    drop: str | Sequence[str] = (),
    features: str | Sequence[str] = (),
    dates: str | Sequence[str] = (),
    name: str | None = None,
    strict: bool = False,
    seed: int = 0,
    n_jobs: int | None = 1,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Result | dict[str, Result]:
    """Read rules or a formula from a CSV file, as the command ``deepdistill fit`` does.

    ``target`` is the title of the column to compute; of several titles there is a result for each,
    by title, and none of them is an input. ``form`` is ``auto``, ``rules`` or ``formula``;
    ``ordered`` lists the labels in their order, ``monotone`` maps columns to 1 or -1;
    ``class_weight`` is None, ``balanced`` or a mapping from labels to weights, 1 for others;
    columns of ``dates`` are read as year, month, weekday and days. Names of columns are taken as
    they are. Raises :class:`InputError` for unusable input, and :class:`CutOff` where nothing was
    found in time.
    """
    from .data.running import Run
    from .run import carry_out

    if not isinstance(table, str | PathLike):
        raise InputError(
            f"the table is a value of the type {type(table).__name__}, and dd.fit reads a CSV "
            "file: give its path, or fit DistilledClassifier or DistilledRegressor to a data frame"
        )
    targets = _names("target", target)
    if len(set(targets)) < len(targets) or not targets:
        wrong = "names a column twice" if targets else "names no column"
        raise InputError(f"target {wrong}: give the title of a column, or of several")
    file = FileOptions(
        Path(table),
        targets[0],
        _names("drop", drop),
        _names("features", features),
        encoding=None,
        decimal=None,
        groups=None,
        time_column=None,
        dates=_names("dates", dates),
        exact=True,
    )
    options = RuleOptions(
        _signs(monotone),
        max_complexity,
        max_conditions,
        _weighting(class_weight),
        None if ordered is None else _listed("ordered", ordered),
    )
    formula = FormulaOptions("auto", 1.0, "none")
    tasks = fitting_tasks(file, options, formula, form, name, strict, targets)
    results = [carry_out(task, Run(seed, progress, n_jobs, time_limit)) for task in tasks]
    return results[0] if isinstance(target, str) else dict(zip(targets, results, strict=True))


def _listed(what: str, given: Any) -> list[Any]:
    """What was given one after another; a text is one of them."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, Mapping) or not hasattr(given, "__iter__"):
        raise InputError(f"{what} is {on_one_line(f'{given!r:.60}')}: give a list")
    return list(given)


def _names(what: str, given: Any) -> list[str]:
    """Titles of columns; :class:`InputError` for what is none."""
    names = _listed(what, given)
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{what} has {name!r:.60}: give titles of columns, which are texts")
    return names


def _signs(monotone: Any) -> Mapping[str, int]:
    """Columns with 1 or -1."""
    if monotone is None:
        return {}
    if not isinstance(monotone, Mapping):
        given = on_one_line(f"{monotone!r:.60}")
        raise InputError(f"monotone is {given}: give a mapping from columns to 1 or -1")
    for sign in monotone.values():
        if not isinstance(sign, Real) or sign not in (1, -1):
            given = on_one_line(f"{sign!r:.20}")
            raise InputError(f"monotone has {given}: give 1 or -1 for a column")
    return monotone


def _weighting(class_weight: Any) -> str | Mapping[Any, float]:
    """How the classes count."""
    if class_weight is None:
        return "none"
    named = isinstance(class_weight, str) and class_weight in ("none", "balanced")
    if not named and not isinstance(class_weight, Mapping):
        given = on_one_line(f"{class_weight!r:.40}")
        raise InputError(f"class_weight is {given}: give None, 'balanced' or a mapping")
    weights: str | Mapping[Any, float] = class_weight
    return weights
