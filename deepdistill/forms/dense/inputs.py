"""The inputs of condensed networks, which are the only authority on what is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.evaluate import evaluate
from ...ir.program import Program
from ...ir.types import Axis, Port
from ...verify.certificate import Claim
from ...verify.contract import Contract, array_contract
from ...verify.equivalence import NumberDifference, Run, Solve
from ...verify.evidence import Evidence, rounded_up, untouched_bound
from ...verify.inputs import ClaimName, InputSpace, Reference, Round
from ...verify.reduce import Candidates, Reduction
from .answers import agree, exact_answer, plain_answer, plain_value
from .network import DenseNetwork
from .samples import every_input, input_count, samples

Numbers: TypeAlias = NDArray[Any]

EXAMPLES = 400
_EVERY = 2**16  # all inputs are tried up to this many,
_WORK = 2**25  # and up to this many weights altogether
_INTERPRETED = 200_000  # weights of a network whose program is interpreted, too
_FEW = 6  # inputs for the reference interpreter
_SHRINKING = 300  # simpler inputs that are tried for a counterexample


class DenseInputs(InputSpace):
    """Arrays of the shape of a network, and of a ``second`` one of another size.

    ``note`` says how the network was rounded, ``scaling`` what follows its size, or why nothing
    does; ``beside`` how many inputs it answers otherwise than before, and of how many.
    """

    def __init__(
        self,
        name: str,
        network: DenseNetwork,
        program: Program | None = None,
        seed: int = 0,
        examples: int = EXAMPLES,
        note: str = "",
        second: DenseNetwork | None = None,
        scaling: str = "",
        beside: tuple[int, int] = (0, 0),
    ) -> None:
        self.name, self.seed, self.examples = name, seed, examples
        self.program = program
        self.otherwise, self.tried = beside
        self.networks = {"network": network}
        self.always: Mapping[ClaimName, str] = {"faithful": note} if note else {}
        if second is not None:
            self.networks["second"] = second
            same = "the network of that size"
            self.always = {**self.always, "scalable": f"{same}; {scaling}" if scaling else same}
        fixed = "a dense network has one size"
        self.one_size = f"{fixed}; {scaling}" if scaling else fixed

    def references(self) -> Mapping[str, Reference]:
        result = {name: _reference(network) for name, network in self.networks.items()}
        if self.program is not None:
            result["program"] = Reference(_of_program(self.program))
        return result

    def subject(self, solve: Solve) -> Run:
        def run(case: Numbers) -> Any:
            try:
                return solve(case.tolist())
            except MemoryError:
                raise
            except Exception as error:
                return f"raises {type(error).__name__}"

        return run

    def rounds(self) -> Iterator[Round]:
        claims: dict[str, ClaimName] = {"network": "faithful", "second": "scalable"}
        for name, network in self.networks.items():
            against = {name: claims[name]}
            weights = sum(layer.weights.size for layer in network.layers)
            total = input_count(network)
            every = total <= _EVERY and total * weights <= _WORK
            some = () if every else samples(network, self.examples, self.seed)
            cases = every_input(network) if every else some
            note = (
                f"all {int(total):,} inputs"
                if every
                else "random, sparse and plain inputs, and ties on purpose"
            )
            trained = name == "network"
            yield Round(
                against,
                cases,
                notes={"faithful": note} if trained else {},
                settled=("faithful",) if every and trained else (),
            )
            if self.program is not None and weights <= _INTERPRETED:
                few = samples(network, _FEW, self.seed + 1)
                yield Round(against, few, subject="program")

    def difference(
        self, reference: str, case: Numbers, expected: Any, got: Any
    ) -> NumberDifference | None:
        """How an answer differs from what the network's truly is, if it does."""
        network = self.networks[reference]
        if agree(network, expected, got):
            return None
        if not _failed(got):
            expected = exact_answer(network, case)
            if agree(network, expected, got):
                return None
        return NumberDifference(case.tolist(), expected, got if _failed(got) else plain_value(got))

    def size(self, case: Numbers) -> tuple[int, ...]:
        return case.shape

    def reduced(self) -> Sequence[Reduction]:
        return (Reduction(self._plainer, _SHRINKING),)

    def _plainer(self, wrong: NumberDifference) -> Candidates:
        """Blocks of cells at their plainest value, halved again and again (delta debugging)."""
        domain = self.networks["network"].domain
        plain = min(max(0, domain.low), domain.high)
        case = np.array(wrong.case, dtype=np.int64)
        block = case.size
        while block:
            changed = False
            for start in range(0, case.size, block):
                flat = case.ravel().copy()
                if (flat[start : start + block] == plain).all():
                    continue
                flat[start : start + block] = plain
                other = flat.reshape(case.shape)
                if (yield other) is not None:
                    case, changed = other, True
            if not changed or block > 1:
                block //= 2

    def contract(self) -> Contract:
        """One that was condensed from two sizes takes other sizes as well."""
        network, *others = self.networks.values()
        axes = tuple(Axis("grid") if others else Axis("fixed", size=n) for n in network.shape)
        port = Port("cells", axes, network.domain)
        sizes = tuple(one.shape for one in self.networks.values()) if others else ()
        return array_contract((port,), network.shape, sizes)

    def quality(self, solve: Solve) -> Claim:
        if not self.otherwise:
            return Claim("no oracle", note="the network is the only authority")
        bound = rounded_up(untouched_bound(self.otherwise, self.tried))
        note = (
            f"the network as it was handed over answers {self.otherwise:,} of {self.tried:,} "
            "inputs, random ones and near ties, otherwise: noise was taken out of its weights"
        )
        evidence = Evidence("sample", self.tried, self.otherwise, bound)
        return Claim("evidence", self.tried, note=note, evidence=evidence)


def _failed(answer: Any) -> bool:
    return isinstance(answer, str) and answer.startswith("raise")


def _reference(network: DenseNetwork) -> Reference:
    def many(cases: Sequence[Numbers]) -> list[Any]:
        answers = network.run(np.stack(cases).astype(np.float64))
        return [plain_answer(network, answer) for answer in answers]

    return Reference(lambda case: many([case])[0], many)


def _of_program(program: Program) -> Run:
    (port,) = program.inputs

    def run(case: Numbers) -> Any:
        try:
            return evaluate(program, {port.name: case.tolist()})
        except MemoryError:
            raise
        except Exception as error:
            return f"raises {type(error).__name__}"

    return run
