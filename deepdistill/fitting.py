"""What ``deepdistill fit`` is to do: rules where the target names classes, else a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .ir.errors import InputError
from .ir.names import identifier


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
    from .data.opened import open_table

    called = identifier(file.path.stem if name is None else name)
    if form == "auto":
        form = "formula" if formula.given else "rules" if rules.given else ""
    if not form:
        opened = open_table(file.path, file.target, file.drop, file.features, file.encoding)
        form = "rules" if has_labels(opened) else "formula"
    if form == "rules":
        if formula.given:
            raise InputError("--engine, --budget and --teacher are for formulas, not for rules")
        return _rules(file, rules, called, strict)
    if rules.given:
        raise InputError(
            "--monotone, --max-complexity, --max-conditions and --class-weight are for rules: give "
            "--form rules, or leave them out"
        )
    return _formula(file, formula, called, strict)


def _rules(file: FileOptions, options: RuleOptions, name: str, strict: bool) -> Any:
    from .data.labelled import read_labelled
    from .forms.rules.table import LabelledTask

    table = read_labelled(
        file.path,
        file.target,
        file.drop,
        file.features,
        file.encoding,
        file.decimal,
        file.groups,
        file.time_column,
    )
    said = (
        f"{file.target!r:.40} names {len(table.labels)} classes, so these are rules; --form "
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


def _formula(file: FileOptions, options: FormulaOptions, name: str, strict: bool) -> Any:
    from .data.tables import read_table
    from .forms.formula.table import TableTask

    numbers = read_table(
        file.path,
        file.target,
        file.drop,
        file.features,
        file.encoding,
        file.decimal,
        file.groups,
        file.time_column,
    )
    return TableTask(
        name,
        numbers,
        options.engine,
        budget=options.budget,
        teacher=options.teacher,
        strict=strict,
    )
