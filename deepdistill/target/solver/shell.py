"""A solver of arrays from a shell: JSON from standard input, the answer as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

SEVERAL = True  # arguments


def solve(*arguments: Any) -> Any:
    """What a solver answers."""
    raise NotImplementedError


def _arguments(given: Any) -> list[Any]:
    """The arguments in order, from a JSON list or from an object with their names."""
    names: list[str] = []
    if isinstance(given, dict) and sorted(given) == sorted(names):
        return [given[name] for name in names]
    if isinstance(given, list) and len(given) == len(names):
        return given
    raise ValueError(f"give a list of {' and '.join(names)}, or an object with these keys")


def _main() -> int:
    """Read JSON from standard input, print the answer as JSON."""
    try:
        if SEVERAL:
            answer = solve(*_arguments(json.load(sys.stdin)))
        else:
            answer = solve(json.load(sys.stdin))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        print(f"the input is not JSON: {error}", file=sys.stderr)
        return 2
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(answer))
    return 0
