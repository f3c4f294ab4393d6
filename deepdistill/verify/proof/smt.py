"""Proof obligations as text in SMT-LIB 2.6, for solvers other than the one that settled them.

An obligation is a list of terms that nothing meets together: what is known, and the negation of
what is to be shown. All of a proof stand in one file, each behind a switch of its own, and the file
says that one of the switches is on: ``(check-sat)`` answers ``unsat`` where all of them hold, and
``sat`` where any fails. Subterms that occur more than once have names. Terms are written as they
were made; only of a choice by a literal truth the branch that is taken.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import z3

from .encode import NotEncoded, Term

_SYMBOLS = {
    z3.Z3_OP_NOT: "not",
    z3.Z3_OP_XOR: "xor",
    z3.Z3_OP_IMPLIES: "=>",
    z3.Z3_OP_ITE: "ite",
    z3.Z3_OP_EQ: "=",
    z3.Z3_OP_IFF: "=",
    z3.Z3_OP_DISTINCT: "distinct",
    z3.Z3_OP_LE: "<=",
    z3.Z3_OP_GE: ">=",
    z3.Z3_OP_LT: "<",
    z3.Z3_OP_GT: ">",
    z3.Z3_OP_SUB: "-",
    z3.Z3_OP_UMINUS: "-",
    z3.Z3_OP_IDIV: "div",
    z3.Z3_OP_MOD: "mod",
}
_OF_MANY = {  # with what they are of nothing; of one they are that one
    z3.Z3_OP_AND: ("and", "true"),
    z3.Z3_OP_OR: ("or", "false"),
    z3.Z3_OP_ADD: ("+", "0"),
    z3.Z3_OP_MUL: ("*", "1"),
}
_NUMBER = re.compile(r"\d+|\(- \d+\)")
_WIDTH = 98
_SHORT = 12  # what is no longer needs no name


@dataclass(frozen=True, slots=True, eq=False)
class Obligation:
    """Terms that nothing meets together, and in words what that shows."""

    shows: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Obligations:
    """A proof as a list of obligations, and in ``words`` why these suffice."""

    words: str
    all: tuple[Obligation, ...]


def smt_text(obligations: Obligations, title: str, also: Sequence[str] = ()) -> str:
    """The file; ``title`` heads its comments, and ``also`` are further paragraphs of them.

    Raises :class:`NotEncoded` for an operation that integer arithmetic of SMT-LIB does not have.
    """
    writer = _TermWriter([term for one in obligations.all for term in one.terms])
    paragraphs = [title, *also, f"The argument. {obligations.words}", _READING]
    lines = [line for text in paragraphs for line in [*_comment(text), ";"]]
    lines += [
        "(set-info :smt-lib-version 2.6)",
        "(set-info :status unsat)",
        f"(set-logic {writer.logic()})",
        "",
        *writer.declarations(),
        *writer.definitions(),
    ]
    switches = []
    for number, one in enumerate(obligations.all, 1):
        switch = writer.free(f"obligation_{number}")
        switches.append(switch)
        lines += ["", *_comment(f"Obligation {number}: {one.shows}.")]
        lines.append(f"(declare-const {switch} Bool)")
        lines.append(f"(assert (=> {switch} {_many('and', 'true', map(writer.text, one.terms))}))")
    lines += ["", *_comment("One of them fails: the answer has to be unsat.")]
    lines += [f"(assert {_many('or', 'false', switches)})", "(check-sat)", ""]
    return "\n".join(lines)


_READING = (
    "How to read it. Each obligation holds where what stands behind its switch has no model: what "
    "is known, and the negation of what is to be shown. Parts that occur more than once have names "
    "(part_1, part_2, ...). Integers are those of mathematics, div and mod are rounded as Python "
    "rounds for positive divisors, true counts as 1 and false as 0."
)


def _comment(text: str) -> list[str]:
    wrapped = textwrap.wrap(text, _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return [f"; {line}" for line in wrapped]


def _many(symbol: str, nothing: str, parts: Iterator[str] | Sequence[str]) -> str:
    listed = list(parts)
    if len(listed) < 2:
        return listed[0] if listed else nothing
    return f"({symbol} {' '.join(listed)})"


class _TermWriter:
    """Terms as text: names for the parts that occur more than once, in the order of their use."""

    def __init__(self, roots: Sequence[Term]) -> None:
        self.roots = list(roots)  # kept, or z3 would give their numbers to others
        self.order: list[Term] = []
        self.uses: Counter[int] = Counter(root.get_id() for root in self.roots)
        self.texts: dict[int, str] = {}
        self.functions: dict[str, Term] = {}
        self.defined: list[str] = []
        self.nonlinear = False
        self._walk()
        self._write()

    def text(self, term: Term) -> str:
        return self.texts[term.get_id()]

    def free(self, name: str) -> str:
        """The name, or one like it that no variable has."""
        while name in self.functions:
            name += "_"
        return name

    def logic(self) -> str:
        functions = any(function.arity() for function in self.functions.values())
        return f"QF_{'UF' if functions else ''}{'N' if self.nonlinear else 'L'}IA"

    def declarations(self) -> Iterator[str]:
        for name, function in self.functions.items():
            domain = " ".join(str(function.domain(k)) for k in range(function.arity()))
            yield f"(declare-fun {_symbol(name)} ({domain}) {function.range()})"

    def definitions(self) -> list[str]:
        return self.defined

    def _walk(self) -> None:
        """All terms, parts before what they are parts of; how often each occurs."""
        seen: set[int] = set()
        waiting = [(root, False) for root in reversed(self.roots)]
        while waiting:
            term, parts_done = waiting.pop()
            if parts_done:
                self.order.append(term)
                continue
            if term.get_id() in seen:
                continue
            seen.add(term.get_id())
            waiting.append((term, True))
            for part in reversed(term.children()):
                self.uses[part.get_id()] += 1
                waiting.append((part, False))

    def _write(self) -> None:
        for term in self.order:
            if z3.is_app(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
                self.functions.setdefault(term.decl().name(), term.decl())
        for term in self.order:
            text = self._one(term)
            if self.uses[term.get_id()] > 1 and text.startswith("(") and len(text) > _SHORT:
                name = self.free(f"part_{len(self.defined) + 1}")
                self.defined.append(f"(define-fun {name} () {term.sort()} {text})")
                text = name
            self.texts[term.get_id()] = text

    def _one(self, term: Term) -> str:
        if z3.is_int_value(term):
            value = term.as_long()
            return str(value) if value >= 0 else f"(- {-value})"
        parts = [self.texts[part.get_id()] for part in term.children()]
        kind = term.decl().kind() if z3.is_app(term) else None
        if kind == z3.Z3_OP_UNINTERPRETED:
            name = _symbol(term.decl().name())
            return f"({name} {' '.join(parts)})" if parts else name
        if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
            return "true" if kind == z3.Z3_OP_TRUE else "false"
        if kind == z3.Z3_OP_ITE and parts[0] in ("true", "false"):
            return parts[1 if parts[0] == "true" else 2]
        if kind == z3.Z3_OP_MUL:
            self.nonlinear |= sum(not _NUMBER.fullmatch(part) for part in parts) > 1
        if kind in (z3.Z3_OP_IDIV, z3.Z3_OP_MOD):
            self.nonlinear |= not z3.is_int_value(term.arg(1))
        if kind in _OF_MANY:
            return _many(*_OF_MANY[kind], parts)
        if kind not in _SYMBOLS:
            raise NotEncoded(f"{term.decl().name() if kind else term} in SMT-LIB")
        return f"({_SYMBOLS[kind]} {' '.join(parts)})"


def _symbol(name: str) -> str:
    """A name as SMT-LIB writes it; ours hold neither bars nor backslashes."""
    if "|" in name or "\\" in name:
        raise NotEncoded(f"the name {name!r} in SMT-LIB")
    return f"|{name}|"
