"""What a module does, operation by operation, as torch.fx records it: hooks and functions too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import fx

from ..ir.errors import InputError

_MOST_TRIES = 20


class _Whole(torch.nn.Module):
    """A module around the one that was given, so that this one is called as any other."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module
        self.train(module.training)

    def forward(self, x: Any) -> Any:
        return self.module(x)


class _Tracer(fx.Tracer):
    """Goes into everything but torch's own layers without hooks, and what is ``opaque``."""

    def __init__(self, opaque: set[str]) -> None:
        super().__init__()
        self.opaque, self.failed = opaque, ""

    def is_leaf_module(self, m: torch.nn.Module, module_qualified_name: str) -> bool:
        if module_qualified_name in self.opaque:
            return True
        hooks = bool(m._forward_hooks or m._forward_pre_hooks) or "forward" in m.__dict__
        return super().is_leaf_module(m, module_qualified_name) and not hooks

    def call_module(self, m: Any, forward: Any, args: Any, kwargs: Any) -> Any:
        try:
            return super().call_module(m, forward, args, kwargs)
        except Exception:
            self.failed = self.failed or self.path_of_module(m)
            raise


def traced(module: torch.nn.Module) -> tuple[torch.nn.Module, fx.Graph]:
    """The root that names in the graph start from, and the graph of the module's operations.

    Modules inside that cannot be traced stay single operations. Raises :class:`InputError` where
    the module itself cannot be.
    """
    root = _Whole(module)
    opaque: set[str] = set()
    for _ in range(_MOST_TRIES):
        tracer = _Tracer(opaque)
        try:
            with _functions_as_operations(tracer):
                return root, tracer.trace(root)
        except Exception as error:
            why = " ".join(str(error).split())[:150]
            if tracer.failed in ("", "module") or tracer.failed in opaque:
                break
            opaque.add(tracer.failed)
    raise InputError(
        f"what {type(module).__name__} computes cannot be traced ({why}): write its forward "
        "without branches on values, or give pairs (weights, biases)"
    )


@contextmanager
def _functions_as_operations(tracer: fx.Tracer) -> Iterator[None]:
    """Own functions with own gradients (``torch.autograd.Function``) as single operations."""
    plain = torch.autograd.Function.__dict__["apply"]

    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if not any(isinstance(one, fx.Proxy) for one in [*args, *kwargs.values()]):
            return plain.__get__(None, cls)(*args, **kwargs)

        def run(*given: Any, **named: Any) -> Any:
            return cls.apply(*given, **named)

        run.__name__ = cls.__name__
        return tracer.create_proxy("call_function", run, args, kwargs)

    torch.autograd.Function.apply = classmethod(apply)  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        torch.autograd.Function.apply = plain  # type: ignore[method-assign]
