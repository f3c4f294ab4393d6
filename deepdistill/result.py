"""A result: the solver, what it came from, what was checked, and the folder that holds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .forms import form_of_network
from .forms.files import certified_network
from .forms.protocol import Form, Trained

if TYPE_CHECKING:
    from .data.running import Run
    from .explain import Explanation
    from .explain.trace import At
    from .question import OpenQuestion
    from .verify.certificate import Certificate


DISAGREEING = "disagreeing.json"
"""The file of given labels that a solver answers otherwise; only where there are some."""


@dataclass(frozen=True, eq=False)
class Result:
    """A solver with its test, its certificate and its report.

    ``task`` is what was handed over: a problem, a table or a network; ``trained`` the network that
    the ``program`` was lifted from, with what its trainer tried. ``code`` and ``test_code`` are the
    sources of the solver module and of its property test, ``seconds`` what each stage took.
    ``cut_off`` says why the search ended before it was done; empty where it was not. ``seed`` is
    what the rows were split by, ``written`` what makes a result of something else that was trained.
    """

    task: Any
    trained: Trained
    program: Any
    code: str
    test_code: str
    certificate: Certificate
    seconds: Mapping[str, float] = field(default_factory=dict)
    cut_off: str = ""
    seed: int = 0
    written: Callable[[Any, Trained, Run], Result] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.certificate.problem

    @property
    def form(self) -> Form:
        """The form of problem that it is."""
        return form_of_network(self.network)

    @property
    def problem(self) -> Any:
        """What was handed over."""
        return self.task

    @property
    def network(self) -> Any:
        """What was trained; of a table its formula with the rows that judge it."""
        return self.trained.network

    @property
    def attempts(self) -> tuple[Any, ...]:
        """What the trainer tried, in words when printed."""
        return self.trained.attempts

    @property
    def details(self) -> Any:
        """What only the form itself knows of its training; None where it was loaded."""
        return self.trained.details

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the training."""
        return self.trained.notes

    @property
    def front(self) -> tuple[Any, ...]:
        """Of a table: the formulas that could have been chosen, each with its size and error."""
        return () if self.details is None else tuple(self.details.front)

    def table(self) -> list[dict[str, Any]]:
        """The front as rows, simplest first: complexity, loss and text of what could be chosen.

        ``pandas.DataFrame(result.table())`` shows it. Empty where there is no front.
        """
        return self.form.front_rows(self.trained)

    def choose(self, complexity: int) -> Result:
        """The result with the best of the front that is no larger, certified anew.

        Complexities are those of :meth:`table`. Raises :class:`InputError` where nothing is that
        small, where there is no front, and for a result that was loaded: its front was not saved.
        """
        from .data.problem import InputError
        from .data.running import Run

        if self.details is None or self.written is None:
            raise InputError("a loaded result has no front to choose from: distill it again")
        run = Run(self.seed)
        trained = self.form.chosen(self.task, self.trained, run, complexity)
        return self.written(self.task, trained, run)

    @property
    def teaching(self) -> Any:
        """Of a table that was searched with a teacher: what the teacher was worth."""
        return getattr(self.details, "teaching", None)

    @property
    def text(self) -> str:
        """The program in few words: of a table the formula as one line of Python."""
        return self.form.text(self.program)

    @cached_property
    def solve(self) -> Callable[..., Any]:
        """The solver, loaded from its source: one argument for each input, nested lists or arrays.

        It raises ``ValueError`` with a sentence for inputs that it is not for.
        """
        from .verify.solver import load_solver

        return load_solver(self.code.encode(), self.name)

    @cached_property
    def report(self) -> str:
        """The report: one self-contained HTML page."""
        from .data.record import Record
        from .report import page, subject

        record = Record(tuple(map(str, self.attempts)), self.trained.front, self.trained.trials)
        return page(subject(self.certified_files(), record, lambda: self.program, self.task))

    def explain(self, *inputs: Any, at: At = None) -> Explanation:
        """Why the solver answers as it does: named values and the rule that fired, for one output.

        ``inputs`` are the arguments of :attr:`solve`, or one list or mapping of all of them where
        there are several; ``at`` names an element of the answer, an index for each of its axes (of
        a clause solver: the variable). Print the result, or take it as data with ``as_json()``.
        Raises :class:`InputError` for unusable inputs.
        """
        return self.form.explain(self.network, self.program, self.solve, inputs, at)

    def question(self) -> OpenQuestion:
        """The example worth asking for: an input on which two programs that fit all pairs differ.

        Inputs are drawn like those shown, smallest first. What comes back is false where the
        programs that were found agree on all of them, and tells in words what was tried. Raises
        :class:`InputError` for a result that is not from pairs of any lengths, or was loaded.
        """
        from .question import question_of

        return question_of(self.trained, self.seed)

    def certified_files(self) -> dict[str, bytes]:
        """The solver, what it was made of and the certificate, by file name."""
        return {
            "solver.py": self.code.encode(),
            **certified_network(self.task, self.network, self.certificate),
            "certificate.json": self.certificate.text().encode(),
        }

    def disagreeing(self) -> list[dict[str, Any]]:
        """The given labels that the solver answers otherwise: pair, place, label and answer.

        Of a result that was loaded the first of them; none of one that must not quote examples.
        """
        evidence = self.certificate.correct.evidence
        noise = None if evidence is None else evidence.noise
        return [] if noise is None else list(noise.get("examples", ()))

    def files(self) -> dict[str, bytes]:
        """What :meth:`save` writes, by file name."""
        named = json.dumps(self.disagreeing(), indent=1).encode()
        return {
            **self.certified_files(),
            **({DISAGREEING: named + b"\n"} if self.disagreeing() else {}),
            "test_solver.py": self.test_code.encode(),
            "report.html": self.report.encode(),
        }

    def export(self, target: str) -> str:
        """The text of the solver in another target: ``"numpy"``, arrays in and out.

        It was compared with :attr:`solve` on drawn inputs, sizes 1 and 2 among them. Nothing is
        written: :meth:`save` does that. Raises :class:`InputError` for a target that there is not,
        or that has no words for this program.
        """
        from .exporting import export_text

        return export_text(self, target)

    def save(self, folder: Path | str, export: Sequence[str] = ()) -> Path:
        """Write ``folder/<name>/``, whole or not at all; return that path.

        The solver is also written in the targets ``export``; files of other targets that lie there
        from an earlier solver go. Raises :class:`InputError` where the folder cannot be written or
        a target has no words for the program.
        """
        from .data.folders import write_folder
        from .exporting import export_files, exported_files

        files = {**self.files(), **export_files(self, export)}
        return write_folder(Path(folder) / self.name, files, (*exported_files(), DISAGREEING))

    def __getstate__(self) -> dict[str, Any]:
        """For pickling: the loaded solver stays behind, its source goes along."""
        return {name: value for name, value in self.__dict__.items() if name != "solve"}

    def __repr__(self) -> str:
        state = f"correct: {self.certificate.correct.status}" if self.certificate.ok else "FAILED"
        return f"<deepdistill result {self.name!r}: {state}, {len(self.code.splitlines())} lines>"

    def _repr_html_(self) -> str:
        from .report import page_in_frame

        return page_in_frame(self.report, self.name)
