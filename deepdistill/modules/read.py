"""Read a module by what it computes: affine steps and threshold units, whoever wrote them.

The operations that torch.fx records are carried out on affine functions of the inputs and of the
units found so far. What is affine is read off by running it; what jumps at one place becomes
threshold units; everything else is refused by its name. Nothing here is believed: the module itself
is run beside the network that was read.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import fx

from ..ir.errors import InputError
from .affine import AffineValue, Tensor, of_operation
from .capture import Floats, precision, unchanged
from .jumps import in_every_place, jumps_of
from .layers import decimal, is_float, layer, linear, not_finite
from .pending import NotRead, Pending, ReadHead, head_of
from .trace import traced
from .units import ReadUnit, Terms, TooFewTerms

_COMPARED = {
    "gt": (0.0, 0.0, 1.0),
    "ge": (0.0, 1.0, 1.0),
    "lt": (1.0, 0.0, 0.0),
    "le": (1.0, 1.0, 0.0),
    "eq": (0.0, 1.0, 0.0),
    "ne": (1.0, 0.0, 1.0),
}
_CASTS = {
    *("float", "double", "half", "bfloat16", "int", "long", "short", "bool", "to", "type"),
    *("type_as", "contiguous", "clone", "detach", "cpu", "cuda", "requires_grad_", "char"),
}
_NOT = ("invert", "logical_not", "bitwise_not", "__invert__")
_BOTH = {"and_": 1.5, "logical_and": 1.5, "bitwise_and": 1.5, "__and__": 1.5, "mul": 1.5}
_EITHER = {"or_": 0.5, "logical_or": 0.5, "bitwise_or": 0.5, "__or__": 0.5}
_MOST_TERMS = 2**13
_LOST, _LEAST = 4.0, 1e-9  # near a jump behind another function: in its epsilon, and when probed


@dataclass(frozen=True, slots=True, eq=False)
class ReadModule:
    """The units of a module in an order in which they can be computed, and its outputs.

    ``outputs``, ``sizes`` are (outputs, terms) and ``steps`` (outputs,); ``head`` says what the
    module makes of its outputs, ``monotone`` being something that keeps their order.
    """

    units: tuple[ReadUnit, ...]
    outputs: Floats
    sizes: Floats
    steps: NDArray[np.int64]
    head: ReadHead
    epsilon: float


def read_module(module: torch.nn.Module, shape: tuple[int, ...], values: range) -> ReadModule:
    """What a module computes on inputs (samples, *shape) of integers among ``values``.

    Raises :class:`InputError` for what no network of threshold units can be.
    """
    with unchanged(module):
        root, graph = traced(module)
        room = 64
        while True:
            reader = _Reader(root, graph, shape, values, 1 + prod(shape) + room)
            try:
                return reader.read()
            except TooFewTerms:
                room *= 4
                if room > _MOST_TERMS:
                    raise InputError("the module has too many units to be read here") from None


class _Reader:
    def __init__(
        self, root: Any, graph: fx.Graph, shape: tuple[int, ...], values: range, count: int
    ) -> None:
        self.root, self.graph = root, graph
        self.parts = dict(root.named_modules())
        self.terms = Terms(shape, values, count)
        self.epsilon = float(torch.finfo(torch.float64).eps)
        for one in [*root.parameters(), *root.buffers()]:
            self._rounds(one.dtype)
        self._rounds(precision(root))

    def _rounds(self, kind: torch.dtype) -> None:
        if kind.is_floating_point:
            self.epsilon = max(self.epsilon, float(torch.finfo(kind).eps))

    def read(self) -> ReadModule:
        values: dict[fx.Node, Any] = {}
        for node in self.graph.nodes:
            if node.op == "placeholder":
                values[node] = self.terms.inputs()
            elif node.op == "get_attr":
                value = operator.attrgetter(node.target)(self.root)
                values[node] = decimal(value) if is_float(value) else value
            elif node.op == "output":
                return self._finished(fx.node.map_arg(node.args[0], values.__getitem__))
            else:
                args, named = (
                    fx.node.map_arg(part, values.__getitem__) for part in (node.args, node.kwargs)
                )
                values[node] = self._called(node, args, named)
                self._written(node, values)
        raise AssertionError("a graph ends with its output")

    def _written(self, node: fx.Node, values: dict[fx.Node, Any]) -> None:
        """What writes in place changes its first argument, too."""
        name = str(node.target) if node.op == "call_method" else _name(node.target)
        in_place = name.endswith("_") and not name.endswith("__") and name not in _EITHER | _BOTH
        if node.op == "call_module":
            in_place = bool(getattr(self.parts[str(node.target)], "inplace", False))
        in_place = in_place or node.kwargs.get("inplace") is True
        in_place = in_place or (name[:1] == "i" and name[1:] in ("add", "sub", "mul", "truediv"))
        first = node.args[0] if node.args else None
        if in_place and isinstance(first, fx.Node):
            values[first] = values[node]

    def _finished(self, answer: Any) -> ReadModule:
        if isinstance(answer, AffineValue):
            answer = Pending(answer, "scores", "")
        if not isinstance(answer, Pending):
            raise InputError("the module must return one tensor that depends on its input")
        if answer.head is None:
            raise _no_unit_computes(answer.title)
        value = answer.value
        if len(value.shape) > 1:
            raise InputError(
                f"the module answers an input with an array of shape {value.shape}: "
                "it must give one list of numbers"
            )
        return ReadModule(
            tuple(self.terms.units),
            self.terms.flat(value.terms).T.numpy(),
            self.terms.flat(value.sizes).T.numpy(),
            value.steps.numpy(),
            answer.head,
            self.epsilon,
        )

    # ---- operations

    def _called(self, node: fx.Node, args: Any, named: Any) -> Any:
        run, name, title = self._operation(node)
        for one in [*args, *named.values()]:
            if isinstance(one, torch.dtype):
                self._rounds(one)
        if name == "half" or name == "bfloat16":
            self._rounds(torch.float16 if name == "half" else torch.bfloat16)
        given: list[Any] = []
        fx.node.map_aggregate((args, named), given.append)
        try:
            if any(isinstance(one, Pending) for one in given):
                return self._after_pending(run, name, args, named, title)
            values = [one for one in given if isinstance(one, AffineValue)]
            if not values:
                return run(*args, **named)
            return self._finite(self._of_values(run, name, args, named, values, node))
        except (TooFewTerms, InputError):
            raise
        except Exception as error:
            not_finite(self.root)
            if isinstance(error, NotRead):
                raise _no_unit_computes(str(error) or title) from None
            reason = " ".join(str(error).split())[:100]
            raise _no_unit_computes(f"{title} ({reason})") from None

    def _finite(self, value: Any) -> Any:
        if isinstance(value, AffineValue) and not value.terms.isfinite().all():
            not_finite(self.root)
            raise NotRead
        return value

    def _operation(self, node: fx.Node) -> tuple[Callable[..., Any], str, str]:
        """How to run what a node names, its plain name, and what to call it in a sentence."""
        if node.op == "call_module":
            path = str(node.target)
            part, where = self.parts[path], path.removeprefix("module").removeprefix(".")
            title = f"{type(part).__name__}{f' ({where})' if where else ''}"
            if ".quantized" in type(part).__module__:
                title = f"the quantized {title}, which is read as it was before"
            return self._run_part(part), type(part).__name__.lower(), title
        if node.op == "call_method":
            method = str(node.target)
            return (lambda x, *a, **k: getattr(x, method)(*a, **k)), method, f"the method {method}"
        name = _name(node.target)
        assert callable(node.target)
        return node.target, name, f"the function {name}"

    def _run_part(self, part: torch.nn.Module) -> Callable[..., Any]:
        if not type(part).__module__.startswith("torch.nn"):
            kind = precision(self.root)
            return lambda x: part(x.to(kind)).double()
        numbers = {
            name: decimal(one) if is_float(one) else one
            for name, one in [*part.named_parameters(), *part.named_buffers()]
        }
        return lambda *a, **k: torch.func.functional_call(part, numbers, a, k)

    def _of_values(
        self, run: Any, name: str, args: Any, named: Any, values: list[AffineValue], node: fx.Node
    ) -> Any:
        first = args[0] if args else values[0]
        if name in ("size", "dim", "ndimension", "numel", "getattr"):
            return self._shape_of(run, name, args, named)
        name = name.rstrip("_") if node.op == "call_method" and not name.startswith("__") else name
        name = name.strip("_") if name.strip("_") in _COMPARED else name
        if name in _CASTS and (value := self._cast(name, args, named, values[0])) is not None:
            return value
        if name in _COMPARED and len(args) == 2:
            return self.terms.jumping(self._minus(*args), *_COMPARED[name], binary=True)
        if name in _NOT and values[0].binary:
            return self._negated(values[0])
        binary = len(args) == 2 and all(isinstance(one, AffineValue) and one.binary for one in args)
        if binary and (name in _BOTH or name in _EITHER):
            limit = {**_BOTH, **_EITHER}[name]
            total = of_operation(lambda a, b: a + b - limit, list(args))
            assert total is not None
            return self.terms.jumping(total, 0.0, 1.0, 1.0, binary=True)
        if name == "where" and len(args) == 3:
            return self._chosen(*args)
        part = self._part(node)
        if part is not None and (affine := layer(part, first)) is not None:
            return affine
        function = name == "linear" and node.op == "call_function"
        if function and (affine := linear(*args, **named)) is not None:
            return affine
        return self._probed(run, name, args, named, values, node)

    def _probed(
        self, run: Any, name: str, args: Any, named: Any, values: list[AffineValue], node: fx.Node
    ) -> Any:
        """What is found by running an operation on numbers."""
        title, part = self._operation(node)[2], self._part(node)

        def on(*tensors: Tensor) -> Any:
            given = iter(tensors)

            def put(one: Any) -> Any:
                return next(given) if isinstance(one, AffineValue) else one

            own = tuple(fx.node.map_aggregate(tuple(args), put))
            return run(*own, **fx.node.map_aggregate(named, put))

        affine = _unless_it_fails(lambda: of_operation(on, values))
        if affine is not None:
            return affine
        if len(values) > 1:
            raise NotRead
        (value,) = values
        if (jumping := self._jumping(on, value)) is not None:
            return jumping
        each = on if self._in_every_place(on, value) else None
        head = head_of(name, args, named, value, part)
        if head is None and each is None:
            raise NotRead
        return Pending(value, head, title, each)

    def _in_every_place(self, on: Any, value: AffineValue) -> bool:
        return in_every_place(on, value, self.terms.bounds(value), self.epsilon)

    def _jumping(self, on: Any, value: AffineValue, least: float = 0.0) -> AffineValue | None:
        """What an operation on each number makes of a value, if it jumps once or is a line."""
        jumps = jumps_of(on, value, self.terms.bounds(value), self.epsilon, least)
        if jumps is None:
            return None
        if jumps.slope is not None:
            line = of_operation(lambda x: x * jumps.slope + jumps.at, [value])
            assert line is not None
            return line
        if jumps.place:
            value = self._minus(value, torch.tensor(jumps.place, dtype=torch.float64))
        return self.terms.jumping(value, jumps.below, jumps.at, jumps.above, jumps.binary)

    def _part(self, node: fx.Node) -> torch.nn.Module | None:
        return self.parts[str(node.target)] if node.op == "call_module" else None

    def _shape_of(self, run: Any, name: str, args: Any, named: Any) -> Any:
        """Sizes and kinds of a value, which are those of its tensor."""
        if name == "getattr" and args[1] in ("T", "mT", "data", "real"):
            view = of_operation(lambda x: getattr(x, args[1]), [args[0]])
            if view is None:
                raise NotRead
            return view
        return run(args[0].terms, *args[1:], **named)

    def _cast(self, name: str, args: Any, named: Any, value: AffineValue) -> AffineValue | None:
        """Another kind of number: the same value, where nothing is cut off."""
        kinds = [one for one in [*args, *named.values()] if isinstance(one, torch.dtype)]
        whole = name in ("int", "long", "short", "char") or any(
            not kind.is_floating_point and kind != torch.bool for kind in kinds
        )
        if name == "bool" or torch.bool in kinds:
            return value if value.binary else self.terms.jumping(value, 1.0, 0.0, 1.0, binary=True)
        return None if whole and self.terms.bounds(value) is None else value

    def _minus(self, a: Any, b: Any) -> AffineValue:
        values = [one for one in (a, b) if isinstance(one, AffineValue)]

        def run(*given: Tensor) -> Any:
            rest = iter(given)
            one, other = (next(rest) if isinstance(x, AffineValue) else x for x in (a, b))
            return one - other

        difference = of_operation(run, values)
        assert difference is not None
        return difference

    def _negated(self, value: AffineValue) -> AffineValue:
        negated = of_operation(lambda x: 1 - x, [value])
        assert negated is not None
        return AffineValue(negated.terms, negated.sizes, negated.steps, True)

    def _chosen(self, condition: Any, yes: Any, no: Any) -> AffineValue:
        """``where`` between two constants."""
        if not isinstance(condition, AffineValue) or not condition.binary:
            raise NotRead
        a, b = (
            one.constant() if isinstance(one, AffineValue) else torch.as_tensor(one).double()
            for one in (yes, no)
        )
        if a is None or b is None:
            raise NotRead
        choice = of_operation(lambda x: b + x * (a - b), [condition])
        assert choice is not None
        return choice

    def _after_pending(self, run: Any, name: str, args: Any, named: Any, title: str) -> Any:
        """What may be done with what no unit computes: its largest entry, a jump, another kind."""
        given: list[Any] = []
        fx.node.map_aggregate((args, named), given.append)
        read = [x for x in given if isinstance(x, Pending | AffineValue)]
        one = next(x for x in read if isinstance(x, Pending))
        before = one.function
        if len(read) == 1:
            if name == "argmax" and one.head in ("softmax", "monotone"):
                return Pending(one.value, "argmax", title)
            if name in _CASTS or (name in ("squeeze", "flatten") and one.head == "argmax"):
                return one
        if before is None:
            raise NotRead(f"{one.title}, which is read at the end alone, before {title}")
        if len(read) > 1:
            raise NotRead(one.title)
        if name in ("size", "dim", "ndimension", "numel", "getattr"):
            return self._shape_of(run, name, [one.value, *args[1:]], named)

        def on(x: Tensor) -> Any:
            def put(x: Any) -> Any:
                return before(value) if isinstance(x, Pending) else x

            value = x
            own = tuple(fx.node.map_aggregate(tuple(args), put))
            return run(*own, **fx.node.map_aggregate(named, put))

        value = one.value
        # what is closer to the place than this may be lost in the rounding of what stands before
        sizes = value.sizes.clone()
        sizes[0] += _LOST
        value = AffineValue(value.terms, sizes, value.steps, value.binary)
        if (jumping := self._jumping(on, value, _LEAST)) is not None:
            return jumping
        if self._in_every_place(on, value):
            return Pending(one.value, None, one.title, on)
        raise NotRead(one.title)


def _no_unit_computes(title: str) -> InputError:
    return InputError(
        f"the module has a step that no threshold unit computes: {title}; sign, step, comparisons "
        "and affine layers are read, anything else must be replaced or distilled from its answers "
        "(dd.distill_teacher)"
    )


def _unless_it_fails(run: Callable[[], AffineValue | None]) -> AffineValue | None:
    try:
        return run()
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError):
        return None


def _name(target: Any) -> str:
    return str(getattr(target, "__name__", target))
