"""What every result can do once it is certified: be run, be shown, be written to a folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .verify.certificate import Certificate


class Finished:
    """A solver with its test, its certificate and its report.

    A subclass has the names below, says in ``network_files`` what the solver was made of, and makes
    the page of ``report``.
    """

    if TYPE_CHECKING:  # not at run time, where a dataclass would take them for defaults

        @property
        def name(self) -> str: ...
        @property
        def code(self) -> str: ...
        @property
        def test_code(self) -> str: ...
        @property
        def certificate(self) -> Certificate: ...
        @property
        def report(self) -> str: ...

    def network_files(self) -> dict[str, bytes]:
        """The files that hold what the solver was made of, by name."""
        raise NotImplementedError

    @cached_property
    def solve(self) -> Callable[..., Any]:
        """The solver, loaded from its source: one argument for each input, nested lists or arrays.

        It raises ``ValueError`` with a sentence for inputs that it is not for.
        """
        from .verify.recheck import load_solver

        return load_solver(self.code.encode(), self.name)

    def certified_files(self) -> dict[str, bytes]:
        """The solver, what it was made of and the certificate, by file name."""
        return {
            "solver.py": self.code.encode(),
            **self.network_files(),
            "certificate.json": self.certificate.text().encode(),
        }

    def files(self) -> dict[str, bytes]:
        """What :meth:`save` writes, by file name."""
        return {
            **self.certified_files(),
            "test_solver.py": self.test_code.encode(),
            "report.html": self.report.encode(),
        }

    def save(self, folder: Path | str) -> Path:
        """Write ``folder/<name>/``, whole or not at all; return that path.

        Raises :class:`InputError` where the folder cannot be written.
        """
        from .data.folders import write_folder

        return write_folder(Path(folder) / self.name, self.files())

    def _repr_html_(self) -> str:
        from .report import shown_in_frame

        return shown_in_frame(self.report, self.name)
