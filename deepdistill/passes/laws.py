"""The laws of simplification, one a line, in the notation of :mod:`.law`."""

from __future__ import annotations

from collections.abc import Callable

from ..ir.expr import Const, Expr, call
from .law import TABLES, Match, RewriteLaw, is_number


def _set(op: str, *letters: str) -> Callable[[Match], Expr]:
    """``x in`` the union of constants and tuples, or ``x not in`` it."""

    def make(match: Match) -> Expr:
        union: set[int] = set()
        for letter in letters:
            union |= set(match.values(letter) if letter in TABLES else (match.value(letter),))
        return call(op, match["x"], Const(tuple(sorted(union))))

    return make


def _can_be_in(match: Match) -> bool:
    return any(match.low("x") <= v <= match.high("x") for v in match.values("s"))


def _entries(match: Match) -> tuple[int, ...]:
    """The entries a table is read at; none where its index may lie outside it."""
    low, high = match.low("x"), match.high("x")
    if low < 0 or high >= len(match.values("s")):
        return ()
    return match.values("s")[int(low) : int(high) + 1]


def _is_constant(match: Match) -> bool:
    return len(set(_entries(match))) == 1


def _is_line(match: Match) -> bool:
    """Whether a table counts up by one from one reachable entry to the next."""
    entries = _entries(match)
    return bool(entries) and entries == tuple(range(entries[0], entries[0] + len(entries)))


def _line(match: Match) -> Expr:
    return call("add", match["x"], Const(_entries(match)[0] - int(match.low("x"))))


# fmt: off
LAWS: tuple[RewriteLaw, ...] = (
    # numbers
    RewriteLaw("x + 0 -> x"),
    RewriteLaw("x - 0 -> x"),
    RewriteLaw("x * 1 -> x"),
    RewriteLaw("x * 0 -> 0"),
    RewriteLaw("x - x -> 0"),
    RewriteLaw("x + x -> 2 * x"),
    RewriteLaw("x + c * x -> (c + 1) * x"),
    RewriteLaw("c * x + d * x -> (c + d) * x"),
    RewriteLaw("(x + y) - y -> x"),
    RewriteLaw("(x - y) + y -> x"),
    RewriteLaw("x - (y - z) -> x + z - y"),
    RewriteLaw("(x - y) + z -> x + z - y"),
    RewriteLaw("x + c -> x - (0 - c)", lambda m: m.value("c") < 0),
    RewriteLaw("x - c -> x + (0 - c)", lambda m: m.value("c") < 0),
    RewriteLaw("(x + c) - d -> x + (c - d)"),
    RewriteLaw("(x - c) - d -> x - (c + d)"),
    RewriteLaw("c - (d - x) -> x + (c - d)"),
    RewriteLaw("c - (x + d) -> (c - d) - x"),
    RewriteLaw("x // 1 -> x"),
    RewriteLaw("x % 1 -> 0"),
    RewriteLaw("x // c -> 0", lambda m: m.low("x") >= 0 and m.high("x") < m.value("c")),
    RewriteLaw("x % c -> x", lambda m: m.low("x") >= 0 and m.high("x") < m.value("c")),
    RewriteLaw("(x % c) % c -> x % c", lambda m: m.value("c") > 0),
    RewriteLaw("max(x, x) -> x"),
    RewriteLaw("min(x, x) -> x"),
    RewriteLaw("max(x, y) -> x", lambda m: m.low("x") >= m.high("y")),
    RewriteLaw("min(x, y) -> x", lambda m: m.high("x") <= m.low("y")),
    RewriteLaw("abs(x) -> x", lambda m: m.low("x") >= 0),
    RewriteLaw("abs(x) -> 0 - x", lambda m: m.high("x") <= 0),
    RewriteLaw("abs(0 - x) -> abs(x)"),
    RewriteLaw("abs(abs(x)) -> abs(x)"),
    # bits
    RewriteLaw("a & 1 -> a"),
    RewriteLaw("a & 0 -> 0"),
    RewriteLaw("a | 0 -> a"),
    RewriteLaw("a | 1 -> 1"),
    RewriteLaw("a ^ 0 -> a"),
    RewriteLaw("a ^ 1 -> 1 - a"),
    RewriteLaw("a & a -> a"),
    RewriteLaw("a | a -> a"),
    RewriteLaw("a ^ a -> 0"),
    RewriteLaw("a * b -> a & b"),
    RewriteLaw("a & (1 - a) -> 0"),
    RewriteLaw("a | (1 - a) -> 1"),
    RewriteLaw("a ^ (1 - a) -> 1"),
    RewriteLaw("(1 - a) ^ (1 - b) -> a ^ b"),
    RewriteLaw("a ^ (1 - b) -> 1 - (a ^ b)"),
    RewriteLaw("(1 - a) & (1 - b) -> 1 - (a | b)"),
    RewriteLaw("(1 - a) | (1 - b) -> 1 - (a & b)"),
    RewriteLaw("a & (a | b) -> a"),
    RewriteLaw("a | (a & b) -> a"),
    RewriteLaw("a & ((1 - a) | b) -> a & b"),
    RewriteLaw("a | ((1 - a) & b) -> a | b"),
    RewriteLaw("(a & b) | (a & e) -> a & (b | e)"),
    RewriteLaw("(a & b) ^ (a & e) -> a & (b ^ e)"),
    # truths
    RewriteLaw("p and 1 -> p"),
    RewriteLaw("p and 0 -> 0"),
    RewriteLaw("p or 0 -> p"),
    RewriteLaw("p or 1 -> 1"),
    RewriteLaw("p and p -> p"),
    RewriteLaw("p or p -> p"),
    RewriteLaw("p and not p -> 0"),
    RewriteLaw("p or not p -> 1"),
    RewriteLaw("not not p -> p"),
    RewriteLaw("p and (p or q) -> p"),
    RewriteLaw("p or (p and q) -> p"),
    RewriteLaw("p and (not p or q) -> p and q"),
    RewriteLaw("p or (not p and q) -> p or q"),
    RewriteLaw("(p and q) or (p and r) -> p and (q or r)"),
    RewriteLaw("(p or q) and (p or r) -> p or (q and r)"),
    RewriteLaw("not p and not q -> not (p or q)"),
    RewriteLaw("not p or not q -> not (p and q)"),
    RewriteLaw("not (not p and q) -> p or not q"),
    RewriteLaw("not (not p or q) -> p and not q"),
    RewriteLaw("not 0 -> 1"),
    RewriteLaw("not c -> 0", lambda m: m.value("c") != 0),
    RewriteLaw("not (1 - a) -> a"),
    RewriteLaw("not x == y -> x != y"),
    RewriteLaw("not x != y -> x == y"),
    RewriteLaw("not x < y -> x >= y"),
    RewriteLaw("not x <= y -> x > y"),
    RewriteLaw("not x > y -> x <= y"),
    RewriteLaw("not x >= y -> x < y"),
    RewriteLaw("not x in s -> x not in s"),
    RewriteLaw("not x not in s -> x in s"),
    # comparisons
    RewriteLaw("x == x -> 1"),
    RewriteLaw("x != x -> 0"),
    RewriteLaw("x <= x -> 1"),
    RewriteLaw("x >= x -> 1"),
    RewriteLaw("x < x -> 0"),
    RewriteLaw("x > x -> 0"),
    RewriteLaw("x == y -> 0", lambda m: m.high("x") < m.low("y") or m.low("x") > m.high("y")),
    RewriteLaw("x != y -> 1", lambda m: m.high("x") < m.low("y") or m.low("x") > m.high("y")),
    RewriteLaw("x <= y -> 1", lambda m: m.high("x") <= m.low("y")),
    RewriteLaw("x <= y -> 0", lambda m: m.low("x") > m.high("y")),
    RewriteLaw("x >= y -> 1", lambda m: m.low("x") >= m.high("y")),
    RewriteLaw("x >= y -> 0", lambda m: m.high("x") < m.low("y")),
    RewriteLaw("x < y -> 1", lambda m: m.high("x") < m.low("y")),
    RewriteLaw("x < y -> 0", lambda m: m.low("x") >= m.high("y")),
    RewriteLaw("x > y -> 1", lambda m: m.low("x") > m.high("y")),
    RewriteLaw("x > y -> 0", lambda m: m.high("x") <= m.low("y")),
    RewriteLaw("x in s -> 0", lambda m: not _can_be_in(m)),
    RewriteLaw("x not in s -> 1", lambda m: not _can_be_in(m)),
    RewriteLaw("c <= x <= d -> x <= d", lambda m: m.low("x") >= m.value("c")),
    RewriteLaw("c <= x <= d -> x >= c", lambda m: m.high("x") <= m.value("d")),
    RewriteLaw("c <= x <= d -> x == c", lambda m: m.value("c") == m.value("d")),
    RewriteLaw("a == 0 -> not a"),
    RewriteLaw("a == 1 -> a"),
    RewriteLaw("a != 0 -> a"),
    RewriteLaw("a != 1 -> not a"),
    RewriteLaw("a >= 1 -> a"),
    RewriteLaw("a <= 0 -> not a"),
    RewriteLaw("a > 0 -> a"),
    RewriteLaw("a < 1 -> not a"),
    RewriteLaw("x < c -> x <= c - 1"),
    RewriteLaw("x > c -> x >= c + 1"),
    RewriteLaw("c == x -> x == c"),
    RewriteLaw("c != x -> x != c"),
    RewriteLaw("c <= x -> x >= c"),
    RewriteLaw("c >= x -> x <= c"),
    RewriteLaw("x >= c -> x == c", lambda m: m.high("x") == m.value("c")),
    RewriteLaw("x <= c -> x == c", lambda m: m.low("x") == m.value("c")),
    RewriteLaw("x + c == d -> x == d - c"),
    RewriteLaw("x + c != d -> x != d - c"),
    RewriteLaw("x + c <= d -> x <= d - c"),
    RewriteLaw("x + c >= d -> x >= d - c"),
    RewriteLaw("x - c == d -> x == d + c"),
    RewriteLaw("x - c != d -> x != d + c"),
    RewriteLaw("x - c <= d -> x <= d + c"),
    RewriteLaw("x - c >= d -> x >= d + c"),
    RewriteLaw("x == c or x == d -> x in (c, d)", make=_set("in", "c", "d")),
    RewriteLaw("x in s or x == c -> x in (*s, c)", make=_set("in", "s", "c")),
    RewriteLaw("x != c and x != d -> x not in (c, d)", make=_set("notin", "c", "d")),
    RewriteLaw("x not in s and x != c -> x not in (*s, c)", make=_set("notin", "s", "c")),
    RewriteLaw("x >= c and x <= d -> c <= x <= d"),
    RewriteLaw("x == c and x == d -> 0", lambda m: m.value("c") != m.value("d")),
    RewriteLaw("x == c and x != d -> x == c", lambda m: m.value("c") != m.value("d")),
    RewriteLaw("x == c or x != d -> x != d", lambda m: m.value("c") != m.value("d")),
    RewriteLaw("x >= c and x >= d -> x >= c", lambda m: m.value("c") >= m.value("d")),
    RewriteLaw("x <= c and x <= d -> x <= c", lambda m: m.value("c") <= m.value("d")),
    RewriteLaw("x >= c or x >= d -> x >= c", lambda m: m.value("c") <= m.value("d")),
    RewriteLaw("x <= c or x <= d -> x <= c", lambda m: m.value("c") >= m.value("d")),
    RewriteLaw("x <= c or x == d -> x <= d", lambda m: m.value("d") == m.value("c") + 1),
    RewriteLaw("x >= c or x == d -> x >= d", lambda m: m.value("d") == m.value("c") - 1),
    # conditionals
    RewriteLaw("x if 0 else y -> y"),
    RewriteLaw("x if c else y -> x", lambda m: m.value("c") != 0),
    RewriteLaw("x if p else x -> x"),
    RewriteLaw("x if not p else y -> y if p else x"),
    RewriteLaw("x if 1 - a else y -> y if a else x"),
    RewriteLaw("x if int(y) else z -> x if y else z"),
    RewriteLaw("1 if p else 0 -> int(p)"),
    RewriteLaw("0 if a else 1 -> 1 - a"),
    RewriteLaw("x if p else (y if p else z) -> x if p else z"),
    RewriteLaw("(x if p else y) if p else z -> x if p else z"),
    RewriteLaw("x if p else (x if q else y) -> x if p or q else y"),
    RewriteLaw("(x if q else y) if p else y -> x if p and q else y"),
    RewriteLaw("(y if q else x) if p else y -> x if p and not q else y"),
    RewriteLaw("x if p else (y if q else x) -> y if not p and q else x"),
    RewriteLaw("int(not p) -> 0 if p else 1"),
    RewriteLaw("int(p) if q else 0 -> int(q and p)"),
    RewriteLaw("1 if q else int(p) -> int(q or p)"),
    RewriteLaw("x if x >= y else y -> max(x, y)"),
    RewriteLaw("x if x > y else y -> max(x, y)"),
    RewriteLaw("x if x <= y else y -> min(x, y)"),
    RewriteLaw("x if x < y else y -> min(x, y)"),
    RewriteLaw("x if x == y else y -> y"),
    RewriteLaw("int(x) -> x", lambda m: is_number(m["x"])),
    # tables
    RewriteLaw("s[x] -> its only entry", _is_constant, lambda m: Const(_entries(m)[0])),
    RewriteLaw("s[x] -> x + its first entry", _is_line, _line),
)
# fmt: on
