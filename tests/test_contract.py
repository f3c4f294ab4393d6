"""What a solver promises besides right answers: each promise that is broken is found."""

from __future__ import annotations

from typing import Any

import pytest
from mutant_trials import space_of, subject

from deepdistill.data.problem import InputError
from deepdistill.verify.certificate import Certificate, Claim
from deepdistill.verify.contract import alike_axes, array_contract, broken_promise
from deepdistill.verify.judge import keeping_contract
from deepdistill.verify.solver import load_solver

BROKEN = {
    "values above the domain": ("range(low, high + 1)", "range(low, high + 2)"),
    "values below the domain": ("range(low, high + 1)", "range(low - 1, high + 1)"),
    "floats without a fraction": ("(int, float)", "int"),
    "tuples": ("(list, tuple)", "list"),
    "NumPy arrays": ('hasattr(value, "tolist")', "False"),
    "empty lists": (" or not value", ""),
    "ragged pictures": ("_shape(part) != _shape(parts[0])", "False"),
    "sentences": ('raise ValueError(f"{name} is ragged: its rows differ in length")', "1 / 0"),
    "exit status 2": ("return 2", "return 1"),
    "exit status 0": ("return 0", "return None"),
    "bad JSON": ("json.JSONDecodeError, UnicodeDecodeError, RecursionError", "RecursionError"),
    "deep JSON": ("UnicodeDecodeError, RecursionError", "UnicodeDecodeError"),
    "the answer alone": ("print(json.dumps(answer))", "print(answer, answer)"),
}


def broken(old: str, new: str) -> Any:
    one = subject("touches_border")
    assert old in one.source
    solve = load_solver(one.source.replace(old, new).encode(), "solver")
    return broken_promise(solve, array_contract(one.problem.inputs, (4, 5)))


@pytest.mark.parametrize("promise", sorted(BROKEN))
def test_a_broken_promise_is_found(promise: str) -> None:
    old, new = BROKEN[promise]
    if promise == "bad JSON":  # they are ValueErrors: told in other words, but told
        assert broken(old, new) is None
    else:
        assert broken(old, new) is not None


def test_solvers_of_the_gallery_keep_their_promises() -> None:
    for name in ("argmax", "life_bounded", "running_min", "eca_universal", "majority_element"):
        one = subject(name)
        solve = load_solver(one.source.encode(), "solver")
        contract = space_of(one.problem, one.network).contract()
        assert broken_promise(solve, contract) is None, name


@pytest.mark.parametrize("check", [">", "<"])
def test_sizes_that_no_network_had_are_refused(check: str) -> None:
    one = subject("orientation")
    sizes = one.network.sizes
    assert alike_axes(sizes) == [(1, 0)] and not alike_axes(((28, 28), (7, 8)))
    source = one.source.replace("len(picture) != len", f"len(picture) {check} len")
    for text, kept in ((one.source, True), (source, False)):
        solve = load_solver(text.encode(), "solver")
        found = broken_promise(solve, array_contract(one.problem.inputs, (7, 7), sizes))
        assert (found is None) == kept


def test_a_broken_promise_fails_the_claim() -> None:
    one, fine = subject("argmax"), Claim("sampled", 5, ((4,),))
    certificate = Certificate("argmax", 0, fine, fine, fine)
    space = space_of(one.problem, one.network)
    judged = keeping_contract(certificate, lambda numbers: 0, space)
    assert not judged.ok and judged.scalable.ok
    assert judged.faithful.counterexample is not None
    assert judged.faithful.counterexample["expected"].startswith("raises ValueError")
    assert Certificate.parse(judged.text()) == judged


def test_a_module_that_runs_its_command_when_loaded_is_refused() -> None:
    source = subject("argmax").source.replace('== "__main__"', '!= "__main__"')
    with pytest.raises(InputError, match="cannot be loaded"):
        load_solver(source.encode(), "solver")
