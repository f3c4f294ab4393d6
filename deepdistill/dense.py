"""A network from elsewhere on one screen: dense layers → program → source → certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .ir.program import Program
from .names import identifier
from .pipeline import timed

if TYPE_CHECKING:
    from .condense.dense_lift import Lifted
    from .network.dense import DenseNetwork
    from .verify.certificate import Certificate

STAGES = ("round", "condense", "render", "verify")

_MOST_CELLS_RECORDED = 1000


@dataclass(frozen=True, eq=False)
class Condensed:
    """A condensed network: the solver, what it came from and what was checked.

    ``given`` is the network as it was given, ``network`` the one with rounded weights.
    """

    name: str
    given: DenseNetwork
    network: DenseNetwork
    lifted: Lifted
    code: str
    test_code: str
    certificate: Certificate
    seconds: dict[str, float]

    @property
    def program(self) -> Program:
        return self.lifted.program

    @cached_property
    def solve(self) -> Callable[[Any], Any]:
        """The solver, loaded from its source."""
        from .verify.recheck import load_solver

        return load_solver(self.code.encode(), self.name)

    def files(self) -> dict[str, bytes]:
        """What :meth:`save` writes, by file name."""
        from .weights import dense_bytes

        return {
            "solver.py": self.code.encode(),
            "test_solver.py": self.test_code.encode(),
            "network.npz": dense_bytes(self.network),
            "certificate.json": self.certificate.text().encode(),
        }

    def save(self, folder: Path | str) -> Path:
        """Write ``folder/<name>/``, whole or not at all; return that path."""
        from .folder import write_folder

        return write_folder(Path(folder) / self.name, self.files())

    def __repr__(self) -> str:
        state = "certified" if self.certificate.ok else "FAILED"
        return f"<condensed network {self.name!r}: {state}, {len(self.code.splitlines())} lines>"


def condense_network(
    network: Any,
    shape: Sequence[int] | None = None,
    *,
    hidden: str = "sign",
    head: str = "argmax",
    name: str = "mine",
    values: tuple[int, int] = (0, 1),
    seed: int = 0,
    progress: Callable[[str, str], None] | None = None,
) -> Condensed:
    """Write a dense network of threshold units as a program.

    ``network`` is a ``DenseNetwork``, a list of pairs (weights, biases) or a
    ``torch.nn.Sequential``; ``shape`` is that of its input and ``values`` the smallest and largest
    integer there. Raises :class:`InputError` for unusable input.
    """
    from .condense.dense_lift import lift_dense
    from .condense.reduce import reduce
    from .render.dense_source import Origin, dense_solver, dense_solver_test
    from .verify.dense_inputs import samples
    from .verify.dense_judge import certify_dense, told
    from .verify.recheck import load_solver
    from .weights import dense_bytes

    given = _given(network, shape, hidden, head, values)
    name = identifier(name)
    seconds: dict[str, float] = {}
    say = progress or (lambda stage, text: None)
    with timed("round", seconds, say):
        network, note = rounded(given, seed)
    with timed("condense", seconds, say):
        lifted = lift_dense(reduce(network).network, name, given.domain, _argument(given, name))
    program = lifted.program
    with timed("render", seconds, say):
        few = samples(network, 6, seed + 2)
        fits = _MOST_CELLS_RECORDED // max(1, few[0].size)
        pairs = tuple(
            (case.tolist(), told(network, network.run(case[None].astype(float))[0]))
            for case in few[2 : 2 + fits]
        )
        sizes = tuple(len(layer.bias) for layer in given.layers)
        kind = given.layers[-1].activation
        draft = dense_solver(program, Origin(sizes, kind, (), pairs, __version__))
    with timed("verify", seconds, say):
        solve = load_solver(draft.encode(), name)
        certificate = certify_dense(name, network, program, solve, seed, note=note)
    with timed("render", seconds, say):
        checked = tuple(certificate.sentences())
        origin = Origin(sizes, kind, checked, pairs, __version__)
        code, test_code = dense_solver(program, origin), dense_solver_test(program, origin)
    sealed = certificate.sealed({"solver.py": code.encode(), "network.npz": dense_bytes(network)})
    return Condensed(name, given, network, lifted, code, test_code, sealed, seconds)


def _given(
    network: Any,
    shape: Sequence[int] | None,
    hidden: str,
    head: str,
    values: tuple[int, int],
) -> DenseNetwork:
    from .dense_files import dense_network, torch_network
    from .ir.types import Integers
    from .network.dense import DenseNetwork
    from .problem import InputError

    if isinstance(network, DenseNetwork):
        kinds = [layer.activation for layer in network.layers]
        pairs = [(layer.weights, layer.bias) for layer in network.layers]
        last = kinds[-1] if kinds else head
        return dense_network(pairs, network.shape, kinds[:-1], last, network.domain)
    if shape is None:
        raise InputError("give the shape of the network's input, for example shape=(28, 28)")
    domain = Integers(*values)
    if hasattr(network, "children"):
        return torch_network(network, shape, hidden, head, domain)
    return dense_network(list(network), shape, hidden, head, domain)


def _argument(network: DenseNetwork, name: str) -> str:
    word = {1: "values", 2: "cells"}.get(len(network.shape), "cells")
    return word if word != name else f"{word}_"


_MOST_CHANGED = 1e-3  # share of decisions that a rounding may change besides ties


def rounded(given: DenseNetwork, seed: int = 0) -> tuple[DenseNetwork, str]:
    """The network without noise, and what that changes; layers where it changes much stay."""
    from .condense.snap_dense import keep_given, snap_dense
    from .verify.dense_judge import rounded_decisions

    snapped = snap_dense(given)
    found = rounded_decisions(given, snapped.network, seed)
    for layer, decisions in enumerate(found):
        if decisions.others > _MOST_CHANGED * max(1, decisions.decisions):
            snapped = keep_given(snapped, given, layer)
    if snapped.tolerance < 1e-12:
        return snapped.network, ""
    found = rounded_decisions(given, snapped.network, seed)
    total = found[0]
    for more in found[1:]:
        total = total.plus(more)
    return snapped.network, total.sentence(snapped.tolerance)
