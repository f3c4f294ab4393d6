"""What ``deepdistill fit`` is to do: rules where the target names classes, else a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ir.errors import InputError
from .ir.names import identifier

if TYPE_CHECKING:
    from .data.opened import OpenedTable


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

    def opened(self) -> OpenedTable:
        """The columns that a search is to see."""
        from .data.opened import open_table

        known = (self.path, self.target, self.drop, self.features, self.encoding)
        return open_table(*known, self.groups, self.time_column)


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What rules are to be like; ``monotone`` holds texts such as ``age=+``."""

    monotone: Sequence[str]
    complexity: int | None
    conditions: int | None
    balanced: bool

    @property
    def given(self) -> bool:
        return bool(self.monotone or self.complexity or self.conditions or self.balanced)


@dataclass(frozen=True, slots=True)
class FormulaOptions:
    """How a formula is searched for."""

    engine: str
    budget: float
    teacher: str

    @property
    def given(self) -> bool:
        return (self.engine, self.budget, self.teacher) != ("auto", 1.0, "none")


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
            "--monotone, --max-complexity, --max-conditions and --class-weight are for rules: give "
            "--form rules, or leave them out"
        )
    return _formula(opened or file.opened(), file.decimal, formula, called, strict)


def _rules(
    opened: OpenedTable, decimal: str | None, options: RuleOptions, name: str, strict: bool
) -> Any:
    from .data.labelled import labelled
    from .forms.rules.table import LabelledTask

    table = labelled(opened, decimal)
    said = (
        f"{table.target!r:.40} names {len(table.labels)} classes, so these are rules; --form "
        "formula searches a formula of numbers"
    )
    titles = [column.title for column in table.columns]
    return LabelledTask(
        name,
        replace(table, notes=(said, *table.notes)),
        strict,
        options.complexity,
        options.conditions,
        options.balanced,
        _directions(options.monotone, titles),
    )


def _directions(texts: Sequence[str], titles: Sequence[str]) -> tuple[int, ...]:
    """``age=+`` as 1, ``age=-`` as -1 for each column; () where none is named."""
    if not texts:
        return ()
    found = dict.fromkeys(titles, 0)
    for text in (part.strip() for given in texts for part in given.split(",")):
        title, _, sign = text.rpartition("=")
        if sign not in ("+", "-") or title not in found:
            raise InputError(
                f"--monotone {text!r:.60} names no column with a sign: write for example "
                f"{titles[0]}=+"
            )
        found[title] = 1 if sign == "+" else -1
    return tuple(found.values())


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
