"""Plain teachers against smooth ones: ``python -m benchmarks.teachers --trials 5``.

Each trial splits a table anew (at most ``ROWS`` rows: 56 % to fit, 14 % to stop early and to
choose, 30 % to judge) and is paired: both teachers see the same rows, and one procedure makes the
student of either: a short search by Operon on the teacher's answers, constants refitted, and of its
front the formula that fits the labels of all rows but the judging ones best: as in
``deepdistill/teaching``, where few rows chose at random. Beside them stand

- *unstopped*: a plain teacher trained to the last step, without early stopping;
- *as many*: the plain teacher with as many searches as the smooth one had for its strengths, with
  the same seeds, the best one chosen alike: this tells smoothness from mere searching;
- *labels*: the same search on the labels, chosen by rows that it has not seen;
- *tree*: a tree of 16 leaves as the student; *boosting*: gradient boosting on the labels, the
  ceiling.

All R2 are those to the labels of the judging rows; *fidelity* is a student's R2 to its teacher
there. Costs are seconds of processor time.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import rankdata, wilcoxon

from benchmarks.tables import NAMES, load
from deepdistill.formula.teaching.networks import PENALTIES, Lesson, SmoothNetwork
from deepdistill.formula.teaching.student import Student, determination, quick_student
from deepdistill.formula.teaching.teacher import STEPS, Training, train_teacher

ROWS = 700
LEAVES = 16
_WRITTEN_EVERY = 10  # trials
COLUMNS = (
    "boosting", "labels", "teacher", "smooth teacher", "student", "smooth student", "as many",
    "unstopped teacher", "unstopped student", "tree", "smooth tree", "fidelity",
    "smooth fidelity", "unstopped fidelity",
)  # fmt: skip
Row = dict[str, float]
Key = tuple[str, str, int, int]  # table, penalty, number of the trial, seed


def trial(name: str, penalty: str, number: int, seed: int) -> Row:
    """All R2 and costs of one split."""
    table = load(name)
    rows = np.random.default_rng([seed, number, 5]).permutation(len(table.y))[:ROWS]
    last, chosen = int(0.3 * len(rows)), int(0.44 * len(rows))
    test, held, fit = rows[:last], rows[last:chosen], rows[chosen:]
    labels = table.y[held]
    lesson = Lesson(table.x[fit], table.y[fit], table.x[held], labels)
    x, y = table.x[test], table.y[test]
    result: Row = {}

    def r2(predict: Callable[[Any], Any]) -> float:
        return determination(y, np.asarray(predict(x)).reshape(-1))

    every = np.concatenate([fit, held])
    known = np.asarray(table.y[every], dtype=np.float64)

    def follow(answers: Any, again: int = 0) -> Student:
        other = seed + number + 1000 * again
        return quick_student(lesson.x, answers, table.x[every], known, seed=other)

    def fidelity(network: SmoothNetwork, student: Student) -> float:
        return determination(network(x)[:, 0], student(x))

    def tree(answers: Any) -> float:
        from sklearn.tree import DecisionTreeRegressor

        model = DecisionTreeRegressor(max_leaf_nodes=LEAVES, random_state=0)
        return r2(model.fit(lesson.x, answers).predict)

    def answers(network: SmoothNetwork) -> Any:
        return network(lesson.x)[:, 0]

    from sklearn.ensemble import GradientBoostingRegressor

    model = GradientBoostingRegressor(random_state=0).fit(table.x[every], table.y[every])
    result["boosting"] = r2(model.predict)
    direct = quick_student(lesson.x, table.y[fit], lesson.held_x, labels, seed=seed + number)
    result["labels"] = r2(direct)
    students: list[tuple[SmoothNetwork, Student]] = []
    judging = 0.0

    def judge(network: SmoothNetwork) -> float:
        nonlocal judging
        began = time.process_time()
        result.setdefault("plain cost", began - started)  # it is judged first
        students.append((network, follow(answers(network), len(students))))
        judging += time.process_time() - began
        return students[-1][1].score

    started = time.process_time()
    taught = train_teacher(lesson, penalty, judge, seed=seed + number)
    result["cost"] = time.process_time() - started - judging
    result["choosing cost"] = judging
    plain = students[0][1]
    smooth = next(student for network, student in students if network is taught.teacher)
    result["strength"] = taught.strength
    result["candidates"] = len(taught.trials)
    result["teacher"], result["smooth teacher"] = r2(taught.plain), r2(taught.teacher)
    result["student"], result["smooth student"] = r2(plain), r2(smooth)
    many = [plain]
    many += [follow(answers(taught.plain), k) for k in range(1, len(taught.trials))]
    result["as many"] = r2(max(many, key=lambda student: student.score))
    unstopped = Training(lesson, seed + number, stop=False).run("none", 0.0, STEPS)
    result["unstopped teacher"] = r2(unstopped)
    wild = follow(answers(unstopped))
    result["unstopped student"] = r2(wild)
    result["fidelity"] = fidelity(taught.plain, plain)
    result["smooth fidelity"] = fidelity(taught.teacher, smooth)
    result["unstopped fidelity"] = fidelity(unstopped, wild)
    result["tree"], result["smooth tree"] = (
        tree(answers(taught.plain)),
        tree(answers(taught.teacher)),
    )
    return result


def p_value(differences: Any) -> float:
    """Wilcoxon's signed-rank test, two-sided; 1 where nothing differs."""
    if not np.any(differences):
        return 1.0
    return float(wilcoxon(differences).pvalue)


def step_costs(name: str, seed: int) -> dict[str, float]:
    """Median milliseconds of processor time of a training step, by penalty, taken in turns."""
    table = load(name)
    fit = np.arange(min(len(table.y), ROWS))
    lesson = Lesson(table.x[fit], table.y[fit], table.x[fit], table.y[fit])
    trainings = {kind: Training(lesson, seed, stop=False) for kind in ("none", *PENALTIES)}
    spent: dict[str, list[float]] = {kind: [] for kind in trainings}
    steps = 40
    for _ in range(15):
        for kind, training in trainings.items():
            started = time.process_time()
            training.run(kind, 0.01, steps)
            spent[kind].append((time.process_time() - started) / steps * 1000)
    return {kind: float(np.median(times)) for kind, times in spent.items()}


class Compared(NamedTuple):
    """Medians of a table's trials, in how many the second was better or worse, and their ranks.

    ``lead`` is the sum of the signed ranks of the differences, over that of all ranks: which way
    the paired test points, whatever the two medians do. ``p`` is its p-value.
    """

    before: float
    after: float
    won: int
    lost: int
    lead: float
    p: float


def compared(rows: list[Row], plain: str, smooth: str) -> Compared:
    """Both of a pair in each trial; the p-value is that of the paired differences."""
    before = np.array([row[plain] for row in rows])
    after = np.array([row[smooth] for row in rows])
    worst = -1e6  # a student without a value on some row counts as a very bad one
    before, after = np.maximum(before, worst), np.maximum(after, worst)
    gain = after - before
    ranks = rankdata(np.abs(gain[gain != 0]))
    lead = float(ranks @ np.sign(gain[gain != 0])) / max(float(ranks.sum()), 1.0)
    won, lost = int((gain > 0).sum()), int((gain < 0).sum())
    middle = float(np.median(before)), float(np.median(after))
    return Compared(*middle, won, lost, lead, p_value(gain))


def medians(rows: list[Row]) -> Row:
    """The median of each column over a table's trials."""
    return {column: float(np.median([row[column] for row in rows])) for column in COLUMNS}


def report(results: dict[str, list[Row]], heading: str, steps: str) -> str:
    """The table and its summary in Markdown."""
    lines = [
        heading,
        "",
        steps,
        "",
        "| table | " + " | ".join(COLUMNS) + " | won | p | strength | cost |",
    ]
    lines.append("|---" * (len(COLUMNS) + 5) + "|")
    for name, rows in results.items():
        middle = medians(rows)
        pair = compared(rows, "student", "smooth student")
        strength = float(np.median([row["strength"] for row in rows]))
        cost = float(np.median([row["cost"] / row["plain cost"] for row in rows]))
        cells = " | ".join(f"{value:.3f}" for value in middle.values())
        paired = f"{pair.won}:{pair.lost} | {pair.p:.3f}"
        lines.append(f"| {name} | {cells} | {paired} | {strength:.3g} | {cost:.2f} |")
    lines.append("")
    for plain, what in (
        ("student", "the plain teacher's student"),
        ("as many", "the best of as many students of the plain teacher"),
        ("unstopped student", "the student of the plain teacher without early stopping"),
        ("labels", "the student of the labels"),
    ):
        lines.append(
            f"- smooth student against {what}: {summary(results, plain, 'smooth student')}"
        )
    lines.append(f"- what could be gained at most: {ceiling(results)}")
    for plain, what in (("fidelity", "the plain one's"), ("unstopped fidelity", "unstopped one's")):
        lines.append(f"- fidelity against {what}: {summary(results, plain, 'smooth fidelity')}")
    lines.append(f"- trees of {LEAVES} leaves: {summary(results, 'tree', 'smooth tree')}")
    lost = [
        float(np.median([row["teacher"] - row["smooth teacher"] for row in rows]))
        for rows in results.values()
    ]
    ratio = [row["cost"] / row["plain cost"] for rows in results.values() for row in rows]
    lines.append(
        f"- teacher R2 lost: median over tables {np.median(lost):.4f}, most {max(lost):.4f} "
        f"(at most 0.01 on {sum(one <= 0.01 for one in lost)} of {len(lost)})"
    )
    lines.append(
        f"- training cost with the choice of strength: median {np.median(ratio):.2f} times the "
        f"plain one's, at most 2.5 in {np.mean(np.array(ratio) <= 2.5):.0%} of the trainings; "
        "the students that choose not counted"
    )
    return "\n".join(lines) + "\n"


def summary(results: dict[str, list[Row]], plain: str, smooth: str) -> str:
    """Better and worse by signed ranks and by medians, and relative improvement, in words."""
    found = [compared(rows, plain, smooth) for rows in results.values()]
    up, down = [one for one in found if one.lead > 0], [one for one in found if one.lead < 0]
    higher, lower = (
        sum(one.after > one.before for one in found),
        sum(one.after < one.before for one in found),
    )
    return (
        f"by paired trials better on {len(up)} of {len(found)} (significantly, p < 0.05, on "
        f"{sum(one.p < 0.05 for one in up)}), worse on {len(down)} (significantly on "
        f"{sum(one.p < 0.05 for one in down)}); the median higher on {higher}, lower on {lower}; "
        f"{relative([(one.before, one.after) for one in found])}"
    )


def ceiling(results: dict[str, list[Row]]) -> str:
    """The gain of a student as good as the best of boosting and both teachers, table by table."""
    pairs = []
    for rows in results.values():
        middle = medians(rows)
        best = max(middle[column] for column in ("boosting", "teacher", "smooth teacher"))
        pairs.append((middle["student"], max(best, middle["student"])))
    return f"were each student as good as the best of boosting and both teachers, {relative(pairs)}"


def relative(pairs: list[tuple[float, float]]) -> str:
    """Mean improvement by share, of all positive baselines and of those that are not near zero."""
    every = [(after - before) / before for before, after in pairs if before > 0]
    firm = [(after - before) / before for before, after in pairs if before > 0.1]
    return (
        f"relative improvement, mean where the baseline is positive {mean(every)}, where it is "
        f"over 0.1 {mean(firm)}"
    )


def mean(values: list[float]) -> str:
    return f"{np.mean(values):+.1%} ({len(values)} tables)" if values else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=5, help="a full run takes 50")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--penalty", default="hessian", choices=PENALTIES)
    parser.add_argument("--tables", nargs="+", default=list(NAMES), choices=NAMES)
    parser.add_argument("--jobs", type=int, default=1, help="trials at a time")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    parser.add_argument("--log", type=Path, help="trials already measured, one a line; grows")
    given = parser.parse_args()
    costs = step_costs("diabetes", given.seed)
    steps = "A step of training, in milliseconds (times the plain one's): " + ", ".join(
        f"{kind} {cost:.2f} ({cost / costs['none']:.2f})" for kind, cost in costs.items()
    )
    print(steps, flush=True)
    results: dict[str, list[Row]] = {name: [] for name in given.tables}
    earlier = logged(given.log)
    for number in range(given.trials):
        keys = {name: (name, given.penalty, number, given.seed) for name in given.tables}
        missing = [key for key in keys.values() if key not in earlier]
        work = (delayed(measured)(*key) for key in missing)
        found = Parallel(given.jobs, return_as="generator")(work)
        for key, row in zip(missing, found, strict=True):
            earlier[key] = row
            if given.log is not None:
                with given.log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"key": key, "row": row}) + "\n")
        for name, key in keys.items():
            results[name].append(earlier[key])
            described = " ".join(f"{what} {value:.3f}" for what, value in earlier[key].items())
            print(f"{name} {number}: {described}", flush=True)
        if (number + 1) % _WRITTEN_EVERY and number + 1 < given.trials:
            continue
        heading = (
            f"# Smooth teachers: {given.penalty} penalty, {number + 1} trials a table, seed "
            f"{given.seed}\n\nMedians of the R2 to the labels of rows that were kept apart; "
            f"trials that the smooth teacher's student won and lost against the plain one's, and p "
            f"of Wilcoxon's paired test of the two. Written by `python -m "
            f"benchmarks.teachers --trials {number + 1} --penalty {given.penalty} --seed "
            f"{given.seed}`."
        )
        given.out.write_text(report(results, heading, steps), encoding="utf-8")
    print(given.out.read_text(encoding="utf-8"))


def logged(log: Path | None) -> dict[Key, Row]:
    """The trials that a log holds."""
    if log is None or not log.exists():
        return {}
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return {tuple(entry["key"]): dict(entry["row"]) for entry in entries}


def measured(name: str, penalty: str, number: int, seed: int) -> Row:
    """A trial in a process of its own: what libraries warn of there is not told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return trial(name, penalty, number, seed)


if __name__ == "__main__":
    main()
