"""The whole story on one screen: problem → network → program → source → certificate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__, catalogue
from .ir.program import Program
from .problem import Examples, Problem

if TYPE_CHECKING:
    from .network.fit import Attempt
    from .network.network import Network
    from .verify.certificate import Certificate

Progress = Callable[[str, str], None]
"""Called with the name of a stage and what it is doing."""

STAGES = ("train", "condense", "shorten", "render", "verify")


@dataclass(frozen=True, eq=False)
class Result:
    """A distilled problem: the solver, what it came from and what was checked.

    ``code`` and ``test_code`` are the sources of the solver module and of its property test,
    ``attempts`` what the trainer tried, ``seconds`` the time each stage took.
    """

    problem: Problem
    network: Network
    program: Program
    code: str
    test_code: str
    certificate: Certificate
    attempts: tuple[Attempt, ...]
    seconds: dict[str, float]

    @property
    def name(self) -> str:
        return self.problem.name

    @cached_property
    def solve(self) -> Callable[..., Any]:
        """The solver, loaded from its source."""
        from .verify.recheck import load_solver

        return load_solver(self.code.encode(), self.name)

    def files(self) -> dict[str, bytes]:
        """What :meth:`save` writes, by file name."""
        from .weights import network_bytes

        return {
            "solver.py": self.code.encode(),
            "test_solver.py": self.test_code.encode(),
            "network.npz": network_bytes(self.network),
            "certificate.json": self.certificate.text().encode(),
        }

    def save(self, folder: Path | str) -> Path:
        """Write ``folder/<name>/``, whole or not at all; return that path."""
        from .folder import write_folder

        return write_folder(Path(folder) / self.name, self.files())

    def __repr__(self) -> str:
        state = "certified" if self.certificate.ok else "FAILED"
        return f"<deepdistill result {self.name!r}: {state}, {len(self.code.splitlines())} lines>"


def distill(problem: Problem | str, seed: int = 0, progress: Progress | None = None) -> Result:
    """Learn a problem and write it as a program.

    ``problem`` is the name of a built-in problem or a :class:`Problem`. Raises
    :class:`InputError` for unusable input. A result whose network is not exact or whose program
    is refuted is returned all the same: look at ``result.certificate.ok``.
    """
    from .condense.lift import lift
    from .network.fit import fit
    from .passes.shorten import shorten
    from .render import Provenance, solver, solver_test
    from .verify.judge import certify
    from .verify.recheck import load_solver
    from .weights import network_bytes

    if isinstance(problem, str):
        problem = catalogue.find(problem)
    seconds: dict[str, float] = {}
    say = progress or (lambda stage, text: None)

    with timed("train", seconds, say):
        fitted = fit(problem, seed, lambda text: say("train", text))
    with timed("condense", seconds, say):
        lifted = lift(fitted.network, problem.name)
    with timed("shorten", seconds, say):
        program = shorten(lifted)
    with timed("render", seconds, say):
        training, held_out = problem.examples(seed)
        learned_from = _learned_from(training, held_out)
        shape = training[0].output.shape[1:]
        provenance = Provenance(learned_from, (), _recorded(held_out), shape, __version__)
        draft = solver(program, provenance)
    with timed("verify", seconds, say):
        certificate = certify(
            problem,
            fitted.network,
            program,
            load_solver(draft.encode(), problem.name),
            seed,
            network_exact=fitted.exact,
        )
    with timed("render", seconds, say):  # once more, now that it is known what was checked
        checked = tuple(certificate.sentences())
        provenance = Provenance(learned_from, checked, provenance.examples, shape, __version__)
        code = solver(program, provenance)
        test_code = solver_test(program, provenance, fitted.network.radius)
    sealed = certificate.sealed(
        {"solver.py": code.encode(), "network.npz": network_bytes(fitted.network)}
    )
    return Result(
        problem, fitted.network, program, code, test_code, sealed, fitted.attempts, seconds
    )


@contextmanager
def timed(stage: str, seconds: dict[str, float], say: Progress) -> Iterator[None]:
    say(stage, "")
    start = time.perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start


def _learned_from(training: tuple[Examples, ...], held_out: tuple[Examples, ...]) -> str:
    parts = []
    for group in training:
        shape = group.output.shape[1:]
        unit = "grids" if len(shape) > 1 else "rows"
        parts.append(f"{len(group)} {unit} of {' x '.join(map(str, shape))} cells")
    return f"{' and '.join(parts)} ({sum(map(len, held_out))} more held out)"


_MOST_CELLS_RECORDED = 400


def _recorded(held_out: tuple[Examples, ...]) -> tuple[tuple[tuple[Any, ...], Any], ...]:
    """A few held-out pairs as nested lists, for the test that lands beside the solver."""
    pairs: list[tuple[tuple[Any, ...], Any]] = []
    for group in held_out:
        cells = sum(array[0].size for array in (*group.inputs, group.output))
        for k in range(min(2, len(group), _MOST_CELLS_RECORDED // max(1, cells))):
            pairs.append((tuple(a[k].tolist() for a in group.inputs), group.output[k].tolist()))
    return tuple(pairs)
