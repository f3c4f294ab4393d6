"""The columns that formulas may speak of: a block's inputs, and what users derive from them."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..data.opened import MOST_COLUMNS
from ..data.problem import InputError
from ..data.tables import identifiers
from ..ir.expr import Expr, Var
from ..ir.infix import WORDS, parse_infix
from ..ir.program import Let
from ..ir.rewrite import substitute
from ..ir.types import Reals, Scalar
from ..ir.vector import evaluate_rows

Floats: TypeAlias = NDArray[np.float64]

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class NamedColumns:
    """Names of a block's inputs, and columns derived from them in an order that can be computed.

    ``derived`` are given by their texts, ``lets`` are the same as expressions; ``spoken`` are the
    names of those that formulas may speak of.
    """

    names: tuple[str, ...]
    derived: tuple[tuple[str, str], ...]
    lets: tuple[Let, ...]
    spoken: tuple[str, ...]

    def table(self, x: Floats) -> dict[str, Floats]:
        """All columns by name, from the rows of a block (rows, inputs).

        Raises :class:`InputError` where a derived one has no value.
        """
        columns = dict(zip(self.names, x.T, strict=True))
        for let in self.lets:
            with np.errstate(all="ignore"):
                values = np.asarray(evaluate_rows(let.value, columns), dtype=np.float64)
            bad = int((~np.isfinite(values)).sum())
            if bad:
                raise InputError(
                    f"the derived column {let.name} has no value in {bad:,} of {len(x):,} rows: "
                    "derive it so that it has one, or leave out the inputs that lead there"
                )
            columns[let.name] = values
        return columns

    def scalars(self, low: Floats, high: Floats) -> tuple[Scalar, ...]:
        """The inputs with the ends of their ranges."""
        ends = zip(self.names, low.tolist(), high.tolist(), strict=True)
        return tuple(Scalar(name, Reals(a, b), name) for name, a, b in ends)


@dataclass(frozen=True, slots=True)
class RequestedColumns:
    """What a user says of the columns of a block that has ``width`` inputs.

    ``taken`` are no names for them, ``most`` is how many formulas may speak of.
    """

    width: int
    names: Sequence[str] | None
    derive: Mapping[str, str] | None
    columns: Sequence[str] | None
    taken: tuple[str, ...]
    most: int = MOST_COLUMNS

    def named(self) -> NamedColumns:
        """The columns; :class:`InputError` for what is no name and for texts that are none."""
        return named_columns(
            self.width, self.names, self.derive, self.columns, self.taken, self.most
        )

    def deriving(self, texts: Mapping[str, str]) -> RequestedColumns:
        """The same with columns by these texts, of which formulas may speak as well."""
        spoken = None if self.columns is None else [*self.columns, *texts]
        return replace(self, derive=texts, columns=spoken)


def named_columns(
    width: int,
    names: Sequence[str] | None,
    derive: Mapping[str, str] | None,
    columns: Sequence[str] | None,
    taken: Sequence[str],
    most: int = MOST_COLUMNS,
) -> NamedColumns:
    """Names for so many inputs and columns derived from them; ``taken`` are no names for these.

    Raises :class:`InputError` for names that are none, and for texts that are no arithmetic.
    """
    if names is None:
        names = [f"x{k}" for k in range(width)]
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise InputError(f"names is {names!r:.60}: give a list of texts, one for each input")
    if len(names) != width:
        raise InputError(f"{len(names)} names are given for {width} inputs: give one for each")
    for name in names:
        _refuse_code(name, "the name of an input")
    given = dict(derive or {})
    for name in given:
        _refuse_code(name, "the name of a derived column")
    every = [*names, *given]
    if len(set(every)) < len(every):
        twice = next(name for name in every if every.count(name) > 1)
        raise InputError(f"two columns have the name {twice!r}: give each another one")
    known = dict(zip(every, identifiers(every, tuple(taken)), strict=True))
    lets = _ordered(given, known)
    spoken = every if columns is None else list(columns)
    unknown = [name for name in spoken if name not in known]
    if unknown or not spoken:
        what = repr(unknown[0])[:60] if unknown else "that is named"
        raise InputError(f"there is no column {what}: name some of {', '.join(every)}")
    if len(spoken) > most:
        raise InputError(
            f"formulas would speak of {len(spoken)} columns: name at most {most} of them "
            'with columns=, or compress the block with family="products"'
        )
    return NamedColumns(
        tuple(known[name] for name in names),
        tuple((known[name], str(text)) for name, text in given.items()),
        tuple(lets),
        tuple(known[name] for name in dict.fromkeys(spoken)),
    )


def _refuse_code(name: Any, what: str) -> None:
    """Names stand in text that is read and in code that is written: they are plain words."""
    plain = isinstance(name, str) and name.isidentifier() and len(name) <= _LONGEST_NAME
    if not plain or keyword.iskeyword(name) or name.startswith("_") or name in WORDS:
        raise InputError(
            f"{name!r:.60} cannot be {what}: give a word of letters and digits that Python and "
            "arithmetic do not use"
        )


def _ordered(given: Mapping[str, Any], known: Mapping[str, str]) -> list[Let]:
    """Derived columns, each after those that it speaks of."""
    parsed: dict[str, tuple[Expr, tuple[str, ...]]] = {}
    for name, text in given.items():
        try:
            parsed[name] = parse_infix(text, known)
        except ValueError as error:
            raise InputError(f"the derived column {name} cannot be read: {error}") from None
    renamed = {name: Var(plain) for name, plain in known.items()}
    lets: list[Let] = []
    left = dict(parsed)
    while left:
        ready = [name for name, (_, used) in left.items() if not set(used) & set(left)]
        if not ready:
            raise InputError(
                f"the derived columns {', '.join(left)} speak of one another in a circle"
            )
        for name in ready:
            lets.append(Let(known[name], substitute(left.pop(name)[0], renamed)))
    return lets
