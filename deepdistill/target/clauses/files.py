"""CNF and WCNF files, read and answered from a shell."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib import import_module
from io import BytesIO

from .clauses import MOST_VARIABLES
from .improve import solve

LARGEST_FILE = 2**27


def read(text: str) -> tuple[list[list[int]], list[int | None], int, bool]:
    """`(clauses, weights, variables, whether it is the dialect of 2022)` of a CNF or WCNF text.

    Raises ValueError with a sentence and the number of the line.
    """
    header = _header(text)
    if header is None:
        return _read_weighted(text)
    number, kind, (variables, promised, *top) = header
    clauses: list[list[int]]
    weights: list[int | None]
    open_clause: list[int]
    clauses, weights, open_clause, begun = [], [], [], 0
    for k, line in enumerate(_lines(text), 1):
        start = line.lstrip()[:1]
        if k <= number or start == "c":
            continue
        if start == "%":  # an old way to end a file
            break
        for word in line.split():
            literal = _number(word, k)
            if not open_clause:
                begun = k
            if kind == "wcnf" and not open_clause:
                if literal < 0:
                    raise ValueError(f"line {k}: the weight {literal} is negative")
                open_clause.append(literal)
            elif literal == 0:
                body = open_clause[1:]
                cost = open_clause[0] if kind == "wcnf" else 1
                clauses.append(body)
                weights.append(None if top and cost >= top[0] else cost)
                open_clause = []
            else:
                if not open_clause:
                    open_clause.append(1)
                if abs(literal) > variables:
                    place = f"line {k}: the literal {literal} is out of range"
                    raise ValueError(f"{place}: there are {variables} variables")
                open_clause.append(literal)
    if open_clause:
        raise ValueError(f"line {begun}: this clause has no end: a 0 is missing")
    if len(clauses) != promised:
        message = f"the header promises {promised} clauses, and the file holds {len(clauses)}"
        raise ValueError(f"line {number}: {message}")
    return clauses, weights, variables, False


def _header(text: str) -> tuple[int, str, list[int]] | None:
    """The line, kind and numbers of a `p` line, or None where there is none."""
    for k, line in enumerate(_lines(text), 1):
        words = line.split()
        if not words or words[0].startswith("c"):
            continue
        if words[0] != "p":
            return None
        kinds = {"cnf": (4,), "wcnf": (4, 5)}
        if len(words) < 2 or words[1] not in kinds or len(words) not in kinds[words[1]]:
            raise ValueError(f"line {k}: a header reads `p cnf 3 5`, or `p wcnf 3 5 100`")
        numbers = [_number(word, k) for word in words[2:]]
        if min(numbers) < 0:
            raise ValueError(f"line {k}: the header holds a negative number")
        if numbers[0] > MOST_VARIABLES:
            message = f"{numbers[0]} variables are more than {MOST_VARIABLES}"
            raise ValueError(f"line {k}: {message}")
        return k, words[1], numbers
    raise ValueError("line 1: the file holds neither a header nor a clause")


def _read_weighted(text: str) -> tuple[list[list[int]], list[int | None], int, bool]:
    """The dialect of 2022: no header, a weight or `h` and one clause on each line."""
    clauses: list[list[int]]
    weights: list[int | None]
    clauses, weights, largest = [], [], 0
    for k, line in enumerate(_lines(text), 1):
        words = line.split()
        if not words or words[0].startswith("c"):
            continue
        if words[0] == "p":
            raise ValueError(f"line {k}: a header must come before the clauses")
        cost = None if words[0] == "h" else _number(words[0], k)
        if cost is not None and cost < 0:
            raise ValueError(f"line {k}: the weight {cost} is negative")
        clause = [_number(word, k) for word in words[1:]]
        if not clause or clause.pop() != 0:
            raise ValueError(f"line {k}: this clause has no end: a 0 is missing")
        if 0 in clause:
            raise ValueError(f"line {k}: there is a 0 in the middle of the clause")
        largest = max([largest, *map(abs, clause)])
        if largest > MOST_VARIABLES:
            raise ValueError(f"line {k}: the literal {largest} is out of range")
        clauses.append(clause)
        weights.append(cost)
    return clauses, weights, largest, True


def _lines(text: str) -> list[str]:
    """The lines of a text; `splitlines` would part comments at more than line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _number(word: str, line: int) -> int:
    digits = word[1:] if word[:1] == "-" else word
    if not word.isascii():
        raise ValueError(f"line {line}: only comments may hold other letters than those of ASCII")
    if not digits.isdigit() or len(digits) > 20 or int(digits) >= 2**64:
        raise ValueError(f"line {line}: {word[:40]!r} is not a whole number below 2^64")
    return int(word)


def _unpacked(data: bytes) -> bytes:
    """The bytes of a file that may be packed, no more than `LARGEST_FILE` and one of them."""
    packers = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\0": "lzma", b"BZh": "bz2", b"]\0\0": "lzma"}
    packer = next((packers[mark] for mark in packers if data.startswith(mark)), None)
    try:
        if packer:
            with import_module(packer).open(BytesIO(data)) as file:
                data = file.read(LARGEST_FILE + 1)
        return data
    except Exception:  # each packer has its own
        raise ValueError("the packed file is damaged, or cannot be unpacked here") from None


def _decoded(data: bytes) -> str:
    """The text; of letters beyond ASCII, which only comments have, each byte stands for one.

    Raises ValueError for what is no text.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        number = data[: data.index(b"\0")].count(b"\n") + 1
        told = "this is no text: unpack what is not .gz, .xz or .bz2"
        raise ValueError(f"line {number}: a byte is zero, so {told}")
    return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _main(arguments: Sequence[str]) -> int:
    """Read a file (or standard input), print cost, status and assignment."""
    if len(arguments) > 1:
        print("usage: python solver.py [instance.wcnf]", file=sys.stderr)
        return 2
    try:
        if arguments:
            with open(arguments[0], "rb") as file:
                data = file.read(LARGEST_FILE + 1)
        else:
            data = sys.stdin.buffer.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE or len(data := _unpacked(data)) > LARGEST_FILE:
            raise ValueError(f"the file has more than {LARGEST_FILE} bytes")
        text = _decoded(data)
        plain = re.search(r"\.(cnf|dimacs)(\.\w+)?$", "".join(arguments).lower())
        if plain and _header(text) is None:
            # It would be read as clauses with weights.
            raise ValueError("a .cnf file has a header such as `p cnf 3 5`: add it")
        clauses, weights, variables, recent = read(text)
        chosen = solve(clauses, weights)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    chosen += [-v for v in range(len(chosen) + 1, variables + 1)]
    failed, broken = cost(clauses, weights, chosen)
    if any(not clause and weight is None for clause, weight in zip(clauses, weights)):
        print("s UNSATISFIABLE")
        return 0
    if broken:
        print("s UNKNOWN")
        return 0
    least = sum([own for clause, own in zip(clauses, weights) if own and not clause])
    print(f"o {failed}")
    print("s OPTIMUM FOUND" if failed == least else "s SATISFIABLE")
    if recent:
        print("v " + "".join(["1" if literal > 0 else "0" for literal in chosen]))
    else:
        print("v " + " ".join(map(str, chosen)) + (" 0" if chosen else "0"))
    return 0


def cost(
    clauses: Sequence[Sequence[int]], weights: Sequence[int | None], chosen: Sequence[int]
) -> tuple[int, int]:
    """The weights of the soft clauses that fail, and how many hard ones do."""
    true = set(chosen)
    failed = [own for clause, own in zip(clauses, weights) if true.isdisjoint(clause)]
    return sum([own for own in failed if own is not None]), failed.count(None)
