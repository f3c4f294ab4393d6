"""The gallery's proofs, once more by another solver: ``python -m benchmarks.reprove [NAME...]``.

Of each result whose certificate speaks of a proof the obligations are written down, as
``deepdistill verify DIR/NAME --smt FILE`` does, and handed to cvc5 (its wheel, which is no part of
deepdistill: ``pip install cvc5``), which is not the solver that proved them. A result is
*confirmed* where cvc5 answers ``unsat`` within ``--seconds``; where it gives up nothing is said,
and ``sat`` would be a contradiction: the exit status is 1 then. Without cvc5 it is 2.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepdistill.data.problem import InputError
from deepdistill.recheck import check_again
from deepdistill.verify.certificate import Certificate
from deepdistill.verify.proof.proof_text import proof_text

OUTPUTS = Path(__file__).resolve().parent.parent / "outputs"
SECONDS = 60.0
MISSING = "cvc5 is missing: install it with `pip install cvc5` (or the extra `test`)"


@dataclass(frozen=True, slots=True)
class Reproved:
    """What cvc5 says of one result: ``unsat``, ``sat`` or ``unknown``; or why it was not asked."""

    name: str
    answer: str
    seconds: float

    def line(self) -> str:
        words = {"unsat": "confirmed", "sat": "CONTRADICTED", "unknown": "not settled in time"}
        return f"{self.name:24} {self.seconds:6.1f} s  {words.get(self.answer, self.answer)}"


def answer_of_cvc5(text: str, seconds: float) -> str:
    """What cvc5 answers to a file with one ``(check-sat)``."""
    import cvc5

    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("tlimit-per", str(max(1, int(1000 * seconds))))
    symbols = cvc5.SymbolManager(terms)
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "proof.smt2")
    said = ""
    while not (command := parser.nextCommand()).isNull():
        said += command.invoke(solver, symbols)
    # where it was to be unsat, cvc5 complains: Expected result unsat but got sat
    answers: list[str] = re.findall(r"\b(?:unsat|sat|unknown)\b", said)
    return answers[-1]


def proved(folder: Path) -> bool:
    """Whether a certificate speaks of a proof."""
    claims = Certificate.read(folder / "certificate.json").claims.values()
    return any(claim.status == "proved" for claim in claims)


def reproved(folder: Path, seconds: float) -> Reproved:
    """One result: its proof repeated, written down and handed on."""
    try:
        checked = check_again(folder, examples=1)
        text = proof_text(checked.certificate, checked.proofs)
    except InputError as error:
        return Reproved(folder.name, str(error), 0.0)
    start = time.perf_counter()
    return Reproved(folder.name, answer_of_cvc5(text, seconds), time.perf_counter() - start)


def _all(folders: Sequence[Path], seconds: float, jobs: int) -> Iterator[Reproved]:
    context: Any = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        yield from pool.map(reproved, folders, [seconds] * len(folders))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="some results of the gallery")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each (default 60)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("cvc5") is None:
        print(MISSING, file=sys.stderr)
        return 2
    known = sorted(path.parent for path in OUTPUTS.glob("*/certificate.json"))
    if unknown := sorted(set(options.names) - {folder.name for folder in known}):
        parser.error(f"there is no result {unknown[0]!r} in {OUTPUTS}")
    wanted = [folder for folder in known if not options.names or folder.name in options.names]
    folders = [folder for folder in wanted if proved(folder)]
    ended = []
    for one in _all(folders, options.seconds, options.jobs):
        ended.append(one)
        print(one.line(), flush=True)
    count = Counter(one.answer for one in ended)
    print(
        f"cvc5 confirms {count['unsat']} of {len(folders)} proofs within {options.seconds:g} s "
        f"each; {len(wanted) - len(folders)} results speak of none"
    )
    return int(count["sat"] > 0 or count["unsat"] == 0)


if __name__ == "__main__":
    sys.exit(main())
