"""Plain dataclasses as JSON and back: the types of their fields say what may stand where.

A dataclass is the list of its fields in their order. Where one of several may stand, a tag comes
first: the class's name in small letters, or another one that the codec knows. Integers have a
limited size, other numbers are finite, ``Literal`` names what is allowed. What values mean together
(an index that has to be there, a width that has to fit) is looked at by who reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Never, Union, get_args, get_origin, get_type_hints

from ..ir.errors import InputError
from .archive import LARGEST_INTEGER, listed

_MOST_PARTS = 10_000  # of any list


@dataclass(frozen=True, slots=True)
class Codec:
    """Integers up to ``largest`` in size; ``tags`` names classes in other words than their own.

    ``later`` says how many of a class's last fields, which have a default, older files do not have.
    """

    largest: int = LARGEST_INTEGER
    tags: Mapping[type, str] = field(default_factory=lambda: MappingProxyType({}))
    later: Mapping[type, int] = field(default_factory=lambda: MappingProxyType({}))

    def plain(self, value: Any, expected: Any) -> Any:
        """Lists, texts and numbers in place of a value of the ``expected`` type."""
        if isinstance(value, tuple):
            kinds = get_args(expected)
            each = kinds[:1] * len(value) if kinds[-1] is ... else kinds
            return [self.plain(part, kind) for part, kind in zip(value, each, strict=True)]
        if not is_dataclass(value):
            return float(value) if expected is float else value
        kind: Any = type(value)
        parts = [self.plain(getattr(value, name), hint) for name, hint in _hints(kind).items()]
        several = _is_union(expected) and len(set(get_args(expected)) - {NoneType}) > 1
        return [self._tag(kind), *parts] if several else parts

    def read(self, data: Any, expected: Any, what: str) -> Any:
        """The value of the ``expected`` type; ``what`` says where it stands.

        Raises :class:`InputError` where the data is no such value.
        """
        if expected is int:
            if type(data) is not int or abs(data) > self.largest:
                raise InputError(f"its {what} holds a value that is not a usable integer")
            return data
        if expected is float:
            return self._number(data, what)
        if expected in (bool, str):
            return data if type(data) is expected else _unknown(what)
        if get_origin(expected) is Literal:
            known = isinstance(data, str) and data in get_args(expected)
            return data if known else _unknown(what)
        if get_origin(expected) is tuple:
            return self._tuple(data, get_args(expected), what)
        if _is_union(expected):
            return self._one_of(data, get_args(expected), what)
        return self._fields(data, expected, what)

    def _number(self, data: Any, what: str) -> float:
        """A number that is finite, for it was JSON."""
        try:
            return float(data) if type(data) in (int, float) else _unknown(what)
        except OverflowError:
            return _unknown(what)

    def _tuple(self, data: Any, kinds: tuple[Any, ...], what: str) -> tuple[Any, ...]:
        if len(listed(data, what)) > _MOST_PARTS:
            raise InputError(f"it has too many {what}")
        each = kinds[:1] * len(data) if kinds[-1] is ... else kinds
        if len(data) != len(each):
            _unknown(what)
        pairs = enumerate(zip(data, each, strict=True))
        return tuple([self.read(part, kind, f"{what}[{k}]") for k, (part, kind) in pairs])

    def _one_of(self, data: Any, kinds: tuple[Any, ...], what: str) -> Any:
        if NoneType in kinds:
            kinds = tuple(kind for kind in kinds if kind is not NoneType)
            if data is None or len(kinds) == 1:
                return None if data is None else self.read(data, kinds[0], what)
        for kind in kinds:
            if isinstance(data, list) and data[:1] == [self._tag(kind)]:
                return self._fields(data[1:], kind, what)
        return _unknown(what)

    def _fields(self, data: Any, expected: Any, what: str) -> Any:
        hints = _hints(expected)
        least = len(hints) - self.later.get(expected, 0)
        if not isinstance(data, list) or not least <= len(data) <= len(hints):
            _unknown(what)
        pairs = zip(data, hints.items(), strict=False)
        return expected(*[self.read(part, hint, f"{what}.{name}") for part, (name, hint) in pairs])

    def _tag(self, kind: type) -> str:
        return self.tags.get(kind, kind.__name__.lower())


def _unknown(what: str) -> Never:
    raise InputError(f"its {what} is of an unknown kind")


def _is_union(expected: Any) -> bool:
    return isinstance(expected, UnionType) or get_origin(expected) is Union


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    """The types of a dataclass's fields, in their order."""
    known = get_type_hints(kind)
    return {one.name: known[one.name] for one in fields(kind)}
