"""Laws about items, a line each: on all samples and on drawn expressions, never another value."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from random import Random
from typing import Any

import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from item_networks import NUMBER, NUMBERS, PICTURE, random_input

from deepdistill.ir.evaluate import evaluate
from deepdistill.ir.expr import (
    Call,
    Const,
    Expr,
    First,
    NoAnswer,
    Read,
    Size,
    Total,
    Var,
    call,
    children,
    rebuild,
    walk,
)
from deepdistill.ir.expr import Inside as InsideExpr
from deepdistill.ir.interval import Interval
from deepdistill.ir.linear import expr_of, form_of
from deepdistill.ir.program import Fill, Let, Program
from deepdistill.ir.rewrite import substitute
from deepdistill.passes.items.context import context_of, mirrored
from deepdistill.passes.items.forms import Pair, fewest, pair_expr
from deepdistill.passes.items.laws import ENDS, LAWS, LISTS, LOGIC, by_root, matched, rewritten
from deepdistill.passes.items.places import is_place
from deepdistill.passes.law import RewriteLaw, filled, hole

EVERY = (*LOGIC, *LAWS, *ENDS)
X, N = Var("numbers"), Size("numbers")
NONE = "no answer"
HERE, BESIDE = Var("i"), Var("j")


def at(*place: Expr, array: str = "numbers") -> Expr:
    return Read(array, place)


def bit(op: str, *args: Expr) -> Expr:
    return call("int", call(op, *args))


def pairs(op: str, part: str = "all") -> Expr:
    return pair_expr(Pair("numbers", "i", "j", op, part), context_of(program_of(Const(0))))


def program_of(value: Expr) -> Program:
    return Program("mine", (NUMBERS, PICTURE), NUMBER, (Let("result", value),))


CONTEXT = context_of(program_of(Const(0)))
BORDER = by_root([law for law in LAWS if "beyond the border" in law.text])
ROWS, COLUMNS = Size("picture", 0), Size("picture", 1)
END, RIGHT = mirrored("i", N), mirrored("j", COLUMNS)


def over(body: Expr, op: str = "ge") -> Expr:
    """Whether the condition holds at some number (or, with ``eq``, at none)."""
    return call(op, Total("i", Const(0), N, call("int", body)), Const(int(op == "ge")))


def in_row(body: Expr, op: str = "ge") -> Expr:
    return call(op, Total("j", Const(0), COLUMNS, call("int", body)), Const(int(op == "ge")))


def search(condition: Expr, value: Expr) -> Expr:
    return First("i", Const(0), N, condition, value)


def at_rank(pair: str, part: str, place: Expr) -> Expr:
    return search(call("eq", call("add", pairs(pair), pairs("eq", part)), place), at(HERE))


BIGGEST = call("eq", at(HERE), call("maximum", X))
NOTHING = {part: call("eq", pairs("eq", part), Const(0)) for part in ("before", "after")}
REPEATED = call("ge", pairs("eq"), Const(2))
SAMPLES: dict[str, list[Expr]] = {
    "none_larger": [
        Total("i", Const(0), N, bit(op, pairs(pair), Const(int(op == "ge"))))
        for op in ("eq", "ge")
        for pair in ("lt", "gt")
    ],
    "both_none": [over(call("eq", call("add", pairs("gt"), pairs("eq", "before")), Const(0)))],
    "first_has_none_before": [
        search(Call("and", (call("gt", at(HERE), Const(2)), NOTHING["before"])), HERE)
    ],
    "last_of_equals": [
        search(Call("and", (BIGGEST, NOTHING["after"])), HERE),
        search(Call("and", (NOTHING["after"], BIGGEST)), at(HERE)),
    ],
    "first_extreme": [
        search(BIGGEST, HERE),
        search(BIGGEST, at(HERE)),
        search(call("eq", at(HERE), call("minimum", X)), HERE),
        search(call("eq", at(END), call("maximum", X)), END),
        search(call("eq", at(END), call("maximum", X)), at(END)),
    ],
    "nth_smallest": [
        at_rank(pair, part, place)
        for pair in ("lt", "gt")
        for part in ("before", "after")
        for place in (
            Const(0),
            Const(2),
            Const(-1),
            call("floordiv", call("sub", N, Const(1)), Const(2)),
            call("sub", N, Const(1)),
            call("sub", N, Const(3)),
        )
    ],
    "some_repeated": [
        *(over(REPEATED, op) for op in ("ge", "eq")),
        *(over(call("ge", pairs("eq", part), Const(1))) for part in ("before", "after")),
    ],
    "kinds": [Total("i", Const(0), N, call("int", NOTHING[part])) for part in NOTHING],
    "all_ones": [
        Total(
            "i",
            Const(0),
            ROWS,
            bit(op, Total("j", Const(0), COLUMNS, at(HERE, BESIDE, array="picture")), COLUMNS),
        )
        for op in ("eq", "ge", "lt", "ne")
    ],
    "all_mirrored": [
        over(call(op, at(HERE), at(END)), outer) for op in ("gt", "lt") for outer in ("ge", "eq")
    ],
    "same_line": [
        over(call("ne", at(HERE), at(END))),
        over(call("ne", at(END), at(HERE)), "eq"),
        Total(
            "i",
            Const(0),
            ROWS,
            call(
                "int",
                in_row(
                    call(
                        "ne",
                        at(HERE, BESIDE, array="picture"),
                        at(mirrored("i", ROWS), RIGHT, array="picture"),
                    )
                ),
            ),
        ),
    ],
}


def outcome(run: Any) -> Any:
    """The answer of a call, or that there is none."""
    try:
        return run()
    except (NoAnswer, IndexError):
        return NONE


def same_value(one: Expr, other: Expr, rng: Random) -> None:
    arrays = {port.name: random_input(rng, port) for port in (NUMBERS, PICTURE)}
    first, second = (
        outcome(lambda expr=expr: evaluate(program_of(expr), arrays)) for expr in (one, other)
    )
    assert first == second


@settings(max_examples=tries(100))
@given(
    st.lists(st.integers(-2, 2), min_size=9, max_size=9),
    st.integers(-2, 2),
    st.randoms(use_true_random=False),
)
def test_the_sum_of_the_fewest_terms_is_the_same_sum(
    weights: list[int], own: int, rng: Random
) -> None:
    terms = [
        call("mul", Const(weight), pairs(op, part))
        for weight, (op, part) in zip(
            weights,
            [(op, part) for op in ("lt", "eq", "gt") for part in ("all", "before", "after")],
            strict=True,
        )
    ]
    total = Call("add", (*terms, call("mul", Const(own), HERE)))
    context = context_of(program_of(total))
    short = fewest(form_of(total), context)
    assert len(short.terms) <= len(form_of(total).terms)
    listed = [Total("i", Const(0), N, call("mul", e, e)) for e in (total, expr_of(short))]
    same_value(listed[0], listed[1], rng)


@settings(max_examples=tries(60))
@given(st.integers(-2, 2), st.integers(-2, 2), st.randoms(use_true_random=False))
def test_loops_end_where_what_they_need_is_inside(down: int, right: int, rng: Random) -> None:
    place = tuple(call("add", name, Const(step)) for name, step in ((HERE, down), (BESIDE, right)))
    for test in (
        call("and", at(HERE, BESIDE, array="picture"), at(*place, array="picture")),
        InsideExpr("picture", place),
        call("eq", at(*place, array="picture"), Const(1)),
        call("eq", at(*place, array="picture"), Const(0)),
        call("ge", at(*place, array="picture"), Const(0)),
    ):
        inner = Total("j", Const(0), COLUMNS, call("int", test))
        shorter = rewritten(inner, CONTEXT, BORDER) or inner
        totals = [Total("i", Const(0), ROWS, part) for part in (inner, shorter)]
        outer = rewritten(totals[1], CONTEXT, BORDER) or totals[1]
        same_value(totals[0], outer, rng)


def test_places_are_known_to_lie_inside_only_where_they_do() -> None:
    context = context_of(program_of(Const(0)))
    for a in range(-2, 4):
        for b in range(-4, 4):
            for c in (1, 2, 3):
                total = call("add", call("mul", Const(a), N), Const(b))
                place = call("floordiv", total, Const(c)) if c > 1 else total
                inside = all(0 <= (a * n + b) // c < n for n in range(1, 60))
                assert not is_place(place, N, context) or inside, (a, b, c)
    assert is_place(call("floordiv", call("sub", N, Const(1)), Const(2)), N, context)


@cache
def changed(expr: Expr) -> Expr:
    """The expression with laws applied once wherever they apply, innermost first."""
    expr = rebuild(expr, tuple(map(changed, children(expr))))
    return rewritten(expr, CONTEXT, by_root(EVERY)) or expr


@pytest.mark.parametrize("kind", SAMPLES)
@settings(max_examples=tries(60))
@given(st.randoms(use_true_random=False))
def test_samples_change_and_their_values_do_not(kind: str, rng: Random) -> None:
    for sample in SAMPLES[kind]:
        after = changed(sample)
        assert after != sample
        same_value(sample, after, rng)


# Each law by itself, on whatever its letters may stand for

OUT = Var("out")  # a place that no law binds
IN, TWO = Var(hole(0)), Var(hole(1))
PLAIN = [
    *map(Const, (-1, 0, 1, 2)),
    *(N, OUT, at(OUT), call("sub", N, Const(1)), call("sub", N, call("add", OUT, Const(1)))),
    *(call("floordiv", call("add", N, Const(-1)), Const(2)), call("maximum", X)),
    *(substitute(one, {"i": OUT}) for one in (pairs("gt"), pairs("eq", "before"))),
    bit("gt", at(OUT), Const(0)),
]
NEXT, LAST = call("add", IN, Const(1)), call("add", IN, Const(-1))
TRUTHS = [call("gt", at(IN), Const(0)), call("ne", at(IN), Const(1)), call("ge", IN, Const(1))]
BITS = [*(call("int", truth) for truth in TRUTHS), at(IN, IN, array="picture")]
RIM = [
    *(call("int", call("and", at(IN), at(place))) for place in (NEXT, LAST)),
    *(bit("eq", at(LAST), Const(value)) for value in (0, 1)),
    call("int", InsideExpr("numbers", (NEXT,))),
]
VALUES = [IN, at(IN), at(mirrored(hole(0), N)), call("sub", N, IN), NEXT, Const(0), N]
MIRRORS = [at(IN, TWO, array="picture"), at(mirrored(hole(0), ROWS), TWO, array="picture")]
PAIRS = [*MIRRORS, bit("gt", at(IN), at(TWO)), bit("eq", IN, TWO), call("mul", IN, TWO)]
WORTH = {
    ("b", 1): BITS,
    ("p", 1): [*TRUTHS, call("and", TRUTHS[0], TRUTHS[1])],
    ("p", 2): [call("gt", at(IN), at(TWO)), MIRRORS[0], call("ne", IN, TWO)],
    ("v", 1): [*VALUES, *BITS, *RIM],
    ("f", 1): VALUES,
    ("g", 1): VALUES,
    ("v", 2): [*PAIRS, call("sub", IN, TWO)],
    ("f", 2): PAIRS,
    ("g", 2): PAIRS,
}
LINES = [call("item", Var("picture"), OUT), call("item", Var("picture"), mirrored("out", ROWS))]
AROUND = dict.fromkeys(("out", "i", "j"), Interval(0, float("inf")))
INSIDE = replace(CONTEXT, ranges={**CONTEXT.ranges, **AROUND})


def drawn(law: RewriteLaw, rng: Random) -> Expr:
    """An expression that may be the left side of a law."""
    nodes = list(walk(law.pattern))
    bound = {node.name for node in nodes if isinstance(node, Total | First)}
    letters = [letter for letter in law.letters if letter not in bound]
    arity = {node.op: len(node.args) for node in nodes if isinstance(node, Call)}
    has_lines, of_picture = bool({"L", "M"} & set(letters)), rng.random() < 0.5
    parts: dict[str, Expr] = {}
    for letter in letters:
        if letter in arity:
            parts[letter] = rng.choice(WORTH[letter, arity[letter]])
        elif letter == "A":
            parts[letter] = X
        elif letter in "LM":
            parts[letter] = rng.choice(LINES) if of_picture else X
        elif letter in "ijk":
            parts[letter] = OUT
        elif letter == "n" and "A" not in letters:
            lengths = [COLUMNS if of_picture else N] if has_lines else [N, ROWS, COLUMNS]
            parts[letter] = rng.choice(lengths)
        else:
            parts[letter] = N if letter == "n" else rng.choice(PLAIN)
    return filled(law.pattern, parts)


def instances(law: RewriteLaw, rng: Random, count: int = 400) -> dict[Expr, Expr]:
    """Left sides that a law matches, with what it makes of them."""
    found: dict[Expr, Expr] = {}
    for before in {drawn(law, rng): None for _ in range(count)}:
        for match in matched(law, before, INSIDE):
            found[before] = law.replacement(match)
    return found


def check(law: RewriteLaw) -> None:
    rng = Random(0)
    found = list(instances(law, rng).items())
    assert found, "nothing matches"
    for before, after in rng.sample(found, min(len(found), 30)):
        for _ in range(12):
            arrays = {"picture": random_input(rng, PICTURE, 5)}
            arrays["numbers"] = rng.choices(range(-1, 4), k=rng.randint(1, 5))  # also loops' ends
            places = min(len(arrays["numbers"]), len(arrays["picture"]))
            here = {"out": Const(rng.randrange(places))}
            sides = [program_of(substitute(side, here)) for side in (before, after)]
            one, other = (outcome(partial(evaluate, side, arrays)) for side in sides)
            assert one == other, (str(before), str(after))


@pytest.mark.parametrize("law", EVERY, ids=lambda law: law.text)
def test_each_law_keeps_every_value(law: RewriteLaw) -> None:
    check(law)


@pytest.mark.parametrize(
    "wrong",
    [
        RewriteLaw("none(A[j] > A[i] for j in range(n)) -> A[i] == min(A)"),
        RewriteLaw("sum(b(i) for i in range(n)) >= n -> any(not b(i) for i in range(n))"),
        RewriteLaw("any(f(i) > g(i) for i in range(n)) -> any(f(i) != g(i) for i in range(n))"),
        RewriteLaw("any(L[i] != M[n - (i + 1)] for i in range(n)) -> differ(L, M)"),
        RewriteLaw("first(v(i) for i in range(n) if p(i)) -> v(0)"),
        RewriteLaw("first(v(i) for i in range(x) if p(i) and none(A[j] == A[i] for j in range(i)))"
                   " -> first(v(i) for i in range(x) if p(i))"),
        RewriteLaw("sorted(A)[x] -> max(A)"),
    ],
    ids=lambda law: law.text,
)  # fmt: skip
def test_a_law_that_is_none_is_noticed(wrong: RewriteLaw) -> None:
    with pytest.raises(AssertionError, match="!=|=="):
        check(wrong)


def test_letters_stand_for_nothing_that_a_pattern_binds() -> None:
    constant = RewriteLaw("sum(x for i in range(y)) -> x * y")
    assert not list(matched(constant, Total("k", Const(0), N, Var("k")), INSIDE))
    (found,) = matched(constant, Total("k", Const(0), N, OUT), INSIDE)
    assert constant.replacement(found) == call("mul", OUT, N)


LIST = [call("item", call("sorted", X), place) for place in (Var("t"), mirrored("t", N))]


@pytest.mark.parametrize("element", LIST)
def test_a_list_of_all_ranks_is_the_sorted_list(element: Expr) -> None:
    def listed(stop: Expr) -> Expr | None:
        whole = Total("t", Const(0), stop, Call("list", (element,)))
        return rewritten(whole, CONTEXT, by_root(LISTS))

    whole = listed(N)
    assert whole is not None and listed(ROWS) is None
    fill = Program("mine", (NUMBERS,), NUMBER, (Fill("result", ("t",), (N,), element),))
    for numbers in ([3, 1, 2, 1], [5], [2, 2]):
        assert evaluate(fill, {"numbers": numbers}) == evaluate(
            replace(fill, body=(Let("result", whole),)), {"numbers": numbers}
        )
