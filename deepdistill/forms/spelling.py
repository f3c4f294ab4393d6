"""Arrays whose users write other states than 0, 1, …: what is told them is told in theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..data.problem import Problem
from ..explain.arguments import answer_of, arguments_of, whole_numbers
from ..explain.trace import At, Explanation, Step
from ..ir.alphabet import coded, in_codes, written
from ..ir.types import Port
from ..verify.certificate import Certificate, Claim
from .protocol import Form, Solve


def in_symbols(certificate: Certificate, ports: Sequence[Port]) -> Certificate:
    """The certificate with its counterexamples in symbols; the last port is the output."""
    if not any(port.symbols for port in ports):
        return certificate
    names = {port.name: port for port in ports[:-1]}

    def spelled(claim: Claim) -> Claim:
        example = claim.counterexample
        if example is None or "expected" not in example or "call" in example:
            return claim  # none, or a call, which is one of the solver already
        parts: dict[str, Any] = dict(example)
        inputs = example.get("inputs")
        if isinstance(inputs, Mapping):
            parts["inputs"] = {name: written(names[name], inputs[name]) for name in inputs}
        for which in ("expected", "got"):
            parts[which] = written(ports[-1], example[which])
        return replace(claim, counterexample=parts)

    return replace(
        certificate,
        faithful=spelled(certificate.faithful),
        scalable=spelled(certificate.scalable),
        correct=spelled(certificate.correct),
    )


class SpeltForm(Form):
    """A form of arrays whose ports may have symbols; networks have ``inputs`` and ``output``."""

    def judge(self, task: Problem, *arguments: Any, **options: Any) -> Certificate:
        return in_symbols(super().judge(task, *arguments, **options), (*task.inputs, task.output))

    def in_codes(self, solve: Solve, network: Any) -> Solve:
        return in_codes(solve, network.inputs, network.output)

    def explain(
        self, network: Any, program: Any, solve: Solve, given: Sequence[Any], at: At
    ) -> Explanation:
        """An explanation that begins with what the symbols are, and ends in one."""
        ports: Sequence[Port] = program.inputs
        if not any(port.symbols for port in (*ports, program.output)):
            return super().explain(network, program, solve, given, at)
        arguments = arguments_of(given, [port.name for port in ports])
        answer_of(solve, arguments)  # it looks at the values
        codes = [
            coded(port, whole_numbers(argument))
            for port, argument in zip(ports, arguments, strict=True)
        ]
        solve = in_codes(solve, ports, program.output)
        account = super().explain(network, program, solve, codes, at)
        symbols = tuple(
            Step("input", f"states 0 to {port.domain.high} of {port.name}", list(port.symbols))
            for port in (*ports, program.output)
            if port.symbols
        )
        return replace(
            account, value=written(program.output, account.value), steps=symbols + account.steps
        )
