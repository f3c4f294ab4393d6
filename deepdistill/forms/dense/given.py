"""Networks from elsewhere: what was handed over, and the same without the noise of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...data.problem import InputError
from ...data.running import Run
from ...ir.names import argument_name
from ..protocol import Trained
from .network import DenseNetwork

if TYPE_CHECKING:
    from .handed import Beside, Handed


@dataclass(frozen=True, slots=True, eq=False)
class GivenNetwork:
    """A network from elsewhere; one with a ``second`` shape is to become a program of any size.

    ``handed`` is what it was read from at each size, where that is more than its numbers; ``note``
    says how it was read.
    """

    name: str
    network: DenseNetwork
    handed: tuple[Handed, ...] = ()
    note: str = ""

    @property
    def argument(self) -> str:
        """What the program calls its input."""
        return argument_name(len(self.network.shape), self.name)


@dataclass(frozen=True, slots=True)
class RoundingNotes:
    """In words: what rounding the weights changed, at the shape and at the second one.

    Of the inputs that were ``tried``, so many are answered ``otherwise`` than by what was handed
    over.
    """

    first: str = ""
    second: str = ""
    otherwise: int = 0
    tried: int = 0


def without_noise(task: GivenNetwork, run: Run) -> Trained:
    """The network that is condensed: the given one with rounded weights.

    Raises :class:`InputError` where it is not what was handed over.
    """
    from .scaled_lift import agreed

    given = task.network
    if task.note:
        run.say(task.note)
    run.check()
    network, comparison, note = _like_handed(task, 0, run)
    notes = RoundingNotes(
        "; ".join(filter(None, [task.note, note])),
        otherwise=comparison.others,
        tried=comparison.inputs,
    )
    if given.second is None:
        return Trained(network, details=notes)
    second, _, second_note = _like_handed(task, 1, run)
    if not task.handed:
        second = agreed((given, given.second), (network, second))
    return Trained(replace(network, second=second), details=replace(notes, second=second_note))


def _like_handed(task: GivenNetwork, size: int, run: Run) -> tuple[DenseNetwork, Beside, str]:
    """The network of one size without noise, and what was found beside what was handed over.

    Where the rounding changes an answer, and either every input was tried or it is a module that
    speaks for itself, the weights stay as they are.
    """
    from .handed import beside, of_numbers, refuse_others

    given = task.network.at_all_sizes[size]
    given = replace(given, second=None)
    handed = task.handed[size] if task.handed else of_numbers(given)
    network, note = rounded(given, run.seed)
    run.check()
    comparison = beside(handed, network, run.seed, run.check)
    if comparison.outside is not None and (comparison.every or handed.title or not note):
        network, note = given, ""
        comparison = beside(handed, network, run.seed, run.check)
        refuse_others(handed, comparison)
    sentence = comparison.sentence(handed.title)
    return network, comparison, "; ".join(filter(None, [sentence, note]))


def given_task(
    network: Any,
    shape: Sequence[int] | None,
    hidden: str,
    head: str,
    name: str,
    values: tuple[int, int],
    second: Any = None,
    note: str = "",
) -> GivenNetwork:
    """What is to be condensed, every value checked; ``note`` says how it was read from files."""
    first, handed, own = _given(network, shape, hidden, head, values)
    if second is None:
        return GivenNetwork(name, first, handed, note or own)
    if isinstance(second, DenseNetwork):
        other, more, _ = _given(second, None, hidden, head, values)
    elif isinstance(second, tuple) and len(second) == 2:
        other, more, _ = _given(second[0], second[1], hidden, head, values)
    else:
        raise InputError("give the second network as a DenseNetwork or a pair (network, shape)")
    _refuse_unlike(first, other)
    if len(handed) != len(more):
        raise InputError("give both networks as modules, or both as numbers")
    return GivenNetwork(name, replace(first, second=other), (*handed, *more), note or own)


def _refuse_unlike(given: DenseNetwork, other: DenseNetwork) -> None:
    """Raise :class:`InputError` where the second network is not one like the first."""
    if len(other.shape) != len(given.shape):
        raise InputError(
            f"the second input shape {other.shape} has another number of axes than {given.shape}"
        )
    if other.shape == given.shape:
        raise InputError(f"the second network has the same input shape {given.shape}")
    kinds = [[layer.activation for layer in one.layers] for one in (given, other)]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"the second network has {len(kinds[1])} layers ({', '.join(kinds[1])}) where the "
            f"first has {len(kinds[0])} ({', '.join(kinds[0])})"
        )
    if other.domain != given.domain:
        raise InputError("the second network takes inputs of other values than the first")


def _given(
    network: Any, shape: Sequence[int] | None, hidden: str, head: str, values: tuple[int, int]
) -> tuple[DenseNetwork, tuple[Handed, ...], str]:
    """The network, what it was read from where that is a module, and how it was read in words."""
    from .handed import of_module
    from .layouts import layers_of_mapping, layers_of_pairs
    from .readers import check_values, dense_network

    if isinstance(network, DenseNetwork):
        kinds = [layer.activation for layer in network.layers]
        pairs = [(layer.weights, layer.bias) for layer in network.layers]
        last = kinds[-1] if kinds else head
        return dense_network(pairs, network.shape, kinds[:-1], last, network.domain), (), ""
    if shape is None:
        raise InputError("give the shape of the network's input, for example shape=(28, 28)")
    domain = check_values(values)
    if hasattr(network, "named_modules"):
        handed = of_module(network, shape, head, domain)
        return handed.network, (handed,), handed.note
    if isinstance(network, Mapping):
        layers, note = layers_of_mapping(network, "the network")
        return dense_network(layers, shape, hidden, head, domain), (), note
    return dense_network(layers_of_pairs(network), shape, hidden, head, domain), (), ""


_MOST_CHANGED = 1e-3  # share of decisions that a rounding may change besides ties


def rounded(given: DenseNetwork, seed: int = 0) -> tuple[DenseNetwork, str]:
    """The network without noise, and what that changes; layers where it changes much stay."""
    from .rounding import rounded_decisions
    from .snap import keep_given, snap_dense

    snapped = snap_dense(given)
    by_layer = rounded_decisions(given, snapped.network, seed)
    for layer, decisions in enumerate(by_layer):
        if decisions.others > _MOST_CHANGED * max(1, decisions.decisions):
            snapped = keep_given(snapped, given, layer)
    if snapped.tolerance < 1e-12:
        return snapped.network, ""
    by_layer = rounded_decisions(given, snapped.network, seed)
    total = by_layer[0]
    for more in by_layer[1:]:
        total = total.plus(more)
    return snapped.network, total.sentence(snapped.tolerance)
