"""Term rewriting by the laws of :mod:`.laws`, bottom-up, to a fixed point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from ..ir.expr import OPERATIONS, Call, Const, Expr, If, Inside, Read, Sum, Var, children, rebuild
from ..ir.expr import is_truth as is_truth
from .interval import Interval, bounds
from .laws import BITS, CONSTANTS, LAWS, TABLES, Law, Match

Parts: TypeAlias = dict[str, Expr]

COMMUTATIVE = frozenset({"add", "mul", "bitand", "bitor", "bitxor", "and", "or", "max", "min"})
_ROUNDS = 60  # rewrites of one node; the laws need a handful
