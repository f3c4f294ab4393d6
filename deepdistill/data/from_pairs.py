"""Problems from a user's own pairs of any lengths: what their values are, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..ir.errors import InputError
from ..ir.names import identifier, in_brief
from ..ir.types import Axis, Integers, Port, parse_axes
from .examples import LARGEST, grouped
from .pair_values import MOST_VALUES, Kind, Value, kind_of_all, read_value
from .pairs import ExamplePair, PairProblem

MOST_PAIRS = 2**20
_FEW_PAIRS = 20  # among so few no wrong answer is told from a mistake
_FEW_CLASSES = 20
_MOST_CHARACTERS = 1000
_NAMES: dict[Kind, str] = {
    "number": "number",
    "text": "text",
    "list": "numbers",
    "picture": "picture",
}
_AXES: dict[Kind, tuple[Axis, ...]] = {
    "number": (),
    "text": (Axis("sequence"),),
    "list": (Axis("sequence"),),
    "picture": (Axis("grid"), Axis("grid")),
}
_CONTENT = {"input": "input", "output": "answer"}

Place = Callable[[int], str]
"""What a pair is called in a sentence, from its number."""


def pairs_from_examples(
    pairs: Any,
    axes: str | Mapping[str, str] | None = None,
    name: str = "mine",
    groups: Any = None,
    *,
    held_out: Sequence[Any] = (),
    place: Place = "pairs[{}]".format,
) -> PairProblem:
    """The problem of pairs (input, output) of any lengths; a pair may be a mapping of these two.

    An input is a number, a text, a list of integers or a picture (a list of rows of one length), or
    a mapping of names to such for several inputs; so is the answer, which may also be the name of a
    class. ``axes`` decides what an input is where it is given, as for arrays; ``held_out`` pairs
    only judge. Raises :class:`InputError` with a sentence for pairs that cannot be learned from.
    """
    listed = _listed(pairs)
    if len(listed) < 2:
        amount = "no pairs" if not listed else "one pair"
        raise InputError(f"{amount} given: at least two are needed, one to learn and one to judge")
    if len(listed) + len(held_out) > MOST_PAIRS:
        raise InputError(f"more than {MOST_PAIRS:,} pairs: give fewer")
    split = [_parted(pair, place(k)) for k, pair in enumerate((*listed, *held_out))]
    titles, columns = _columns([given for given, _ in split], place)
    answers, left = [], MOST_VALUES
    for k, (_, answer) in enumerate(split):
        answers.append(read_value(answer, f"the output of {place(k)}"))
        left -= answers[-1].count + sum(column[k].count for column in columns)
        if left < 0:
            raise InputError(f"more than {MOST_VALUES:,} numbers in all pairs: give fewer")
    kinds = [
        kind_of_all(column, f"the input{f' {title!r:.40}' * bool(title)}", place)
        for title, column in zip(titles, columns, strict=True)
    ]
    kind = kind_of_all(answers, "the output", place)
    names = _port_names(titles, kinds)
    letters = _alphabet([*columns, answers], [*kinds, kind])
    ports = [
        _port(own, what, column, letters)
        for own, what, column in zip(names, kinds, columns, strict=True)
    ]
    output, notes = _output(kind, answers, columns, kinds, letters)
    input_axes = None if axes is None else _given_axes(axes, titles, kinds)
    coded = [
        tuple(_coded(port, column) for port, column in zip(ports, columns, strict=True)),
        _coded(output, answers),
    ]
    numbers = None if groups is None else grouped(groups, len(listed), "pairs").tolist()
    examples = [
        ExamplePair(given, answer, numbers[k] if numbers and k < len(listed) else None, k)
        for k, (given, answer) in enumerate(zip(zip(*coded[0], strict=True), coded[1], strict=True))
    ]
    notes += _contradictions(examples, place)
    return PairProblem(
        name=identifier(name),
        inputs=tuple(ports),
        output=output,
        given=tuple(examples[: len(listed)]),
        reserved=((), tuple(examples[len(listed) :])),
        notes=tuple(notes),
        axes=input_axes,
    )


def _listed(pairs: Any) -> list[Any]:
    """The pairs one by one, from whatever holds them."""
    if isinstance(pairs, str | bytes | Mapping) or not isinstance(pairs, Iterable):
        raise InputError(
            f"pairs are a {type(pairs).__name__}: give a list of (input, output), for example "
            "[([3, 1], 4), ([2, 2, 5], 9)]"
        )
    return list(pairs)


def _parted(pair: Any, where: str) -> tuple[Any, Any]:
    """The input and the output of a pair."""
    if isinstance(pair, Mapping):
        for key in ("input", "output"):
            if key not in pair:
                raise InputError(
                    f'{where} has no {key!r}: give {{"input": ..., "output": ...}} in each'
                )
        other = [key for key in pair if key not in ("input", "output")]
        if other:
            raise InputError(
                f"{where} has the unknown key {other[0]!r:.40}: a pair has an input and an "
                'output; several inputs go by name under "input"'
            )
        return pair["input"], pair["output"]
    if isinstance(pair, str | bytes) or not hasattr(pair, "__len__") or len(pair) != 2:
        raise InputError(f"{where} is {_brief(pair)}: each must be a pair (input, output)")
    return pair[0], pair[1]


def _columns(given: Sequence[Any], place: Place) -> tuple[list[str], list[list[Value]]]:
    """The names of the inputs, one of them empty where it has none, and their values pair by pair.

    A mapping holds several inputs by name, in all pairs the same ones.
    """
    several = [isinstance(one, Mapping) for one in given]
    if not any(several):
        values = [read_value(one, f"the input of {place(k)}") for k, one in enumerate(given)]
        return [""], [values]
    if not all(several):
        one, two = several.index(True), several.index(False)
        raise InputError(
            f"{place(one)} names its inputs and {place(two)} does not: do one or the other in all"
        )
    titles = list(given[0])
    if not titles:
        raise InputError(f"{place(0)} names no inputs: give at least one")
    for k, one in enumerate(given):
        if not all(isinstance(title, str) and title for title in one):
            raise InputError(f"an input of {place(k)} has a name that is no text: give texts")
        if set(one) != set(titles):
            odd = sorted(set(one) ^ set(titles))[0]
            raise InputError(
                f"{place(k)} and {place(0)} have other inputs: {odd!r:.40} is in only one of them"
            )
    return titles, [
        [read_value(one[title], f"the input {title!r:.40} of {place(k)}") for k, one in
         enumerate(given)]
        for title in titles
    ]  # fmt: skip


def _port_names(titles: Sequence[str], kinds: Sequence[Kind]) -> list[str]:
    names = [
        identifier(title) if title else _NAMES[k] for title, k in zip(titles, kinds, strict=True)
    ]
    for one in [*names, "result"]:
        if [*names, "result"].count(one) > 1:
            raise InputError(f"two ports are called {one!r}: rename one, the output is 'result'")
    return names


def _alphabet(columns: Sequence[Sequence[Value]], kinds: Sequence[Kind]) -> tuple[str, ...]:
    """The characters of all texts, which share them, in order; the value of a digit is its place.

    Those of names of classes are not among them, but for answers of one letter of the inputs.
    """
    letters: set[str] = set()
    for column, kind in zip(columns[:-1], kinds[:-1], strict=True):
        if kind == "text":
            letters.update(*(value.content for value in column))
    if kinds[-1] == "text":
        more = {letter for value in columns[-1] for letter in value.content}
        classes = _names_classes(columns[-1], columns[:-1], kinds[:-1])
        single = all(len(value.content) == 1 for value in columns[-1])
        if not classes or (single and letters & more):
            letters |= more
    if len(letters) > _MOST_CHARACTERS:
        raise InputError(
            f"the texts have {len(letters):,} different characters: at most {_MOST_CHARACTERS:,} "
            "can be learned from"
        )
    if letters and all(letter in "0123456789" for letter in letters):
        return tuple(map(str, range(int(max(letters)) + 1)))
    return tuple(sorted(letters))


def _names_classes(
    answers: Sequence[Value], columns: Sequence[Sequence[Value]], kinds: Sequence[Kind]
) -> bool:
    """Whether texts name classes: few that come again, and not made of their own inputs' letters.

    An answer of one letter everywhere is a class, too: that of the letter.
    """
    words = [value.content for value in answers]
    distinct = set(words)
    if all(len(word) == 1 for word in distinct):
        return True
    few = len(distinct) <= _FEW_CLASSES and 2 * len(distinct) <= len(words)
    if "text" not in kinds:
        return few or len(distinct) <= 5
    if "" in distinct:
        return False
    own = [
        {letter for column, kind in zip(columns, kinds, strict=True) if kind == "text"
         for letter in column[k].content}
        for k in range(len(words))
    ]  # fmt: skip
    return few and not all(set(word) <= letters for word, letters in zip(words, own, strict=True))


def _port(name: str, kind: Kind, column: Sequence[Value], letters: tuple[str, ...]) -> Port:
    if kind == "text":
        return Port(name, _AXES[kind], Integers(0, max(0, len(letters) - 1)), letters)
    numbers = [number for value in column for number in value.numbers()]
    low, high = min(numbers, default=0), max(numbers, default=1)
    domain = Integers(low, high)
    return Port(name, _AXES[kind], tenfold(domain) if kind == "number" else domain)


def tenfold(domain: Integers) -> Integers:
    """What a number that stands alone may be at larger sizes: a place has one more digit."""
    if domain.low >= 0 and domain.high <= 1:
        return domain
    most = min(10 ** (len(str(max(-domain.low, domain.high))) + 1) - 1, LARGEST)
    return Integers(-most if domain.low < 0 else 0, most)


def _output(
    kind: Kind,
    answers: Sequence[Value],
    columns: Sequence[Sequence[Value]],
    kinds: Sequence[Kind],
    letters: tuple[str, ...],
) -> tuple[Port, list[str]]:
    """The port of the answers, and what had to be assumed of them."""
    if all(value.truth for value in answers):
        return Port("result", (), Integers(0, 1), (False, True)), []
    if kind != "text":
        numbers = [number for value in answers for number in value.numbers()]
        domain = Integers(min(numbers, default=0), max(numbers, default=1))
        return Port("result", _AXES[kind], domain), []
    if not _names_classes(answers, columns, kinds):
        return _port("result", kind, answers, letters), []
    names = tuple(sorted({value.content for value in answers}))
    if letters and set(names) <= set(letters):
        return Port("result", (), Integers(0, len(letters) - 1), letters), []
    text = ", ".join(f"{one!r:.20}" for one in names[:6]) + " and others" * (len(names) > 6)
    note = f"the answers are read as names of {len(names)} classes: {text}"
    return Port("result", (), Integers(0, len(names) - 1), names), [note]


def _coded(port: Port, column: Sequence[Value]) -> list[Any]:
    """The values with places in place of symbols."""
    if not port.symbols:
        return [value.content for value in column]
    table = {symbol: k for k, symbol in enumerate(port.symbols)}
    if not port.axes:
        return [table[value.content] for value in column]
    return [[table[letter] for letter in value.content] for value in column]


def _given_axes(
    axes: str | Mapping[str, str], titles: Sequence[str], kinds: Sequence[Kind]
) -> tuple[tuple[Axis, ...], ...]:
    """The axes of each input that somebody told; a number has none."""
    if isinstance(axes, str):
        texts = [axes if kind != "number" else "" for kind in kinds]
    elif isinstance(axes, Mapping):
        unknown = set(axes) - set(titles)
        if unknown:
            raise InputError(f"axes names {sorted(unknown)[0]!r:.40}, which is no input")
        texts = [str(axes.get(title, "")) for title in titles]
    else:
        raise InputError(f"axes are a {type(axes).__name__}: give a text, or texts by input")
    input_axes = []
    for text, title, kind in zip(texts, titles, kinds, strict=True):
        try:
            own = parse_axes(text) if text else ()
        except ValueError as error:
            raise InputError(str(error)) from None
        what = f"the input{f' {title!r:.40}' * bool(title)}"
        if len(own) != len(_AXES[kind]):
            wanted = len(_AXES[kind])
            needs = "no axis" if not wanted else "one axis" if wanted == 1 else "two axes"
            raise InputError(
                f"the axes {text!r:.60} do not fit: {what} is a {kind}, which has {needs}"
            )
        if kind == "text" and own != _AXES[kind]:
            raise InputError(f"the axes {text!r:.60} do not fit: {what} is a text, a sequence")
        input_axes.append(own)
    if not any(input_axes):
        raise InputError("numbers have no axes: leave out axes")
    return tuple(input_axes)


def _contradictions(examples: Sequence[ExamplePair], place: Place) -> list[str]:
    """What there is to say of pairs with one input and several answers; few pairs are refused."""
    first: dict[str, int] = {}
    odd: list[tuple[int, int]] = []
    for k, pair in enumerate(examples):
        before = first.setdefault(repr(pair.inputs), k)
        if examples[before].output != pair.output:
            odd.append((before, k))
    if not odd:
        return []
    one, two = odd[0]
    same = f"{place(one)} and {place(two)} have the same input and different outputs"
    if len(examples) <= _FEW_PAIRS:
        raise InputError(f"{same}: no program can compute both, remove one of them")
    more = f", and {len(odd) - 1} more such pairs" if len(odd) > 1 else ""
    return [f"{same}{more}: no program can compute all of them"]


def _brief(value: Any) -> str:
    return f"{type(value).__name__} {in_brief(value)}"
