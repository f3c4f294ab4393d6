"""What an explanation is: one output, its value, and the steps that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Literal, TypeAlias, assert_never

from ..ir.names import on_one_line

Kind: TypeAlias = Literal[
    "before", "input", "value", "place", "count", "condition", "decision", "after", "support"
]

At: TypeAlias = int | tuple[int, ...] | None
"""The place of an output: one index for each of its axes; None for the only one or for all."""

WIDTH = 100
_LONGEST_TEXT = 600
_MOST_SHOWN = 12  # numbers of a list


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a trace.

    ``before`` and ``after`` are a variable that a loop carries, ``input`` what was given, ``value``
    a named variable or an expression (``detail``: how a variable was computed), ``place`` where a
    search stopped, ``count`` at how many places the condition ``text`` holds (``detail``: some of
    them), ``condition`` whether ``text`` holds (``detail``: the numbers that were compared),
    ``decision`` the literal that was chosen true (``detail``: what decided), ``support`` what is
    known of an answer, in words.
    """

    kind: Kind
    text: str
    value: Any
    detail: str = ""

    def __str__(self) -> str:
        text, detail = short_text(self.text), short_text(self.detail)
        value = displayed(self.value)
        match self.kind:
            case "before":
                return f"{text} = {value}  before this step"
            case "after":
                how = f"{detail} = " if detail else ""
                return f"{text} = {how}{value}  after this step"
            case "place":
                return f"at {text} = {value}"
            case "count":
                where = f": {detail}" if detail else ""
                return f"{text}  at {value} place{'' if self.value == 1 else 's'}{where}"
            case "condition":
                numbers = f"  ({detail})" if detail else ""
                return f"{text}  {'holds' if self.value else 'fails'}{numbers}"
            case "decision":
                return f"{text} becomes {'true' if self.value > 0 else 'false'}  ({detail})"
            case "support":
                return f"{text} = {short_text(on_one_line(self.value))}"
            case "input" | "value":
                return f"{text} = {detail} = {value}" if detail else f"{text} = {value}"
            case _:
                assert_never(self.kind)

    def as_json(self) -> dict[str, Any]:
        """The step as a dict of plain values; ``detail`` only where there is one."""
        data = {"kind": self.kind, "text": self.text, "value": self.value}
        return data | {"detail": self.detail} if self.detail else data


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why ``output`` has its ``value``: the steps in the order in which they are computed.

    ``print`` shows it as a short trace, :meth:`as_json` gives it as data.
    """

    problem: str
    output: str
    value: Any
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        head = f"{self.output} = {displayed(self.value)}"
        if not self.steps:
            return f"{head}, always"
        lines = [f"{head}, because"]
        for step in self.steps:
            lines += wrap(str(step), WIDTH, initial_indent="  ", subsequent_indent="      ",
                          fix_sentence_endings=False, break_on_hyphens=False)  # fmt: skip
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """``{"problem", "output", "value", "steps"}`` of plain values."""
        return {
            "problem": self.problem,
            "output": self.output,
            "value": self.value,
            "steps": [step.as_json() for step in self.steps],
        }


def short_text(text: str) -> str:
    """A text of a few lines at most."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 4]} ..."


def displayed(value: Any) -> str:
    """A value for people: floats to ten digits, of a long list the first numbers and its length.

    Texts are quoted: they can be empty, or hold what would steer a terminal.
    """
    if isinstance(value, list | tuple):
        parts = [displayed(part) for part in value[:_MOST_SHOWN]]
        more = f", ... {len(value)} in all" if len(value) > _MOST_SHOWN else ""
        return f"[{', '.join(parts)}{more}]"
    if isinstance(value, float):
        return f"{value:.10g}"
    return short_text(repr(str(value)) if isinstance(value, str) else str(value))
