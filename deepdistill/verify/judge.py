"""The judge: is the solver the network, at every size, and does it give the right answers?

There is one for all forms. An input space gives the rounds of comparisons; what they find is added
up in a tally for each of the three claims, and what differs is made smaller by the space's steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf, prod
from typing import Any

from .certificate import Certificate, Claim, versions_now
from .contract import breaking, broken_promise
from .equivalence import Run, Solve, Wrong, answer
from .evidence import FEW, Evidence, error_bound, explained_by_chance
from .families import judge_families
from .inputs import ClaimName, InputSpace, Known, Round
from .noise import described_noise, suspected
from .reduce import reduced
from .search import search
from .tally import Tally

_CELLS_AT_ONCE = 2**15  # small inputs are handed to a network together
_CASES_AT_ONCE = 256


class Judge:
    """One solver before what it is compared with, and what is known of each claim."""

    def __init__(self, space: InputSpace, solve: Solve) -> None:
        self.space = space
        self.solver = space.subject(solve)
        self.references = space.references()
        self.tallies: dict[ClaimName, Tally] = {
            "faithful": Tally(),
            "scalable": Tally(),
            "correct": Tally(),
        }
        for claim, note in space.always.items():
            self.tallies[claim].always.append(note)

    def compare(self, round: Round) -> None:
        """Compare the solver with all that have not differed yet."""
        if round.strategy is not None:
            self._search(round)
        else:
            self._walk(round)
        for claim, note in round.notes.items():
            self.tallies[claim].notes.append(note)
        for claim in round.settled:
            self.tallies[claim].status = "exhaustive"

    def sizes(self, known: Sequence[Known]) -> set[tuple[int, ...]]:
        """The sizes of given examples."""
        sizes = {self.space.size(one.case) for one in known}
        return {size for size in sizes if size is not None}

    def left(self, round: Round) -> list[str]:
        """The references of a round whose claims still hold."""
        return [
            name
            for name, claim in round.against.items()
            if name in self.references and self.tallies[claim].wrong is None
        ]

    def _walk(self, round: Round) -> None:
        """One case after another, until nothing is left that has not differed."""
        subject = self.solver if round.subject is None else self.references[round.subject].run
        left = self.left(round)
        work = dict.fromkeys(left, 0)
        counts = dict.fromkeys(left, 0)
        sizes: dict[str, set[tuple[int, ...]]] = {name: set() for name in left}
        for batch in self._batches(round.cases) if left else ():
            expected = {name: self._expected(name, batch, work) for name in left}
            for k, case in enumerate(batch):
                requested = [name for name in left if k in expected[name]]
                got = answer(subject, case) if requested else None
                for name in requested:
                    if self.tallies[round.against[name]].wrong is not None:
                        continue
                    counts[name] += 1
                    size = self.space.size(case)
                    sizes[name] |= set() if size is None else {size}
                    wrong = self.space.difference(name, case, expected[name][k], got)
                    if wrong is not None:
                        self._record(round, name, subject, wrong)
                        left = [other for other in left if other in self.left(round)]
            if not left:
                break
        for name, count in counts.items():
            if name not in round.uncounted:
                self.tallies[round.against[name]].add(count, sizes[name])

    def _expected(self, name: str, batch: Sequence[Any], work: dict[str, int]) -> dict[int, Any]:
        """What a reference answers to those of a few cases that it is asked."""
        reference = self.references[name]
        places = []
        for k, case in enumerate(batch):
            if reference.work is not None:
                work[name] += reference.work(case)
                if work[name] > reference.most_work:
                    break
            if reference.allowed is None or reference.allowed(case):
                places.append(k)
        answers = reference.answers([batch[k] for k in places])
        return dict(zip(places, answers, strict=True))

    def _search(self, round: Round) -> None:
        """Let Hypothesis look for differences; those that have the same inputs, together."""
        assert round.strategy is not None
        left = self.left(round)
        for allowed in {self.references[name].allowed for name in left}:
            names = [name for name in left if self.references[name].allowed is allowed]
            drawn = round.strategy if allowed is None else round.strategy.filter(allowed)
            result = search(
                drawn, self._first_wrong, names, round.examples, self.space.search_seed()
            )
            counted = {round.against[name] for name in names if name not in round.uncounted}
            for claim in counted:
                self.tallies[claim].examples += result.count
            for name, wrong in result.differences.items():
                self._record(round, name, self.solver, wrong)

    def _first_wrong(self, names: Sequence[str], case: Any) -> tuple[str, Wrong] | None:
        got = answer(self.solver, case)
        for name in names:
            expected = answer(self.references[name].run, case)
            wrong = self.space.difference(name, case, expected, got)
            if wrong is not None:
                return name, wrong
        return None

    def _record(self, round: Round, name: str, subject: Run, wrong: Wrong) -> None:
        """The first difference of a claim, made smaller."""
        tally, reference = self.tallies[round.against[name]], self.references[name]
        if tally.wrong is not None:
            return

        def differs(case: Any) -> Wrong | None:
            if reference.allowed is not None and not reference.allowed(case):
                return None
            expected = answer(reference.run, case)
            return self.space.difference(name, case, expected, answer(subject, case))

        tally.wrong = reduced(wrong, differs, self.space.reduced())

    def _batches(self, cases: Iterable[Any]) -> Iterator[list[Any]]:
        """Neighbouring cases of one size, as many as are handed over together."""
        batch: list[Any] = []
        for case in cases:
            size = self.space.size(case)
            full = len(batch) * prod(size or ()) > _CELLS_AT_ONCE or len(batch) == _CASES_AT_ONCE
            if batch and (full or self.space.size(batch[0]) != size):
                yield batch
                batch = []
            batch.append(case)
        if batch:
            yield batch


def judge(
    space: InputSpace,
    solve: Solve,
    *,
    network_exact: bool = True,
    versions: Mapping[str, str | int] | None = None,
) -> Certificate:
    """Judge a solver on the inputs of a space.

    ``network_exact`` says whether the trainer got every training and held-out example right and
    they show a rule; if not, ``correct`` is failed whatever else is found.
    """
    own = Judge(space, solve)
    for round in space.rounds():
        own.compare(round)
    scalable = own.tallies["scalable"]
    return Certificate(
        problem=space.name,
        seed=space.seed,
        faithful=own.tallies["faithful"].claim(),
        scalable=scalable.claim()
        if scalable.examples
        else Claim("not applicable", note=space.one_size),
        correct=_correct(own, solve, network_exact),
        versions={**versions_now(), **space.versions} if versions is None else versions,
    )


def _correct(own: Judge, solve: Solve, network_exact: bool) -> Claim:
    """The claim about answers: the oracle's, or those of examples that were held out."""
    space, tally = own.space, own.tallies["correct"]
    quality = space.quality(solve)
    if quality is not None:
        return quality
    if "oracle" not in own.references:
        problem = space.constructed()
        if problem is not None:
            judge_families(problem, own.solver, space.seed, tally)
        elif network_exact:
            return _supported(own)
    if network_exact:
        return tally.claim()
    known = [one for group in space.evidence() for one in group]
    verdict = space.against(known, own.solver)
    tally.add(verdict.count, own.sizes(known))
    tally.wrong = tally.wrong or verdict.wrong
    return replace(tally.claim(), status="failed", note=verdict.note)


def _supported(own: Judge) -> Claim:
    """What the examples bear, where they are all that is known."""
    space = own.space
    learned, untouched = space.evidence()
    end, before = space.missed(untouched, own.solver), space.missed(learned, own.solver)
    labels = [label for one in (*learned, *untouched) for label in space.labels(one)]
    bits = space.program_bits() if space.program is not None else inf  # of a solver alone
    compared = None
    if end.wrong or before.wrong:
        compared = space.compared(learned, untouched, own.solver)
    noise: dict[str, Any] | None = None
    noise_text, doubts = "", list[str]()
    if compared is not None:
        noise, noise_text, doubts = described_noise(compared, space.label)
    support, unknown = space.support()
    if compared is not None and not doubts:
        unknown = [*unknown, *suspected(compared, space.label)]
    evidence = Evidence(
        space.unit,
        end.count,
        end.wrong,
        error_bound(
            end.alone_wrong,
            end.alone,
            bits,
            end.alone_wrong + before.alone_wrong,
            end.alone + before.alone,
        ),
        support=support,
        noise=noise,
        unknown=tuple(unknown),
    )
    note = "; ".join([*([noise_text] if noise_text else []), evidence.sentence])
    sizes = tuple(sorted(own.sizes(untouched)))
    claim = Claim("evidence", len(untouched), sizes, note=note, evidence=evidence)
    missed = before.wrong if compared is None else len(compared.disagreeing)
    thin = list(dict.fromkeys([*_too_thin(labels, bits, missed), *space.too_thin(), *doubts]))
    if not thin and not end.count and evidence.bound >= 1:
        thin.append("so few examples bound nothing: show more, some of which are held out")
    first = end.first or before.first
    if not thin and (first is None or compared is not None):
        return claim
    case = None if first is None else first.as_json()
    note = "; ".join([*thin, note])
    return replace(claim, status="failed", counterexample=case, note=note)


def _too_thin(labels: Sequence[Any], bits: float, missed: int) -> Iterator[str]:
    """Why answers like these prove nothing of a program so long."""
    counts = Counter(labels)
    if len(counts) == 1:
        yield f"all {len(labels):,} known answers are the same, and show no rule"
    elif bits < inf and (costs := explained_by_chance(labels, bits, missed)) is not None:
        alone, by_program = costs
        yield (
            f"{len(labels):,} answers can be explained by chance: written down as they are they "
            f"take {alone:.0f} bits, by the program {by_program:.0f}"
        )
    elif len(counts) == 2 and min(counts.values()) <= FEW:
        value, count = counts.most_common()[-1]
        yield (
            f"the answer {value} rests on {count} example{'' if count == 1 else 's'} of "
            f"{len(labels):,}: show more of that kind"
        )


def keeping_contract(certificate: Certificate, solve: Solve, space: InputSpace) -> Certificate:
    """The certificate, with ``faithful`` failed where the solver breaks a promise."""
    contract = space.contract()
    if contract is None:
        return certificate
    return breaking(certificate, broken_promise(solve, contract))
