"""Networks from elsewhere: what was handed over, and the same without the noise of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...data.problem import InputError
from ...data.running import Run
from ...ir.names import argument_name
from ..protocol import Trained
from .network import DenseNetwork


@dataclass(frozen=True, slots=True, eq=False)
class GivenNetwork:
    """A network from elsewhere; one with a ``second`` shape is to become a program of any size."""

    name: str
    network: DenseNetwork

    @property
    def argument(self) -> str:
        """What the program calls its input."""
        return argument_name(len(self.network.shape), self.name)


@dataclass(frozen=True, slots=True)
class RoundingNotes:
    """In words: what rounding the weights changed, at the shape and at the second one."""

    first: str = ""
    second: str = ""


def without_noise(task: GivenNetwork, run: Run) -> Trained:
    """The network that is condensed: the given one with rounded weights."""
    from .scaled_lift import agreed

    given = task.network
    run.check()
    network, note = rounded(given, run.seed)
    run.check()
    if given.second is None:
        return Trained(network, details=RoundingNotes(note))
    second, second_note = rounded(given.second, run.seed)
    run.check()
    second = agreed((given, given.second), (network, second))
    return Trained(replace(network, second=second), details=RoundingNotes(note, second_note))


def second_network(
    second: Any, given: DenseNetwork, hidden: str, head: str, values: tuple[int, int]
) -> DenseNetwork:
    """The network of another size, which must be one like the first."""

    if isinstance(second, DenseNetwork):
        other = given_network(second, None, hidden, head, values)
    elif isinstance(second, tuple) and len(second) == 2:
        other = given_network(second[0], second[1], hidden, head, values)
    else:
        raise InputError("give the second network as a DenseNetwork or a pair (network, shape)")
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
    return other


def given_network(
    network: Any,
    shape: Sequence[int] | None,
    hidden: str,
    head: str,
    values: tuple[int, int],
) -> DenseNetwork:
    from .readers import check_pairs, check_values, dense_network, torch_network

    if isinstance(network, DenseNetwork):
        kinds = [layer.activation for layer in network.layers]
        pairs = [(layer.weights, layer.bias) for layer in network.layers]
        last = kinds[-1] if kinds else head
        return dense_network(pairs, network.shape, kinds[:-1], last, network.domain)
    if shape is None:
        raise InputError("give the shape of the network's input, for example shape=(28, 28)")
    domain = check_values(values)
    if hasattr(network, "children"):
        return torch_network(network, shape, hidden, head, domain)
    return dense_network(check_pairs(network), shape, hidden, head, domain)


_MOST_CHANGED = 1e-3  # share of decisions that a rounding may change besides ties


def rounded(given: DenseNetwork, seed: int = 0) -> tuple[DenseNetwork, str]:
    """The network without noise, and what that changes; layers where it changes much stay."""
    from .rounding import rounded_decisions
    from .snap import keep_given, snap_dense

    snapped = snap_dense(given)
    found = rounded_decisions(given, snapped.network, seed)
    for layer, decisions in enumerate(found):
        if decisions.others > _MOST_CHANGED * max(1, decisions.decisions):
            snapped = keep_given(snapped, given, layer)
    if snapped.tolerance < 1e-12:
        return snapped.network, ""
    found = rounded_decisions(given, snapped.network, seed)
    total = found[0]
    for more in found[1:]:
        total = total.plus(more)
    return snapped.network, total.sentence(snapped.tolerance)
