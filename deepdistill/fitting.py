"""What ``deepdistill fit`` is to do: rules where the target names classes, else a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ir.errors import InputError
from .ir.names import identifier

if TYPE_CHECKING:
    from .data.opened import OpenedTable
    from .data.running import Progress
    from .result import Result


@dataclass(frozen=True, slots=True)
class FileOptions:
    """A file and how it is read; see :func:`deepdistill.data.tables.read_table`."""

    path: Path
    target: str
    drop: Sequence[str]
    features: Sequence[str]
    encoding: str | None
    decimal: str | None
    groups: str | None
    time_column: str | None
    dates: Sequence[str] = ()

    def opened(self) -> OpenedTable:
        """The columns that a search is to see."""
        from .data.opened import open_table

        known = (self.path, self.target, self.drop, self.features, self.encoding)
        return open_table(*known, self.groups, self.time_column, self.dates)


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What rules are to be like.

    ``monotone`` holds texts such as ``age=+``, ``ordered`` labels in their order, such as
    ``low,mid,high``; ``class_weight`` is ``none`` or ``balanced``.
    """

    monotone: Sequence[str] = ()
    max_complexity: int | None = None
    max_conditions: int | None = None
    class_weight: str = "none"
    ordered: str | None = None

    @property
    def balanced(self) -> bool:
        return self.class_weight == "balanced"

    @property
    def given(self) -> bool:
        limits = self.max_complexity or self.max_conditions
        return bool(self.monotone or limits or self.balanced or self.ordered is not None)


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
) -> list[Any]:
    """A task for each target of a file; none of them is an input of another one."""
    targets = _targets(file)
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
    from .data.labelled import labelled, names_classes
    from .forms.rules.table import LabelledTask

    if options.ordered is None and not names_classes(opened):
        return _steps(opened, decimal, options, name, strict)
    order = None if options.ordered is None else options.ordered.split(",")
    table = labelled(opened, decimal, order)
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
    if options.balanced:
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


def _directions(texts: Sequence[str], titles: Sequence[str]) -> tuple[int, ...]:
    """``age=+`` as 1, ``age=-`` as -1 for each column; () where none is named."""
    if not texts:
        return ()
    directions = dict.fromkeys(titles, 0)
    for text in (part.strip() for given in texts for part in given.split(",")):
        title, _, sign = text.rpartition("=")
        if sign not in ("+", "-") or title not in directions:
            raise InputError(
                f"--monotone {text!r:.60} names no column with a sign: write for example "
                f"{titles[0]}=+"
            )
        directions[title] = 1 if sign == "+" else -1
    return tuple(directions.values())


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
    class_weight: str | None = None,
    drop: Sequence[str] = (),
    features: Sequence[str] = (),
    dates: Sequence[str] = (),
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
    ``ordered`` lists the labels in their order, ``monotone`` maps columns to 1 or -1; columns of
    ``dates`` are read as year, month, weekday and days. Raises :class:`InputError` for unusable
    input, and :class:`CutOff` where nothing was found in time.
    """
    from .data.running import Run
    from .run import carry_out

    signs = {1: "+", -1: "-"}
    if unknown := [sign for sign in (monotone or {}).values() if sign not in signs]:
        raise InputError(f"monotone has {unknown[0]!r:.20}: give 1 or -1 for a column")
    options = RuleOptions(
        [f"{title}={signs[sign]}" for title, sign in (monotone or {}).items()],
        max_complexity,
        max_conditions,
        class_weight or "none",
        None if ordered is None else ",".join(map(str, ordered)),
    )
    targets = [target] if isinstance(target, str) else list(target)
    given = (Path(table), ",".join(targets), drop, features)
    whole = FileOptions(*given, None, None, None, None, dates)
    formula = FormulaOptions("auto", 1.0, "none")
    tasks = fitting_tasks(whole, options, formula, form, name, strict)
    results = [carry_out(task, Run(seed, progress, n_jobs, time_limit)) for task in tasks]
    return results[0] if isinstance(target, str) else dict(zip(targets, results, strict=True))
