"""The inputs of a form of votes: all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deepdistill.verify.arrays import all_inputs
from deepdistill.verify.inputs import Round
from deepdistill.verify.problem_inputs import ProblemInputs
from deepdistill.verify.reduce import Reduction, simpler


class VoteInputs(ProblemInputs):
    """Every vote there is; a difference is made smaller by taking votes away."""

    one_size = "as many votes as were learned from"

    def rounds(self) -> Iterator[Round]:
        every = all_inputs(self.ports, self.trained[0])
        yield Round(self.at_trained_size(), every, settled=("faithful", "correct"))

    def reduced(self) -> Sequence[Reduction]:
        return (simpler(self.ports),)
