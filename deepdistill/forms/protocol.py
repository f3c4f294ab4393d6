"""What a form of problem is: who trains, lifts, shortens, writes, judges, proves and draws it.

A form is one folder under ``forms`` whose ``form.py`` has an object ``FORM``, and one line in the
registry. Its methods import what they need when they run, so that a form costs nothing where it is
not needed. What most forms share is written here once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from numpy.typing import NDArray

from ..data.problem import Examples, InputError
from ..data.running import Run
from ..ir.program import Formula, Program

if TYPE_CHECKING:
    from ..drawing.parts import Figure, Notation, Part
    from ..explain.trace import At, Explanation
    from ..target.source import Provenance
    from ..verify.certificate import Certificate
    from ..verify.proof import Proofs
    from .subject import Subject

Solve: TypeAlias = Callable[..., Any]
Files: TypeAlias = Mapping[str, bytes]
Arrays: TypeAlias = dict[str, NDArray[Any]]


class Task(Protocol):
    """What was handed over: a :class:`Problem`, a table, a network from elsewhere."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A network, whether it is exact on all examples, and what only its trainer knows.

    ``attempts`` is what was tried; ``front`` holds sizes and errors of what could have been chosen,
    ``trials`` what is known of teachers (strength, teacher's and student's R2); ``notes`` are told
    to the user; ``details`` is what the form's own later stages need.
    """

    network: Any
    exact: bool = True
    attempts: tuple[Any, ...] = ()
    front: tuple[tuple[int, float], ...] = ()
    trials: tuple[tuple[float, float, float], ...] = ()
    notes: tuple[str, ...] = ()
    details: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """A program that computes what a network computes, and what its writer needs besides."""

    program: Any
    details: Any = None


class Form(Protocol):
    """One form of problem. A subclass gives the names and the methods that have no body here.

    ``title`` heads its results in a gallery; ``kinds`` are the kinds of network that its files
    name; ``learned`` are the functions of its solvers that were learned, where a driver stands
    around them.
    """

    name: str
    title: str
    kinds: tuple[str, ...] = ()
    learned: tuple[str, ...] = ()

    # ---- what it is for

    def networks(self) -> tuple[type, ...]:
        """The classes of its networks."""
        ...

    def accepts(self, task: Task) -> bool:
        """Whether a problem, or whatever was handed over, is of this form."""
        ...

    def describe(self, task: Any, group: Examples) -> str:
        """What a group of training examples is, in words: ``300 lists of 6 numbers``."""
        ...

    # ---- from examples to source

    def train(self, task: Any, run: Run) -> Trained:
        """The network of a task. Raises :class:`InputError` for one that cannot be learned."""
        ...

    def lifts(self, trained: Trained, task: Any) -> Sequence[Callable[[], Lifted]]:
        """Ways to lift a network, best first: the first whose program is not refuted is taken."""
        ...

    def shorten(self, lifted: Lifted) -> Lifted:
        """The same with a program that is shorter."""
        ...

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        """The source of the solver module."""
        ...

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        """The source of the test that lands beside the solver."""
        ...

    # ---- evidence

    def judge(
        self,
        task: Any,
        trained: Trained,
        lifted: Lifted | None,
        solve: Solve,
        seed: int,
        *,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> Certificate:
        """What the solver was compared with: the network, and the program where there is one.

        ``before`` is its certificate where it is judged again, ``examples`` how many inputs to draw.
        """
        ...

    def prove(self, task: Any, network: Any, program: Any) -> Proofs:
        """What could be proved; nothing where no argument is known for the form."""
        from ..verify.proof import Proofs

        return Proofs()

    # ---- files

    def encode(self, network: Any) -> dict[str, bytes]:
        """The files of a network, by name."""
        ...

    def decode(self, spec: Any, arrays: Arrays) -> Any:
        """A network from the contents of its archive, every value checked."""
        ...

    def restore(self, network: Any, files: Files) -> Any:
        """The network of a result, where further files belong to it."""
        return network

    def task_of(self, certificate: Certificate, network: Any) -> Any:
        """What was handed over, as far as a certificate and a network tell."""
        ...

    def resized(self, task: Any, network: Any, size: int) -> Any:
        """The task, judged at another size; :class:`InputError` where it has but one."""
        raise InputError(f"{self.title} have one size: leave out --size")

    # ---- for people

    def explain(
        self, network: Any, program: Program | Formula, solve: Solve, given: Sequence[Any], at: At
    ) -> Explanation:
        """Why the solver answers as it does for arguments that it takes."""
        ...

    def picture(self, network: Any) -> Figure | Notation | None:
        """The network as a drawing with a sentence beneath it, or a formula as its notation."""
        return None

    def scenes(self, subject: Subject) -> list[Part]:
        """The solver at work on a few inputs."""
        return []

    def quality(self, subject: Subject) -> list[Part]:
        """How good the solver is, in charts and tables."""
        return []
