"""What a solver does at the command line: JSON in and out, one sentence where it refuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any, TypeAlias

Solve: TypeAlias = Callable[..., Any]
Arguments: TypeAlias = tuple[Any, ...]

LONGEST = 300
"""Characters of a call that are shown."""
REFUSES = "one sentence on stderr and exit status 2"
_DEEP = "[" * 100_000


@dataclass(frozen=True, slots=True)
class Broken:
    """A call that does not do what was promised."""

    call: str
    expected: str
    got: str

    def as_json(self) -> dict[str, str]:
        return {"call": self.call, "expected": self.expected, "got": self.got}


def outcome(solve: Solve, arguments: Arguments) -> str:
    """What a call gives, in words that tell integers from floats and truths."""
    try:
        return repr(solve(*arguments))
    except MemoryError:
        raise
    except Exception as error:
        return f"raises {type(error).__name__}"


def in_words(text: str) -> str:
    """The text on one line, as far as there is room."""
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST]


def answers_json(
    solve: Solve, names: Sequence[str], arguments: Arguments, listed: bool
) -> Broken | None:
    """Whether the module's ``_main`` prints answers and refuses what it cannot read."""
    main: Any = getattr(solve, "__globals__", {}).get("_main")
    if not callable(main):
        return Broken("python solver.py", "prints an answer", "the module has no _main")
    expected = outcome(solve, arguments)
    printed: tuple[int, str | None] = (2, None)
    if not expected.startswith("raises"):
        printed = (0, json.dumps(solve(*arguments)) + "\n")
    texts: Mapping[str, tuple[int, str | None]] = {
        json.dumps(list(arguments) if listed else arguments[0]): printed,
        **dict.fromkeys(("", "{", "null", "[[[[0.5]]]]", "\udcff", _DEEP), (2, None)),
    }
    if listed:
        texts = {
            **texts,
            json.dumps(dict(zip(names, arguments, strict=True))): printed,
            json.dumps(dict(zip(reversed(names), reversed(arguments), strict=True))): printed,
            json.dumps([*arguments, 0.0]): (2, None),
            json.dumps({**dict(zip(names, arguments, strict=True)), "\0more": 0}): (2, None),
        }
    if listed and names:
        texts = {
            **texts,
            json.dumps(list(arguments[:-1])): (2, None),
            json.dumps(dict(zip(names[:-1], arguments[:-1], strict=True))): (2, None),
        }
    for text, wanted in texts.items():
        status, out, err = run_main(main, text)
        if wanted[1] is None:
            good = is_refusal(status, out, err)
            promise = REFUSES
        else:
            good = (status, out, err) == (*wanted, "")
            promise = f"{wanted[1]!r} and exit status 0"
        if not good:
            got = f"{(out or err)!r} and exit status {status}"
            return Broken(in_words(f"python solver.py < {text!r}"), in_words(promise), got[:100])
    return None


def is_refusal(status: Any, out: str, err: str) -> bool:
    """Whether a program says in one sentence that it does not take its input."""
    return status == 2 and not out and len(err.splitlines()) == 1


def run_main(
    main: Callable[..., Any], text: str | bytes, *arguments: Sequence[str]
) -> tuple[Any, str, str]:
    """Exit status, standard output and standard error of a program that reads this text."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    given = TextIOWrapper(BytesIO(data), "utf-8")
    out, err = StringIO(), StringIO()
    before, sys.stdin = sys.stdin, given
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = main(*arguments)
    except MemoryError:
        raise
    except Exception as error:
        status = f"raises {type(error).__name__}"
    finally:
        sys.stdin = before
    return status, out.getvalue(), err.getvalue()
