"""Proof obligations as SMT-LIB: other solvers read the files and agree, and mutants are caught."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import z3
from effort import tries
from gallery import OUTPUTS
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_pairs import add, loop, v
from sequence_networks import NETWORKS
from strategies import life_network, life_program
from test_claimed import edited, foreign, status

from benchmarks import reprove
from deepdistill.cli import main
from deepdistill.forms import form_of_network
from deepdistill.forms.dense.argument import prove_dense
from deepdistill.forms.dense.network import BITS, DenseLayer, DenseNetwork
from deepdistill.forms.sequence.argument.invariants import Combination, Zero, obligations
from deepdistill.forms.sequence.argument.steps import paired
from deepdistill.ir.expr import Const, If, Read, call
from deepdistill.ir.program import Let, Program
from deepdistill.ir.types import Axis, Port
from deepdistill.verify.proof import Proof
from deepdistill.verify.proof.smt import Obligation, Obligations, smt_text

DIFFERENT = {  # one of each argument
    "life": "local rules",
    "life_bounded": "inside a k",
    "maximum": "counts over the places",
    "palindrome": "counts over the places",
    "running_sum": "The invariant: total = register 0.",
    "parity": "the list of all joint states",
    "previous_1": "machines that take a step",
}


def z3_says(text: str, path: Path) -> z3.CheckSatResult:
    path.write_text(text, encoding="utf-8")
    solver = z3.Solver()
    solver.add(z3.parse_smt2_file(str(path)))
    return solver.check()


def cvc5_says(text: str) -> str:
    pytest.importorskip("cvc5")
    return reprove.answer_of_cvc5(text, 60)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_was_proved_is_confirmed_by_others(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "proof.smt2"
    with pytest.raises(SystemExit) as stopped:
        main(["verify", str(OUTPUTS / name), "--examples", "1", "--smt", str(file)])
    told = capsys.readouterr()
    assert stopped.value.code == 0 and not told.err
    assert f"  wrote {file}" in told.out.splitlines()
    text = file.read_text(encoding="utf-8")
    assert z3_says(text, file) == z3.unsat
    assert cvc5_says(text) == "unsat"
    comments = " ".join(line[1:].strip() for line in text.splitlines() if line[:1] == ";")
    assert DIFFERENT[name] in comments and f"Proof obligations of {name}" in comments
    commands = re.findall(r"^\((set-logic|set-info|check-sat)", text, re.MULTILINE)
    assert commands == ["set-info", "set-info", "set-logic", "check-sat"]
    assert max(map(len, text[: text.index("(set-info")].splitlines())) <= 98


def test_the_file_is_the_same_each_time(tmp_path: Path) -> None:
    texts = []
    for number in range(2):
        file = tmp_path / f"{number}.smt2"
        with pytest.raises(SystemExit):
            main(["verify", str(OUTPUTS / "maximum"), "--examples", "1", "--smt", str(file)])
        texts.append(file.read_bytes())
    assert texts[0] == texts[1]


# Mutants


def written(proof: Proof | None) -> str:
    assert proof is not None and proof.obligations is not None
    return smt_text(proof.obligations(), proof.status)


def test_another_local_rule_does_not_pass(tmp_path: Path) -> None:
    form = form_of_network(life_network())
    right = form.prove(None, life_network(), life_program()).network
    wrong = form.prove(None, life_network(born=4), life_program()).network
    assert right is not None and right.status == "proved"
    assert wrong is not None and wrong.status == "refuted"
    for proof, answer in ((right, "unsat"), (wrong, "sat")):
        text = written(proof)
        assert str(z3_says(text, tmp_path / "it.smt2")) == answer == cvc5_says(text)


def majority(threshold: int) -> Program:
    port = Port("cells", (Axis("fixed", size=3),), BITS)
    votes = call("add", *(Read("cells", (Const(k),)) for k in range(3)))
    value = If(call("ge", votes, Const(threshold)), Const(1), Const(0))
    return Program("majority", (port,), Port("result", (), BITS), (Let("result", value),))


def test_another_dense_program_does_not_pass(tmp_path: Path) -> None:
    hidden = DenseLayer(np.array([[2.0, 2.0, 2.0]]), np.array([-3.0]), "sign")
    chosen = DenseLayer(np.array([[-1.0], [1.0]]), np.zeros(2), "argmax")
    network = DenseNetwork((3,), (hidden, chosen))
    for threshold, answer in ((2, "unsat"), (1, "sat"), (3, "sat")):
        proof = prove_dense(majority(threshold), [network])
        assert proof.status == ("proved" if answer == "unsat" else "refuted")
        text = written(proof)
        assert str(z3_says(text, tmp_path / "it.smt2")) == answer == cvc5_says(text)


@pytest.mark.parametrize(
    ("step", "start", "answer"), [(1, 0, "unsat"), (2, 0, "sat"), (1, 5, "sat")]
)
def test_an_induction_over_another_step_does_not_pass(
    tmp_path: Path, step: int, start: int, answer: str
) -> None:
    """A running sum: by the step, or by where it starts, it is another one."""
    network = NETWORKS["running_sum"]
    body = [("total", add(v("total"), *[v("x")] * step))]
    program = loop(network, {"total": start}, body, v("total"))
    equal = Zero(Combination(((("total",), 1), (("register 0",), -1))))
    text = smt_text(obligations(paired(program, network), [equal], "By hand."), "a sum")
    assert str(z3_says(text, tmp_path / "it.smt2")) == answer == cvc5_says(text)


# What was not proved


@pytest.mark.parametrize("name", ["hypotenuse", "foreign"])
def test_where_nothing_was_proved_no_file_is_written(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = foreign().save(tmp_path) if name == "foreign" else OUTPUTS / name
    file = tmp_path / "proof.smt2"
    with pytest.raises(SystemExit) as stopped:
        main(["verify", str(folder), "--examples", "5", "--smt", str(file)])
    told = capsys.readouterr()
    assert stopped.value.code == 2 and not file.exists() and not told.out
    (sentence,) = told.err.splitlines()
    assert "nothing was proved" in sentence and "its claims are" in sentence


def test_a_claim_that_failed_is_told_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(OUTPUTS / "hypotenuse", tmp_path / "hypotenuse"))
    edited(folder, status("correct", "failed", []))
    with pytest.raises(SystemExit) as stopped:
        main(["verify", str(folder), "--smt", str(tmp_path / "proof.smt2")])
    told = capsys.readouterr()
    assert stopped.value.code == 1 and "FAILED" in told.out and "nothing was proved" in told.err


def test_a_file_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["verify", str(OUTPUTS / "rule90"), "--smt", str(tmp_path / "no" / "proof.smt2")])
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


# The text itself


@st.composite
def terms(draw: st.DrawFn, depth: int = 3) -> z3.ExprRef:
    """Truths about integers and a function of them."""
    f = z3.Function("f (x)", z3.IntSort(), z3.IntSort())

    def number(left: int) -> z3.ArithRef:
        leaf = st.sampled_from([z3.Int("a b"), z3.Int("x[0, 1]"), z3.IntVal(-3), z3.IntVal(2)])
        if not left:
            return draw(leaf)
        one, other = number(left - 1), number(left - 1)
        made: list[Callable[[], z3.ArithRef]] = [
            lambda: one + other,
            lambda: one - other,
            lambda: -one,
            lambda: 3 * one,
            lambda: one % 3,
            lambda: one / 4,
            lambda: f(one),
            lambda: z3.If(truth(left - 1), one, other),
            lambda: z3.Sum(one),
            lambda: z3.Product(one),
            lambda: z3.If(z3.BoolVal(True), one, other),
        ]
        return draw(st.sampled_from(made))()

    def truth(left: int) -> z3.BoolRef:
        one, other = number(left), number(left)
        made: list[Callable[[], z3.BoolRef]] = [
            lambda: one == other,
            lambda: one < other,
            lambda: one >= other,
            lambda: z3.And(),
            lambda: z3.Or(),
            lambda: z3.And(one <= other),
            lambda: z3.Xor(one > other, z3.Bool("p")),
            lambda: z3.Implies(z3.Not(z3.Bool("p")), z3.Or(one == 1, z3.Distinct(one, other))),
        ]
        return draw(st.sampled_from(made))()

    return truth(depth)


@given(terms())
@settings(derandomize=True, deadline=None, max_examples=tries(100))
def test_what_is_read_is_what_was_written(term: z3.BoolRef) -> None:
    text = smt_text(Obligations("Any.", (Obligation("it", (term,)),)), "a term")
    implied, switch = z3.parse_smt2_string(text)
    solver = z3.Solver()
    solver.add(z3.Xor(z3.And(implied, switch), z3.And(switch, term)))
    assert solver.check() == z3.unsat


def test_a_name_of_ours_never_hides_a_variable() -> None:
    a, b = z3.Int("part_1"), z3.Bool("obligation_1")
    shared = a * 7 + 12345
    term = z3.And(shared > 1, shared < 0, b)
    text = smt_text(Obligations("Any.", (Obligation("it", (term,)),)), "a term")
    assert "part_1_" in text and "obligation_1_" in text
    solver = z3.Solver()
    solver.add(z3.parse_smt2_string(text))
    assert solver.check() == z3.unsat


# The other solver


def test_the_gallery_is_handed_to_cvc5(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cvc5")
    assert reprove.main(["rule90", "hypotenuse", "--jobs", "1", "--seconds", "30"]) == 0
    told = capsys.readouterr().out
    assert "rule90" in told and "confirmed" in told
    assert "cvc5 confirms 1 of 1 proofs within 30 s each" in told


def test_without_cvc5_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reprove.importlib.util, "find_spec", lambda name: None)
    assert reprove.main(["rule90"]) == 2
    assert "pip install cvc5" in capsys.readouterr().err
    monkeypatch.setattr(reprove.importlib.util, "find_spec", lambda name: name)
    with pytest.raises(SystemExit, match="2"):
        reprove.main(["no_such_result"])


def test_a_contradiction_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    for answers, code in ((["unsat"], 0), (["unknown"], 1), (["sat"], 1), (["unsat", "sat"], 1)):
        said = [reprove.Reproved(f"r{k}", answer, 1.0) for k, answer in enumerate(answers)]
        monkeypatch.setattr(reprove.importlib.util, "find_spec", lambda name: name)
        monkeypatch.setattr(reprove, "_all", lambda *given, said=said: iter(said))
        assert reprove.main(["rule90"]) == code
    assert replace(said[0], answer="sat").line().endswith("CONTRADICTED")
