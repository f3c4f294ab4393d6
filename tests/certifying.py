"""The judge of each form, with the counts of inputs as options."""

from __future__ import annotations

from typing import Any

from deepdistill.forms import form_of_task
from deepdistill.forms.clauses.judge import certify_clauses
from deepdistill.forms.sequence.judge import certify_sequences
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.judge import certify
from deepdistill.verify.whole_judge import certify_whole

JUDGES = {
    "grid": certify,
    "set": certify_whole,
    "sequence": certify_sequences,
    "clauses": certify_clauses,
}


def judged_by_form(
    problem: Any, network: Any, program: Any, solve: Any, seed: int, **options: Any
) -> Certificate:
    """What the judge of a problem's form says of a solver."""
    name = form_of_task(problem).name
    if name == "essence":
        return certify_whole(
            problem, network, program, solve, seed, network_sizes=network.sizes, **options
        )
    judge: Any = JUDGES[name]
    return judge(problem, network, program, solve, seed, **options)
