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

from ..data.problem import Examples, InputError, Problem
from ..data.running import Run
from ..ir.spec import Stage

if TYPE_CHECKING:
    from ..drawing.parts import Figure, Notation, Part
    from ..explain.trace import At, Explanation
    from ..target.source import Provenance
    from ..verify.certificate import Certificate
    from ..verify.inputs import InputSpace
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

    ``excepted`` answers of the examples are taken for wrong labels, and the network is exact on the
    others. ``attempts`` is what was tried; ``front`` holds sizes and errors of what could have been
    chosen, ``trials`` what is known of teachers (strength, teacher's and student's R2); ``notes``
    are told to the user; ``details`` is what the form's own later stages need; ``rivals`` are the
    programs that were found for pairs of any lengths.
    """

    network: Any
    exact: bool = True
    attempts: tuple[Any, ...] = ()
    front: tuple[tuple[int, float], ...] = ()
    trials: tuple[tuple[float, float, float], ...] = ()
    notes: tuple[str, ...] = ()
    details: Any = None
    rivals: Any = None
    excepted: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """A program that computes what a network computes, and what its writer needs besides.

    ``network`` is that network where it is not the whole of the one that was trained.
    """

    program: Any
    details: Any = None
    network: Any = None


class NotLifted(Exception):
    """A way to lift a network that does not do, with the reason in words."""


class Form(Protocol):
    """One form of problem. A subclass gives the names and the methods that have no body here.

    ``title`` heads its results in a gallery; ``kinds`` are the kinds of network that its files
    name; ``learned`` are the functions of its solvers that were learned, where there is a driver
    besides, and ``place`` orders the headings of a gallery; ``quality_title`` heads what a report
    says of how good a solver is, and ``style`` is CSS for its drawings alone. Without
    ``proves_exhausted`` nothing is proved where every input was tried; with ``has_driver`` its
    solvers hold more than their programs. Its lifted programs are of a ``stage``.
    """

    name: str
    title: str
    kinds: tuple[str | None, ...] = ()
    place: int = 100
    learned: tuple[str, ...] = ()
    quality_title: str = "Accuracy against size"
    style: str = ""
    proves_exhausted: bool = True
    has_driver: bool = False
    stage: Stage = "lifted"

    # ---- what it is for

    def networks(self) -> tuple[type, ...]:
        """The classes of its networks."""
        ...

    def accepts(self, task: Task) -> bool:
        """Whether a problem, or whatever was handed over, is of this form."""
        ...

    def knows_answers(self, task: Any) -> bool:
        """Whether a task tells by itself what is right: an oracle, its families, a plain rule."""
        return isinstance(task, Problem) and bool(task.oracle or task.families or task.baseline)

    def describe(self, task: Any, group: Examples) -> str:
        """What a group of training examples is, in words: ``300 lists of 6 numbers``."""
        raise TypeError(f"{self.title} have no examples")

    # ---- from examples to source

    def train(self, task: Any, run: Run) -> Trained:
        """The network of a task. Raises :class:`InputError` for one that cannot be learned."""
        ...

    def widened(self, task: Any, trained: Trained) -> tuple[Any, Trained]:
        """The same for more inputs than were shown, where the rule itself says that it holds."""
        return task, trained

    def without_examples(self, network: Any) -> Any:
        """The same network where none of the examples that it was learned from is kept with it."""
        return network

    def chosen(self, task: Any, trained: Trained, run: Run, complexity: int) -> Trained:
        """The same search with the best of its front that is no larger.

        Raises :class:`InputError` where there is none.
        """
        raise InputError("only formulas and rules have a front to choose from")

    def front_rows(self, trained: Trained) -> list[dict[str, Any]]:
        """The front as rows of complexity, loss and more, simplest first; empty where none is."""
        return []

    def lifts(self, trained: Trained, task: Any) -> Sequence[Callable[[str], Lifted]]:
        """Ways to lift a network, best first: the first whose program is not refuted is taken.

        Each takes the reason why those before it did not do, empty where they were refuted, and
        may raise :class:`NotLifted`.
        """
        ...

    def shorten(self, lifted: Lifted) -> Lifted:
        """The same with a program that is shorter."""
        ...

    def learned_from(self, task: Any, trained: Trained, seed: int) -> str:
        """What completes "Learned from …"; empty where nothing was learned."""
        training, held_out = task.examples(seed)
        if any(task.reserved):
            training, held_out = task.given, (*task.reserved[0], *task.reserved[1])
        held = sum(map(len, held_out))
        more = f" ({held} more held out)" if held else ""
        return " and ".join(self.describe(task, group) for group in training) + more

    def training_shape(self, task: Any, seed: int) -> tuple[int, ...]:
        """A size that was learned from; empty where there are no examples."""
        training, _ = task.examples(seed)
        shape: tuple[int, ...] = training[0].shape
        return shape

    def record(
        self, task: Any, network: Any, lifted: Lifted, solve: Solve, seed: int
    ) -> tuple[tuple[tuple[Any, ...], Any], ...]:
        """A few pairs of arguments and answer for the test that lands beside the solver."""
        from .recall import recorded_pairs

        return recorded_pairs(task, seed)

    def printed(self, program: Any) -> Any:
        """What the solver does, where its steps are quicker ones than the program's."""
        return program

    def growth(self, program: Any) -> str:
        """How the solver's time grows with the sizes of its inputs; empty where nothing tells."""
        from ..ir.costs import growth
        from ..ir.program import Program

        is_known = isinstance(program, Program) and not self.has_driver
        return growth(self.printed(program)) if is_known else ""

    def render(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        """The source of the solver module."""
        ...

    def render_test(self, lifted: Lifted, provenance: Provenance, network: Any) -> str:
        """The source of the test that lands beside the solver."""
        ...

    def incomplete(self, task: Any) -> str:
        """The first column of a task's table of which values are missing; empty where none is."""
        return ""

    def sized(
        self, task: Any, network: Any, program: Any
    ) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """The smallest shape that a solver takes, and pairs of axes that must have one size."""
        return (), ()

    # ---- evidence

    def inputs(
        self,
        task: Any,
        trained: Trained,
        lifted: Lifted | None,
        seed: int,
        examples: int | None = None,
        before: Certificate | None = None,
    ) -> InputSpace:
        """What a solver is compared on, and with what; ``examples`` is how many inputs to draw.

        ``before`` is its certificate where it is judged again.
        """
        ...

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

        ``before`` is its certificate where it is judged again, ``examples`` how many inputs to
        draw.
        """
        from ..verify.judge import judge, keeping_contract

        space = self.inputs(task, trained, lifted, seed, examples, before)
        versions = None if before is None else before.versions
        certificate = judge(space, solve, network_exact=trained.exact, versions=versions)
        return keeping_contract(certificate, solve, space)

    def prove(self, task: Any, network: Any, program: Any, budget: int | None = None) -> Proofs:
        """What could be proved with a budget of work; nothing where no argument is known."""
        from ..verify.proof import Proofs

        return Proofs()

    def compare(self, certificate: Certificate, solve: Solve, twin: Solve) -> Certificate:
        """What a solver that is judged again has in common with the one that its network gives."""
        return certificate

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

    def in_codes(self, solve: Solve, network: Any) -> Solve:
        """The solver as a function of the values that the network and its program speak of."""
        return solve

    def text(self, program: Any) -> str:
        """The program in few words."""
        return str(program)

    def excerpt(self, program: Any, code: str, name: str) -> str:
        """The part of a solver that does the work, as it is shown after a run."""
        from ..drawing.highlight import main_part

        return main_part(code, self.at_work(name))

    def function_name(self, network: Any, name: str) -> str:
        """What a solver's public function is called where the result has this name."""
        return name

    def at_work(self, name: str) -> tuple[str, ...]:
        """The functions of a solver that do the work; ``_rule`` where states have symbols."""
        from ..ir.spec import QUICK

        return self.learned or (name, "_rule", *(f"_{op}" for op in sorted(QUICK)))

    def lines(self, program: Any, trained: Trained) -> list[str]:
        """What the console tells of a run before the claims."""
        return [f"tried {attempt}" for attempt in trained.attempts]

    def facts(self, network: Any) -> list[tuple[str, str]]:
        """What a run tells besides the claims: a word, and a short line on it."""
        return []

    def explain(
        self, network: Any, program: Any, solve: Solve, given: Sequence[Any], at: At
    ) -> Explanation:
        """Why the solver answers as it does.

        The arguments ``given`` are those of ``solve``, or one list or mapping of all of them where
        there are several. ``at`` names the element of the answer, an index for each of its axes.
        Raises :class:`InputError` for unusable arguments, and where the program does not give what
        the solver gives.
        """
        from ..explain import explain_program
        from ..explain.arguments import agree, answer_of, arguments_of, place_of, whole_numbers

        place = place_of(at)
        names = [port.name for port in program.inputs]
        arguments = arguments_of(given, names)
        answer = answer_of(solve, arguments)
        whole = dict(zip(names, map(whole_numbers, arguments), strict=True))
        explanation = explain_program(program, whole, place)
        if not agree(explanation.value, answer, place):
            raise InputError(
                "the program gives another answer than the solver, so it explains nothing"
            )
        return explanation

    def drawings(self) -> Any:
        """The module that draws, with ``picture``, ``scenes`` and ``quality`` where it has them."""
        return None

    def picture(self, network: Any) -> Figure | Notation | None:
        """The network as a drawing with a sentence beneath it, or a formula as its notation."""
        draw = getattr(self.drawings(), "picture", None)
        return None if draw is None else draw(network)

    def scenes(self, subject: Subject) -> list[Part]:
        """The solver at work on a few inputs."""
        draw = getattr(self.drawings(), "scenes", None)
        return [] if draw is None else draw(subject)

    def quality(self, subject: Subject) -> list[Part]:
        """How good the solver is, in charts and tables."""
        draw = getattr(self.drawings(), "quality", None)
        return [] if draw is None else draw(subject)


def place_of_size(sizes: Sequence[int], complexity: int, kind: str) -> int:
    """The last place in a front, smallest first, of what is no larger than ``complexity``.

    Raises :class:`InputError` where all are.
    """
    if isinstance(complexity, bool) or not isinstance(complexity, int):
        raise InputError(f"the complexity is {complexity!r:.40}: give a whole number of nodes")
    fitting = [place for place, size in enumerate(sizes) if size <= complexity]
    if not fitting:
        raise InputError(f"the smallest {kind} have a size of {min(sizes)}: give at least that")
    return fitting[-1]
