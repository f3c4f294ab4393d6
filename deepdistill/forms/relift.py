"""A saved network lifted again, so that what is said of its program can be looked at again."""

from __future__ import annotations

import ast
from typing import Any

from .protocol import Form, Lifted, NotLifted, Trained


def written_again(form: Form, task: Any, network: Any) -> tuple[Any, bytes]:
    """The program that a network gives, and its text but for what a docstring tells of its past.

    Raises :class:`NotLifted` where the network gives none.
    """
    from ..target.source import Provenance

    lifted = shortened(form, task, network)
    provenance = Provenance("the network that is saved beside it")
    return lifted.program, form.render(lifted, provenance, network).encode()


def shortened(form: Form, task: Any, network: Any) -> Lifted:
    """The shortened program of a network. Raises :class:`NotLifted` where the network has none."""
    return form.shorten(form.lifts(Trained(network), task)[0](""))


def sizes_taken(
    form: Form, task: Any, network: Any, program: Any
) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """What :meth:`Form.sized` tells of a program that was lifted from layers of units."""
    try:
        lifted = shortened(form, task, network)
    except NotLifted:
        return (), ()
    if lifted.program != program:  # one for another shape, whose sizes are its own
        return (), ()
    return lifted.details.architecture.least, lifted.details.architecture.alike


def same_code(one: bytes, other: bytes) -> bool:
    """Whether two modules do the same, their docstrings apart."""
    return _code(one) == _code(other)


def _code(source: bytes) -> str:
    """What a module does, without its docstring."""
    module = ast.parse(source)
    if ast.get_docstring(module) is not None:
        del module.body[0]
    return ast.dump(module)
