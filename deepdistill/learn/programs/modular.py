"""Remainders: a number read digit by digit, and sums whose weights depend on the place.

Which sum it is depends on where an element stands: its place modulo a few, counted from either
end, or its place itself. The weights of the symbols are found by exact elimination modulo a number:
where the answers are remainders they are the right-hand sides; where they are classes all lists of
one class have one remainder, and no other list has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf

import numpy as np

from ...data.pairs import PairProblem
from ...data.running import Run
from ...ir.expr import Call, Const, Expr, Var
from ...ir.program import Let, Program, Scan
from ...ir.program_length import program_bits
from .congruences import joined, kernel, prime_powers, solution
from .labelled import IntArray, LabelledLists, labelled_lists
from .place_sums import PlaceLaw, place_laws
from .proposal import Proposal

_LARGEST = 40  # modulus of digits that are read, where the answers are classes
_LARGEST_REST = 100
_PARTS = ((2, 1), (3, 1), (5, 1), (7, 1), (11, 1), (13, 1), (2, 2), (3, 2), (2, 3))
_COMBINED = 400  # combinations of solutions that are tried
_CHOSEN = 4
_SPARE = 30.0  # bits by which equations outnumber the weights that have to fulfil them


def propose_remainders(problem: PairProblem, run: Run) -> Iterator[Proposal]:
    """Programs that compute a remainder of the list."""
    data = labelled_lists(problem)
    if data is None or data.port.domain.high - data.port.domain.low > 1000:
        return
    best = inf
    for programs in _batches(data, run):
        shorter = [one for one in programs if data.pays(one) and program_bits(one) < best]
        for program in sorted(shorter, key=program_bits)[:_CHOSEN]:
            proposal = data.proposal(program, "congruence")
            if not proposal.missed:
                best = proposal.bits
                yield proposal
                break


def _batches(data: LabelledLists, run: Run) -> Iterator[list[Program]]:
    """Programs as they are found, so that a search that is cut off has told its first ones."""
    run.say("remainders of what is read digit by digit")
    for modulus in _moduli(data):
        run.check()
        yield list(_digits(data, modulus))
    run.say("remainders of sums weighted by place")
    for law in place_laws(data):
        run.check()
        yield list(_residues(law)) if _are_numbers(data) else []
        if len(data.classes) == 2:
            yield list(_balanced(law, run))


def _moduli(data: LabelledLists) -> list[int]:
    """The moduli that are tried, the smallest first."""
    moduli, high = [*range(2, _LARGEST)], max(data.classes)
    if _are_numbers(data) and high < _LARGEST_REST:
        moduli = sorted({*moduli, high + 1, high + 2, high + 3})
    return moduli


def _are_numbers(data: LabelledLists) -> bool:
    """Whether answers may be remainders of more than two values."""
    return len(data.classes) > 2 and min(data.classes) >= 0


def _digits(data: LabelledLists, modulus: int) -> Iterator[Program]:
    """``value = (base * value + digit) % modulus``, from either end."""
    answers = np.array(data.answers, dtype=np.int64)
    numbers = _are_numbers(data) and max(data.classes) < _LARGEST_REST
    ends = (data.padded, _turned(data)) if min(data.classes) >= 0 else (data.padded,)
    for backwards, x in enumerate(ends):
        for base, rest in enumerate(_read(x, data.lengths, modulus)):
            written = _written_base(data, base, modulus)
            if numbers and (rest == answers).all():
                yield _digit_program(data, written, modulus, bool(backwards), Var("value"))
            elif len(data.classes) <= 4:
                expr = _by_rest(data, rest, answers, modulus)
                if expr is not None:
                    yield _digit_program(data, written, modulus, bool(backwards), expr)


def _written_base(data: LabelledLists, base: int, modulus: int) -> int:
    """The number of digits where that is as good a base: it is what a person would write."""
    usual = len(data.symbols)
    return usual if usual % modulus == base and data.port.domain.low == 0 else base


def _turned(data: LabelledLists) -> IntArray:
    turned = np.zeros_like(data.padded)
    for row, one in zip(turned, data.lists, strict=True):
        row[: len(one)] = one[::-1]
    return turned


def _read(x: IntArray, lengths: IntArray, modulus: int) -> IntArray:
    """The remainders for each base below the modulus, (bases, lists)."""
    bases = np.arange(modulus)[:, None]
    value = np.zeros((modulus, len(x)), dtype=np.int64)
    for t in range(x.shape[1]):
        value = np.where(t < lengths, (bases * value + x[:, t]) % modulus, value)
    return value


def _by_rest(data: LabelledLists, rest: IntArray, answers: IntArray, modulus: int) -> Expr | None:
    """The answer by the remainder, where no remainder has two; those never seen have the last."""
    pairs = np.unique(rest * (len(answers) + 1) + np.searchsorted(data.classes, answers))
    places = pairs // (len(answers) + 1)
    if len(np.unique(places)) < len(pairs) or len(places) < 2:
        return None
    labels = pairs % (len(answers) + 1)
    held = {int(p): data.classes[int(c)] for p, c in zip(places, labels, strict=True)}
    value = Var("value")
    if len(data.classes) > 2:
        if len(held) < modulus:
            return None
        return Call("item", (Const(tuple(held[k] for k in range(modulus))), value))
    zero, one = data.classes
    accepted = tuple(k for k, answer in held.items() if answer == one)
    refused = tuple(k for k, answer in held.items() if answer == zero)
    if len(accepted) == 1:
        return data.answer_where(Call("eq", (value, Const(accepted[0]))), one, zero)
    if len(refused) == 1:
        return data.answer_where(Call("ne", (value, Const(refused[0]))), one, zero)
    if len(held) < modulus:
        return None  # what the remainders never seen mean nobody knows
    if len(accepted) <= len(refused):
        return data.answer_where(Call("in", (value, Const(accepted))), one, zero)
    return data.answer_where(Call("notin", (value, Const(refused))), one, zero)


def _digit_program(
    data: LabelledLists, base: int, modulus: int, backwards: bool, answer: Expr
) -> Program:
    element, value = Var(data.element), Var("value")
    scaled = {0: None, 1: value}.get(base, Call("mul", (Const(base), value)))
    added = element if scaled is None else Call("add", (scaled, element))
    update = Call("mod", (added, Const(modulus)))
    over = data.port.name
    before: tuple[Let, ...] = ()
    if backwards:
        over = data.name("backwards", [element.name])
        before = (Let(over, Call("reversed", (data.word,))),)
    steps = data.name("steps", [element.name, over])
    loop = Scan(
        steps, over, (element.name,), (Let("value", Const(0)),), (Let("value", update),), ()
    )
    return data.program((*before, loop), answer)


def _residues(law: PlaceLaw) -> Iterator[Program]:
    """Sums whose remainder is the answer."""
    answers = np.array(law.data.answers, dtype=np.int64)
    high = int(answers.max())
    for modulus in range(high + 1, high + 3):
        parts = [_solved(law.rows, answers, p, e) for p, e in prime_powers(modulus)]
        if any(part is None for part in parts):
            continue
        weights = solution(law.rows, answers, modulus)
        if weights is not None:
            yield from law.programs(weights, modulus, None)


def _solved(rows: IntArray, answers: IntArray, p: int, exponent: int) -> IntArray | None:
    return solution(rows, answers, p**exponent)


def _balanced(law: PlaceLaw, run: Run) -> Iterator[Program]:
    """Sums that are 0 modulo a number for the lists of one class and for no others."""
    answers = np.array(law.data.answers)
    for answer in law.data.classes:
        own = answers == answer
        other = next(c for c in law.data.classes if c != answer)
        different = len(np.unique(law.rows[own], axis=0))
        bases: dict[int, list[IntArray]] = {}
        for p, exponent in _PARTS:
            run.check()
            if different < law.rows.shape[1] + _SPARE / np.log2(p**exponent):
                continue
            vectors = kernel(law.rows[own], p, exponent)
            moving = [v for v in vectors if (law.rows[~own] @ v % p**exponent).any()]
            if moving:
                bases[p**exponent] = moving
        for modulus, weights in _combined(bases, law.rows[~own]):
            yield from law.programs(weights, modulus, (answer, other))


def _combined(bases: dict[int, list[IntArray]], others: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Weights that no other list balances, modulo a prime power or two."""
    single = {m: list(_spans(vectors, m)) for m, vectors in bases.items()}
    for m, several in single.items():
        for weights in several:
            if (others @ weights % m).all():
                yield m, weights
                break
    for m, n in product(single, single):
        if m < n and np.gcd(m, n) == 1:
            for first, second in product(single[m][:20], single[n][:20]):
                if ((others @ first % m != 0) | (others @ second % n != 0)).all():
                    yield m * n, joined(first, m, second, n)
                    break


def _spans(vectors: Sequence[IntArray], modulus: int) -> Iterator[IntArray]:
    """The vectors, and then their combinations."""
    yield from vectors
    if len(vectors) > 1 and modulus ** len(vectors) <= _COMBINED:
        for factors in product(range(modulus), repeat=len(vectors)):
            if sum(map(bool, factors)) > 1:
                yield sum(f * v for f, v in zip(factors, vectors, strict=True)) % modulus  # type: ignore[misc]
