"""The inputs of steps: those of rules; what held-out rows say of their numbers."""

from __future__ import annotations

from math import inf

from ...ir.code_length import constant_bits
from ...ir.program_length import program_bits
from ...verify.certificate import Claim, Status
from ...verify.equivalence import Solve
from ...verify.evidence import Evidence, error_bound
from ..rules.inputs import RowInputs
from .network import StepNetwork


class StepInputs(RowInputs[StepNetwork]):
    """Rows for the steps of a table."""

    def quality(self, solve: Solve) -> Claim:
        """What the rows bear: how far off the numbers are, and what they save over the mean."""
        rows, bits = self.network.rows, inf
        if self.program is not None:
            numbers = self.network.output.levels
            number_bits = sum(constant_bits(float(number)) for number in numbers)
            bits = program_bits(self.program) + number_bits + constant_bits(rows.tolerance)
        bound = error_bound(
            rows.wrong, rows.untouched, bits, rows.wrong + rows.missed, rows.untouched + rows.count
        )
        evidence = Evidence(
            "row",
            rows.untouched,
            rows.wrong,
            bound,
            rows.tolerance,
            support={
                "skill": rows.skill,
                "interval": rows.interval if rows.interval >= 0 else None,
                "error": rows.error,
                "error_of_mean": rows.plain,
                "steps": [
                    {
                        "learned": one.learned,
                        "low": one.low,
                        "high": one.high,
                        "untouched": one.untouched,
                        "within": one.within,
                    }
                    for one in self.network.supports
                ],
            },
            unknown=("what the steps are worth outside the ranges of the table",),
        )
        doubts = self._doubts()
        status: Status = "failed" if doubts else "evidence"
        note = "; ".join([*doubts, evidence.sentence, *self._sentences()])
        return Claim(status, rows.untouched, note=note, evidence=evidence)

    def _doubts(self) -> list[str]:
        """Why the steps are not believed."""
        rows = self.network.rows
        if not self.network.inputs:
            return [
                "no step tells more than the mean alone: the rows are too few to tell, or the "
                "columns say nothing of the target"
            ]
        if rows.stated:
            return []
        if not rows.untouched:
            return ["what the steps save over the mean of so few answers can be chance"]
        return [
            "that the steps tell more than the mean is not shown: the share of the mean's squared "
            f"error that they save is {rows.skill:.3g}{self._least()}"
        ]

    def _sentences(self) -> list[str]:
        rows = self.network.rows
        sentences = [f"a row is {rows.error:.3g} off on average, the mean alone {rows.plain:.3g}"]
        if rows.untouched and rows.stated:
            sentences.insert(
                0, f"{rows.skill:.3g} of the mean's squared error is saved{self._least()}"
            )
        if rows.interval >= 0:
            sentences.append(
                f"95 % of numbers like these lie within {rows.interval:.3g} of the steps"
            )
        return sentences

    def _least(self) -> str:
        bound = self.network.rows.bound
        return f", at least {bound:.3g} with 97.5 %" if bound > -1e9 else ""
