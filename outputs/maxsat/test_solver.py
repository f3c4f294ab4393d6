"""Property tests of the solver beside this file: run `pytest` on it."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HERE = Path(__file__).resolve().parent

repeatable = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=list(HealthCheck),
)


def load(name):
    """The solver as a module of a name of its own, so that several can be tested in one run."""
    spec = importlib.util.spec_from_file_location(name, HERE / "solver.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


solver = load(f"solver_in_{HERE.name}")
solve = solver.solve
literals = st.integers(1, 6).flatmap(lambda v: st.sampled_from([v, -v]))
formulas = st.lists(st.lists(literals, max_size=4), max_size=20)
weighted = formulas.flatmap(
    lambda clauses: st.tuples(
        st.just(clauses),
        st.lists(st.integers(0, 9), min_size=len(clauses), max_size=len(clauses)),
    )
)


def cost(clauses, weights, chosen):
    """What fails, counted afresh."""
    return sum(
        own
        for clause, own in zip(clauses, weights)
        if not any(x in chosen for x in clause)
    )


def run(text, *arguments):
    return subprocess.run(
        [sys.executable, HERE / "solver.py", *arguments],
        input=text,
        capture_output=True,
        text=True,
    )


@repeatable
@given(weighted)
def test_every_variable_gets_a_value(formula):
    clauses, weights = formula
    chosen = solve(clauses, weights)
    largest = max((abs(x) for clause in clauses for x in clause), default=0)
    assert [abs(x) for x in chosen] == list(range(1, largest + 1))


@repeatable
@given(weighted)
def test_the_reported_cost_is_the_cost(formula):
    clauses, weights = formula
    chosen = solve(clauses, weights)
    assert solver.cost(clauses, weights, chosen) == (cost(clauses, weights, chosen), 0)


@repeatable
@given(weighted, st.randoms(use_true_random=False))
def test_names_order_and_polarity_do_not_matter(formula, rng):
    clauses, weights = formula
    names = list(range(1, 7))
    rng.shuffle(names)
    signs = [rng.choice([-1, 1]) for _ in names]
    pairs = [
        (
            [
                (1 if x > 0 else -1) * signs[abs(x) - 1] * names[abs(x) - 1]
                for x in clause
            ],
            own,
        )
        for clause, own in zip(clauses, weights)
    ]
    for clause, _ in pairs:
        rng.shuffle(clause)
    rng.shuffle(pairs)
    others, costs = [clause for clause, _ in pairs], [own for _, own in pairs]
    before = cost(clauses, weights, solve(clauses, weights))
    assert cost(others, costs, solve(others, costs)) == before


@repeatable
@given(formulas, st.lists(literals, min_size=1, max_size=4))
def test_one_more_clause_that_holds_never_lowers_the_count(clauses, clause):
    chosen = solve([*clauses, clause])
    alone = solve(clauses)
    held = any(x in alone for x in clause)
    before = len(clauses) - cost(clauses, [1] * len(clauses), alone)
    after = (
        len(clauses) + 1 - cost([*clauses, clause], [1] * (len(clauses) + 1), chosen)
    )
    assert after >= before + held
    assert after <= before + 1


@repeatable
@given(formulas)
def test_a_clause_with_both_polarities_always_holds(clauses):
    assert solve([*clauses, [1, -1]])[1:] == (solve([*clauses, [1, -1], [1, -1]]))[1:]


def test_hard_clauses_come_first():
    chosen = solve([[1], [-1, 2], [-2]], [None, None, 1000])
    assert chosen == [1, 2]


@pytest.mark.parametrize(
    "text, answer",
    [
        ("p cnf 2 2\n1 -2 0\n2 0\n", "o 0\ns OPTIMUM FOUND\nv 1 2 0\n"),
        ("p cnf 1 2\n1 0 -1\n0\n", "o 1\ns SATISFIABLE\nv 1 0\n"),
        ("c\nh 1 2 0\n5 -1 0\n3 -2 0\n", "o 3\ns SATISFIABLE\nv 01\n"),
        (
            "p wcnf 2 3 100\n100 1 2 0\n5 -1 0\n3 -2 0\n",
            "o 3\ns SATISFIABLE\nv -1 2 0\n",
        ),
        ("p cnf 2 1\n0\n", "o 1\ns OPTIMUM FOUND\nv -1 -2 0\n"),
        ("p cnf 0 0\n", "o 0\ns OPTIMUM FOUND\nv 0\n"),
        ("h 0\n", "s UNSATISFIABLE\n"),
        ("h 1 0\nh -1 0\n", "s UNKNOWN\n"),
    ],
)
def test_files(text, answer):
    done = run(text)
    assert (done.returncode, done.stdout, done.stderr) == (0, answer, "")


@pytest.mark.parametrize(
    "text, line",
    [
        ("", 1),
        ("p cnf 3 2\n1 2 0\n1 3\n", 3),
        ("p cnf 2 1\n1 3 0\n", 2),
        ("p cnf 2 1\n1 x 0\n", 2),
        ("p cnf 2\n", 1),
        ("p dnf 2 1\n", 1),
        ("p cnf 99999999999 1\n1 0\n", 1),
        ("p cnf 9 1000000\n", 1),
        ("p wcnf 2 1\n-4 1 0\n", 2),
        ("c\n5 1 2\n", 2),
        ("-5 1 0\n", 1),
        ("h 1 0 2 0\n", 1),
        ("1 1 0\np cnf 1 1\n", 2),
    ],
)
def test_unusable_files_are_refused_with_the_line(text, line):
    done = run(text)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"line {line}: ") and done.stderr.count("\n") == 1


def test_a_file_that_is_not_there(tmp_path):
    done = run("", str(tmp_path / "none.cnf"))
    assert done.returncode == 2 and "none.cnf" in done.stderr


@pytest.mark.parametrize(
    "clauses, weights", [([[0]], None), ([["1"]], None), ([[1]], [-1]), ([[1]], [])]
)
def test_unusable_arguments_are_refused(clauses, weights):
    with pytest.raises(ValueError):
        solve(clauses, weights)
