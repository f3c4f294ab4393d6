"""Formulas as a module of torch: any leading axes, trainable constants, the dtype of its input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch

from ..ir.expr import Call, Const, Expr, If, Var
from ..ir.formulas import Formulas
from ..ir.ops import OPERATIONS
from .face import BlockFace
from .surrogate_module import SurrogateModule, common_kind

Step: TypeAlias = tuple[str, tuple[int, ...], float]
"""An operation on the values of earlier steps; a leaf has a number, or the place of its value."""

Value: TypeAlias = Any
"""A tensor, or a plain number where nothing varies."""


def _larger(a: Value, b: Value) -> Value:
    if not isinstance(a, torch.Tensor):
        a, b = b, a
    return torch.maximum(a, b) if isinstance(b, torch.Tensor) else a.clamp(min=b)


def _smaller(a: Value, b: Value) -> Value:
    if not isinstance(a, torch.Tensor):
        a, b = b, a
    return torch.minimum(a, b) if isinstance(b, torch.Tensor) else a.clamp(max=b)


_MEANING: dict[str, Callable[..., Value]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "max": _larger,
    "min": _smaller,
    "abs": torch.abs,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "sign": torch.sign,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "and": lambda a, b: (a != 0) & (b != 0),
    "or": lambda a, b: (a != 0) | (b != 0),
    "not": lambda a: a == 0,
    "if": lambda test, a, b: torch.where(test != 0, a, b),
}
_TRUTHS = frozenset(op for op, row in OPERATIONS.items() if row.truth)


class _Compiler:
    """Formulas as steps, each different expression once; what is known is computed now."""

    def __init__(self, formulas: Formulas) -> None:
        self.steps: list[Step] = []
        self.known: dict[Expr, int] = {}
        self.bound: dict[str, int] = {}
        self.free = 0  # constants so far
        for k, scalar in enumerate(formulas.inputs):
            self.bound[scalar.name] = self.add("column", (), k)
        for let in formulas.derived:
            self.bound[let.name] = self.step(let.value, False)
        for let in formulas.body:
            self.bound[let.name] = self.step(let.value, True)
        self.last = tuple(self.step(value, True) for value in formulas.values)

    def add(self, op: str, args: tuple[int, ...] = (), leaf: float = 0) -> int:
        self.steps.append((op, args, leaf))
        return len(self.steps) - 1

    def number(self, place: int) -> float | None:
        op, _, leaf = self.steps[place]
        return leaf if op == "number" else None

    def step(self, expr: Expr, free: bool) -> int:
        """The place of an expression's value; its floats are free constants or plain numbers."""
        match expr:
            case Const(float()) if free:
                self.free += 1
                return self.add("constant", (), self.free - 1)
            case Const(int() | float() as value):
                return self.add("number", (), value)
            case Var(name):
                return self.bound[name]
            case If(condition, then, otherwise):
                return self.called("if", [self.step(e, free) for e in (condition, then, otherwise)])
            case Call(op, args):
                places = [self.step(arg, free) for arg in args]
                op = "pow" if op == "power" else op
                if not places:
                    return self.add("number", (), OPERATIONS[op].function())
                if op not in _MEANING:
                    raise ValueError(f"there is no module for {expr}")
                place = places[0]
                if len(places) == 1:
                    return self.called(op, places)
                for other in places[1:]:
                    place = self.called(op, [place, other])
                return place
            case _:
                raise ValueError(f"there is no module for {expr}")

    def called(self, op: str, places: Sequence[int]) -> int:
        numbers = [self.number(place) for place in places]
        if op != "if" and all(value is not None for value in numbers):
            return self.add("number", (), OPERATIONS[op].function(*numbers))
        if op == "if" and numbers[0] is not None:
            return places[1] if numbers[0] else places[2]
        same = (op, tuple(places))
        for k, (known, args, _) in enumerate(self.steps):
            if (known, args) == same:
                return k
        return self.add(op, tuple(places))


class FormulaModule(SurrogateModule[Formulas]):
    """Formulas in place of a block: what the block takes, in; what it answers, out.

    ``constants`` (float64) are the free constants of the formulas from left to right. Where a
    formula has no value the answer is NaN or infinite.
    """

    def __init__(self, formulas: Formulas, face: BlockFace, places: Sequence[int]) -> None:
        super().__init__(formulas, face, places)
        compiled = _Compiler(formulas)
        self.steps, self.last = tuple(compiled.steps), compiled.last

    def numbers(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        """The formulas' values (..., outputs) for tensors (..., features) side by side."""
        lead, kind = common_kind(tensors)
        columns = [column for one in tensors for column in one.to(kind).unbind(-1)]
        constants = self.constants.to(kind).unbind(0) if len(self.constants) else ()
        values: list[Value] = []
        for op, args, leaf in self.steps:
            if op == "column":
                values.append(columns[int(leaf)])
            elif op == "constant":
                values.append(constants[int(leaf)])
            elif op == "number":
                values.append(leaf)
            elif op == "if":
                test, then, otherwise = (values[arg] for arg in args)
                then, otherwise = (_tensor(one, tensors[0], kind) for one in (then, otherwise))
                values.append(torch.where(test != 0, then, otherwise))
            else:
                value = _MEANING[op](*[values[arg] for arg in args])
                values.append(value.to(kind) if op in _TRUTHS else value)
        answers = [_tensor(values[place], tensors[0], kind).expand(lead) for place in self.last]
        return torch.stack(answers, dim=-1)

    def extra_repr(self) -> str:
        return f"{len(self.last)} formulas, {len(self.constants)} constants"


def _tensor(value: Value, like: torch.Tensor, kind: torch.dtype) -> torch.Tensor:
    if isinstance(value, torch.Tensor):
        return value
    return torch.tensor(value, dtype=kind, device=like.device)
