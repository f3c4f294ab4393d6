"""What scikit-learn estimators of rules share: their parameters, their rows, what they tell."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from ..data.problem import InputError
from ..data.running import Run
from ..forms import form_of_network, form_of_task
from ..forms.protocol import Trained
from ..forms.rules.lift import lift_rules
from ..forms.rules.paths import ReadRule, read_rules
from ..ir.names import on_one_line
from ..ir.types import PLAIN_LAYOUT
from ..result import Result
from ..run import written
from .columns import framed, seed_of, titles_of
from .encoding import codes_of, dates_of, encoded

_Model = TypeVar("_Model", bound="RuleEstimator")


class ReadRules(str):
    """The function that the rules are, as text; ``rules`` are the same as data."""

    rules: tuple[ReadRule, ...]

    def __new__(cls, text: str, rules: tuple[ReadRule, ...] = ()) -> ReadRules:
        made = super().__new__(cls, text)
        made.rules = rules
        return made

    def __reduce__(self) -> Any:
        return ReadRules, (str(self), self.rules)


class RuleEstimator(BaseEstimator):  # type: ignore[misc]
    """Rules of columns; a subclass says how they are learned and what their ends are."""

    max_complexity: int | None
    monotone: Mapping[str, int] | None
    random_state: Any
    n_jobs: int | None
    time_limit: float | None
    verbose: int
    handle_unknown: str

    task_: Any
    trained_: Trained
    network_: Any
    result_: Result | None

    def _checked(self, X: Any, y: Any, **checks: Any) -> tuple[Any, Any]:
        """Rows and answers as scikit-learn wants them; a data frame stays one."""
        X = framed(X)
        if hasattr(X, "columns"):
            validate_data(self, X, y, skip_check_array=True)
            check_consistent_length(X, y)
            y = column_or_1d(np.asarray(y), warn=True)
        else:
            X, y = validate_data(
                self,
                X,
                y,
                dtype=None,
                ensure_all_finite="allow-nan",
                ensure_min_samples=2,
                **checks,
            )
        self.codes_ = codes_of(X, titles_of(self))
        return X, y

    def _run(self) -> Run:
        progress = (lambda stage, detail: print(f"{stage}: {detail}")) if self.verbose else None
        jobs = 1 if self.n_jobs is None else self.n_jobs
        return Run(seed_of(self.random_state), progress, jobs, self.time_limit)

    def _open(self) -> bool:
        """Whether texts that were never seen are answered as none of those that were."""
        if self.handle_unknown not in ("error", "ignore"):
            raise InputError(
                f"handle_unknown is {self.handle_unknown!r:.40}: give 'error' or 'ignore'"
            )
        return self.handle_unknown == "ignore"

    def _sample_weights(self, X: Any, count: int, sample_weight: Any) -> Any:
        if sample_weight is None:
            return np.ones(count)
        weights = np.asarray(_check_sample_weight(sample_weight, X, dtype=np.float64))
        if not (weights >= 0).all() or not (weights > 0).any():
            raise InputError("the weights of rows are numbers from 0 on, and not all of them are 0")
        return weights

    def _directions(self) -> tuple[int, ...]:
        if self.monotone is None:
            return ()
        if not isinstance(self.monotone, Mapping):
            given = on_one_line(f"{self.monotone!r:.60}")
            raise InputError(f"monotone is {given}: give a mapping from columns to 1 or -1")
        if not self.monotone:
            return ()
        titles = [code.title for code in self.codes_]
        for title, sign in self.monotone.items():
            if title not in titles or not isinstance(sign, Real) or sign not in (-1, 0, 1):
                raise InputError(f"monotone {title!r:.40}: {sign!r:.20} is no column with 1 or -1")
        return tuple(int(self.monotone.get(title, 0)) for title in titles)

    def _of_dates(self) -> dict[str, Any]:
        """What a table knows besides its columns: those that were made of dates."""
        dates = dates_of(self.codes_)
        others = tuple(dict.fromkeys(source for _, source, _ in dates))
        return {"others": others, "layout": replace(PLAIN_LAYOUT, dates=dates)}

    def _encoded(self, X: Any) -> Any:
        x = encoded(self.codes_, X)
        if np.isinf(x).any():
            raise ValueError("X holds infinity: make such values missing, or remove their rows")
        return x

    def _rows(self, X: Any) -> Any:
        """The rows of the network's inputs."""
        check_is_fitted(self)
        X = framed(X)
        if hasattr(X, "columns"):
            validate_data(self, X, reset=False, skip_check_array=True)
        else:
            X = validate_data(self, X, dtype=None, ensure_all_finite="allow-nan", reset=False)
        x = self._encoded(X)
        titles = [code.title for code in self.codes_]
        return self._answered(x[:, [titles.index(scalar.title) for scalar in self.network_.inputs]])

    def _answered(self, x: Any) -> Any:
        """The rows of the network's inputs (rows, inputs), where each value is one it knows."""
        for scalar, values in zip(self.network_.inputs, x.T, strict=True):
            unseen = bool(scalar.levels) and not scalar.open
            for bad, words in (
                (np.isnan(values) & (not scalar.optional), "no value in"),
                ((values < 0) & unseen, "a text that was never seen in"),
            ):
                if bad.any():
                    row = int(np.flatnonzero(bad)[0])
                    more = "" if words.startswith("no") else " (see handle_unknown)"
                    raise InputError(
                        f"row {row} has {words} the column {scalar.title!r:.60}: the rules have "
                        f"learned from no such row{more}"
                    )
        return x

    def _row(self, x: Any) -> list[float]:
        """One row, by column, in order, or as a table of one; what the network reads of it."""
        if not hasattr(x, "columns") and hasattr(x, "keys"):
            known = {str(key): x[key] for key in x.keys()}  # noqa: SIM118  a pandas row, too
            if missing := [c.source for c in self.codes_ if c.source not in known]:
                raise InputError(f"the row has no value for the column {missing[0]!r:.60}")
            cells = {code.title: code.values([known[code.source]])[0] for code in self.codes_}
            row = np.array([[float(cells[scalar.title]) for scalar in self.network_.inputs]])
            return list(map(float, self._answered(row)[0]))
        rows = x if hasattr(x, "columns") or np.ndim(x) == 2 else np.asarray(x, dtype=object)[None]
        found_rows = self._rows(rows)
        if len(found_rows) != 1:
            raise InputError(f"give one row to explain, not {len(found_rows)}")
        return list(map(float, found_rows[0]))

    def choose(self: _Model, complexity: int) -> _Model:
        """Take the best rules that are no larger; they are judged anew."""
        check_is_fitted(self)
        form = form_of_task(self.task_)
        self.trained_ = form.chosen(self.task_, self.trained_, self._run(), int(complexity))
        self.network_, self.result_ = self.trained_.network, None
        return self

    # ---- what it tells

    @property
    def fitted_(self) -> Result:
        """The rules as a result: solver, certificate, report; made when it is asked for first."""
        check_is_fitted(self)
        if self.result_ is None:
            run = self._run()
            run.cut_off = self.cut_off_  # which the certificate tells
            self.result_ = written(self.task_, self.trained_, run)
        return self.result_

    @property
    def code_(self) -> str:
        """The source of the solver module."""
        return self.fitted_.code

    @property
    def certificate_(self) -> Any:
        return self.fitted_.certificate

    @property
    def front_(self) -> list[dict[str, Any]]:
        """The rules that could be chosen: a dict of complexity, loss, error and source for each."""
        check_is_fitted(self)
        return form_of_task(self.task_).front_rows(self.trained_)

    @property
    def rules_(self) -> ReadRules:
        """The rules as the function that gives the answer; its ``rules`` are the same as data."""
        check_is_fitted(self)
        program = lift_rules(self.network_, self.network_.output.name)
        return ReadRules(form_of_network(self.network_).text(program), read_rules(self.network_))

    def explain(self, x: Any) -> Any:
        """The path that one row takes, each condition with its outcome, and the rows behind it."""
        check_is_fitted(self)
        row = self._row(x)
        given = [s.written(value) for s, value in zip(self.network_.inputs, row, strict=True)]
        return self.fitted_.explain(*given)

    def save(self, folder: Path | str) -> Path:
        """Write the solver, its test, the rules and the certificate to a folder."""
        return self.fitted_.save(folder)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def _repr_html_(self) -> str:
        if not hasattr(self, "network_"):
            return f"<pre>{html.escape(repr(self))}</pre>"
        return rules_html([self.rules_])


def rules_html(functions: Sequence[ReadRules]) -> str:
    """Functions of rules with the rows behind each end, as a page shows them."""
    parts = []
    for one in functions:
        rows = "".join(
            f"<tr><td>{html.escape(' and '.join(rule.conditions) or 'always')}</td>"
            f"<td>{html.escape(repr(rule.answer))}</td>"
            f"<td>{rule.share}</td>"
            f"<td>{rule.learned}</td></tr>"
            for rule in one.rules
        )
        head = "<tr><th>where</th><th>answer</th><th>probability</th><th>rows</th></tr>"
        parts.append(f"<pre>{html.escape(one)}</pre><table>{head}{rows}</table>")
    return "\n".join(parts)
