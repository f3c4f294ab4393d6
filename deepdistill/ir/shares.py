"""How often each node stands in a program where a kind of value is asked for: fixed beforehand.

These are what one expects of short programs: names and constants first, then what is added and
compared, lengths and sums, parts of lists, and last what is rare.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["number", "truth", "list", "rows", "over", "amount"]
"""What may be asked for.

``over`` is what a loop goes through, ``amount`` a number that is as likely a constant as not."""

PRODUCED: Mapping[Kind, Mapping[str, tuple[int, tuple[Kind, ...]]]] = {
    "number": {
        "add": (6, ("number", "amount")), "sub": (6, ("number", "amount")),
        "mul": (5, ("number", "number")), "mod": (6, ("number", "amount")),
        "floordiv": (4, ("number", "amount")), "max": (2, ("number", "number")),
        "min": (2, ("number", "number")), "abs": (1, ("number",)), "int": (3, ("truth",)),
        "length": (7, ("list",)), "total": (8, ("list",)), "maximum": (5, ("list",)),
        "minimum": (4, ("list",)), "distinct": (3, ("list",)), "item": (6, ("list", "amount")),
        "count": (5, ("list", "number")), "position": (3, ("list", "number")),
        "product": (1, ("list",)), "divisor": (1, ("list",)),
        "length of rows": (2, ("rows",)), "truth": (1, ("truth",)),
    },
    "truth": {
        "eq": (20, ("number", "amount")), "ne": (8, ("number", "amount")),
        "lt": (18, ("number", "amount")), "ge": (14, ("number", "amount")),
        "le": (8, ("number", "amount")), "gt": (10, ("number", "amount")),
        "same": (10, ("list", "list")), "differ": (2, ("list", "list")),
        "in": (8, ("number", "list")), "notin": (3, ("number", "list")),
        "contains": (2, ("list", "list")), "and": (6, ("truth", "truth")),
        "or": (4, ("truth", "truth")), "not": (1, ("truth",)), "nonzero": (5, ("number",)),
        "same of rows": (2, ("rows", "rows")),
    },
    "list": {
        "sorted": (5, ("list",)), "reversed": (5, ("list",)), "unique": (3, ("list",)),
        "prefix": (5, ("list", "amount")), "suffix": (5, ("list", "amount")),
        "stride": (2, ("list", "amount")), "repeated": (1, ("list", "amount")),
        "joined": (5, ("list", "list")), "single": (3, ("number",)),
        "list": (2, ("number",)), "range": (2, ("number",)),
        "stripped": (1, ("list",)), "arranged": (1, ("list", "list")),
        "carried": (1, ("list", "amount")), "running_sum": (1, ("list",)),
        "digits": (1, ("number", "amount")),
        "running_maximum": (1, ("list",)), "running_minimum": (1, ("list",)),
        "flat": (3, ("rows",)), "item of rows": (3, ("rows", "amount")),
    },
    "rows": {
        "columns": (5, ("rows",)), "runs": (5, ("list",)), "regions": (3, ("rows", "amount")),
        "flooded": (2, ("rows", "amount")), "flooded_in": (2, ("rows", "amount")),
        "reversed of rows": (6, ("rows",)), "prefix of rows": (4, ("rows", "amount")),
        "suffix of rows": (4, ("rows", "amount")), "stride of rows": (2, ("rows", "amount")),
        "repeated of rows": (2, ("rows", "amount")), "joined of rows": (4, ("rows", "rows")),
        "stripped of rows": (2, ("rows",)), "sorted of rows": (1, ("rows",)),
        "unique of rows": (1, ("rows",)), "single of rows": (2, ("list",)),
        "list of rows": (2, ("list",)),
    },
}  # fmt: skip
"""Operations by what they give: the share of each, and what its arguments are.

``of rows`` has rows, or lists of which it makes rows."""

NODES: Mapping[Kind, Mapping[str, int]] = {
    "number": {
        "var": 30, "const": 14, "real": 1, "if": 3, "read": 5, "inside": 1, "sum": 2, "total": 1,
        "size": 2, "first": 1, "how many": 6, "other": 5,
    },
    "truth": {"var": 3, "const": 1, "if": 1, "other": 3},
    "list": {"var": 40, "listed": 28, "const": 2, "if": 2, "other": 3},
    "rows": {"var": 30, "listed": 30, "if": 2, "other": 3},
    "over": {
        "list": 40, "rows": 16, "numbers of rows": 2, "range": 8, "places of list": 10,
        "places of rows": 5, "zip": 14, "zip of rows": 1, "other": 2,
    },
    "amount": {"const": 8, "number": 8},
}  # fmt: skip
"""What else may stand there; *other* marks what the untyped code tells."""

SHARES: Mapping[Kind, Mapping[str, int]] = {
    kind: {**nodes, **{op: share for op, (share, _) in PRODUCED.get(kind, {}).items()}}
    for kind, nodes in NODES.items()
}
"""How often each node stands where a kind is asked for, of which each table is a distribution."""
