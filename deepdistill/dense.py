"""A network from elsewhere on one screen: dense layers → program → source → certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import __version__
from .data.running import timed
from .finished import Finished
from .ir.program import Program
from .names import argument_name, identifier

if TYPE_CHECKING:
    from .explain import Explanation
    from .explain.trace import At
    from .forms.dense.lift import Lifted
    from .forms.dense.network import DenseNetwork
    from .forms.dense.scaled_lift import Scaled
    from .verify.certificate import Certificate

STAGES = ("round", "condense", "render", "verify", "prove")

_MOST_CELLS_RECORDED = 1000


@dataclass(frozen=True, eq=False)
class Condensed(Finished):
    """A condensed network: the solver, what it came from and what was checked.

    ``given`` is the network as it was given, ``network`` the one with rounded weights, ``second``
    that of another size, where the program holds for both.
    """

    name: str
    given: DenseNetwork
    network: DenseNetwork
    lifted: Lifted
    code: str
    test_code: str
    certificate: Certificate
    seconds: dict[str, float]
    second: DenseNetwork | None = None

    @property
    def program(self) -> Program:
        return self.lifted.program

    @cached_property
    def report(self) -> str:
        """The report: one self-contained HTML page."""
        from .report.folder import report_page

        return report_page(self.certified_files(), program=self.program)

    def network_files(self) -> dict[str, bytes]:
        """The network with rounded weights, and that of the second size."""
        from .forms.files import network_bytes

        files = {"network.npz": network_bytes(self.network)}
        return files if self.second is None else {**files, "second.npz": network_bytes(self.second)}

    def explain(self, inputs: Any, at: At = None) -> Explanation:
        """Why the solver answers as it does: see :meth:`deepdistill.Result.explain`."""
        from .explaining import explain_answer

        return explain_answer(self.network, self.program, self.solve, (inputs,), at)

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
    second: Any = None,
    seed: int = 0,
    progress: Callable[[str, str], None] | None = None,
) -> Condensed:
    """Write a dense network of threshold units as a program.

    ``network`` is a ``DenseNetwork``, a list of pairs of weights (inputs, units) and biases
    (units,), or a ``torch.nn.Sequential``; ``shape`` is that of its input, flattened by rows, and
    ``values`` are the smallest and largest integer there. ``hidden`` is ``sign`` or ``step``,
    ``head`` is ``argmax``, ``softmax`` or ``linear``. ``second`` is the same network for inputs of
    another shape, a ``DenseNetwork`` or a pair (network, shape): numbers that follow the size
    become laws of it, and the program takes inputs of any size. Where no program holds for both
    sizes it is one for the first size, and the certificate says why. Raises :class:`InputError`
    for unusable input. The task is that of deep distilling (Blazek, Venkatesh and Lin 2024).
    """
    from .forms.dense.scaled_lift import agreed

    say = progress or (lambda stage, text: None)
    given = _given(network, shape, hidden, head, values)
    other = None if second is None else _second(second, given, hidden, head, values)
    making = _Making(identifier(name), given, seed, {}, say)
    with timed("round", making.seconds, say):
        rounded_network, note = rounded(given, seed)
        if other is not None:
            without_noise, other_note = rounded(other, seed)
            other = agreed((given, other), (rounded_network, without_noise))
    if other is None:
        return making.condensed(rounded_network, note)
    return making.of_two_sizes(rounded_network, other, note, other_note)


@dataclass(frozen=True, slots=True)
class _Making:
    """What stays the same while a program is lifted, rendered and checked."""

    name: str
    given: DenseNetwork
    seed: int
    seconds: dict[str, float]
    say: Callable[[str, str], None]

    @property
    def argument(self) -> str:
        """What the program calls its input."""
        return argument_name(len(self.given.shape), self.name)

    def of_two_sizes(
        self, network: DenseNetwork, second: DenseNetwork, note: str, second_note: str
    ) -> Condensed:
        """The program of any size, if it holds for both networks; else that of the first."""
        from .forms.dense.scaled_lift import NotAligned, lift_two

        why = f"no program holds for {' x '.join(map(str, second.shape))} inputs as well"
        try:
            with timed("condense", self.seconds, self.say):
                scaled = lift_two(network, second, self.name, self.argument)
        except NotAligned as reason:
            return self.condensed(network, note, f"{why}: {reason}")
        result = self.condensed(network, note, second_note, second, scaled)
        if result.certificate.ok:
            return result
        return self.condensed(network, note, f"{why}: its laws of the size give other answers")

    def condensed(
        self,
        network: DenseNetwork,
        note: str,
        scaling: str = "",
        second: DenseNetwork | None = None,
        scaled: Scaled | None = None,
    ) -> Condensed:
        from .forms.dense.judge import certify_dense
        from .forms.dense.lift import Lifted, lift_dense
        from .forms.dense.reduce import reduce
        from .forms.files import network_bytes
        from .target.dense_source import Origin, dense_solver, dense_solver_test, laws_in_words
        from .verify.contract import keeping_dense_contract
        from .verify.recheck import load_solver

        with timed("condense", self.seconds, self.say):
            lifted = (
                lift_dense(reduce(network).network, self.name, network.domain, self.argument)
                if scaled is None
                else Lifted(scaled.program, scaled.units)
            )
        with timed("render", self.seconds, self.say):
            origin = Origin(
                tuple(len(layer.bias) for layer in self.given.layers),
                self.given.layers[-1].activation,
                (),
                _recorded(network, self.seed),
                __version__,
            )
            if scaled is not None and second is not None:
                shapes = (network.shape, second.shape)
                origin = replace(origin, shapes=shapes, least=scaled.least, alike=scaled.alike)
                laws = laws_in_words(scaled.program, origin, scaled.laws)
                scaling = f"{laws}; {scaling}" if scaling else laws
            draft = dense_solver(lifted.program, origin)
        with timed("verify", self.seconds, self.say):
            solve = load_solver(draft.encode(), self.name)
            certificate = certify_dense(
                self.name,
                network,
                lifted.program,
                solve,
                self.seed,
                note=note,
                second=second,
                scaling=scaling,
            )
            networks = [network] if second is None else [network, second]
            certificate = keeping_dense_contract(certificate, solve, networks)
        with timed("prove", self.seconds, self.say):
            certificate = _with_proof(certificate, networks, lifted.program)
        with timed("render", self.seconds, self.say):
            origin = replace(origin, checked=tuple(certificate.sentences()))
            code = dense_solver(lifted.program, origin)
            test_code = dense_solver_test(lifted.program, origin)
        files = {
            "solver.py": code.encode(),
            "test_solver.py": test_code.encode(),
            "network.npz": network_bytes(network),
        }
        if second is not None:
            files["second.npz"] = network_bytes(second)
        return Condensed(
            self.name,
            self.given,
            network,
            lifted,
            code,
            test_code,
            certificate.sealed(files),
            self.seconds,
            second,
        )


def _with_proof(
    certificate: Certificate, networks: Sequence[DenseNetwork], program: Program
) -> Certificate:
    """The certificate with a proof where not every input was tried, if one is found."""
    from .verify.proof import prove
    from .verify.proof.claims import with_proofs

    if not any(claim.status == "sampled" for claim in certificate.claims.values()):
        return certificate
    return with_proofs(certificate, prove(None, networks, program))


def _recorded(network: DenseNetwork, seed: int) -> tuple[tuple[Any, Any], ...]:
    """A few inputs with the network's answers."""
    from .forms.dense.judge import told
    from .forms.dense.samples import samples

    few = samples(network, 6, seed + 2)
    fits = _MOST_CELLS_RECORDED // max(1, few[0].size)
    return tuple(
        (case.tolist(), told(network, network.run(case[None].astype(float))[0]))
        for case in few[2 : 2 + fits]
    )


def _second(
    second: Any, given: DenseNetwork, hidden: str, head: str, values: tuple[int, int]
) -> DenseNetwork:
    """The network of another size, which must be one like the first."""
    from .data.problem import InputError
    from .forms.dense.network import DenseNetwork

    if isinstance(second, DenseNetwork):
        other = _given(second, None, hidden, head, values)
    elif isinstance(second, tuple) and len(second) == 2:
        other = _given(second[0], second[1], hidden, head, values)
    else:
        raise InputError("give the second network as a DenseNetwork or a pair (network, shape)")
    if len(other.shape) != len(given.shape):
        raise InputError(
            f"the second input shape {other.shape} has another number of axes than {given.shape}"
        )
    if other.shape == given.shape:
        raise InputError(f"the second network has the same input shape {given.shape}")
    kinds = [[layer.activation for layer in one.layers] for one in (given, other)]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"the second network has {len(kinds[1])} layers ({', '.join(kinds[1])}) where the "
            f"first has {len(kinds[0])} ({', '.join(kinds[0])})"
        )
    if other.domain != given.domain:
        raise InputError("the second network takes inputs of other values than the first")
    return other


def _given(
    network: Any,
    shape: Sequence[int] | None,
    hidden: str,
    head: str,
    values: tuple[int, int],
) -> DenseNetwork:
    from .data.problem import InputError
    from .forms.dense.network import DenseNetwork
    from .forms.dense.readers import check_pairs, check_values, dense_network, torch_network

    if isinstance(network, DenseNetwork):
        kinds = [layer.activation for layer in network.layers]
        pairs = [(layer.weights, layer.bias) for layer in network.layers]
        last = kinds[-1] if kinds else head
        return dense_network(pairs, network.shape, kinds[:-1], last, network.domain)
    if shape is None:
        raise InputError("give the shape of the network's input, for example shape=(28, 28)")
    domain = check_values(values)
    if hasattr(network, "children"):
        return torch_network(network, shape, hidden, head, domain)
    return dense_network(check_pairs(network), shape, hidden, head, domain)


_MOST_CHANGED = 1e-3  # share of decisions that a rounding may change besides ties


def rounded(given: DenseNetwork, seed: int = 0) -> tuple[DenseNetwork, str]:
    """The network without noise, and what that changes; layers where it changes much stay."""
    from .forms.dense.judge import rounded_decisions
    from .forms.dense.snap import keep_given, snap_dense

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
