"""The house rules, held against the code: who may import whom, and what never stands in a file."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "deepdistill"
FILES = sorted(PACKAGE.rglob("*.py"))
OURS = [
    *FILES,
    *sorted((ROOT / "problems").glob("*.py")),
    *sorted((ROOT / "benchmarks").glob("*.py")),
    *sorted((ROOT / "tests").glob("*.py")),
]
LONGEST = 400
# Live inside one search, judge or proof, never between stages.
WORKING_STATE = {
    "ConditionUnits",
    "Counts",
    "Divide",
    "Encoder",
    "LiftScope",
    "ProgramTerms",
    "Reasons",
    "Refutation",
    "Run",
    "Session",
    "Tally",
    "Words",
}

# What may be imported where, besides the standard library and NumPy: a package, and the files or
# folders of ours that may import it.
ONLY_IN = {
    "torch": ("learn/", "formula/teaching/", "modules/"),
    "scipy": (
        "verify/evidence.py",
        "learn/",
        "forms/",
        "formula/teaching/",
        "dynamics/coordinates.py",  # a change of latents by robust least squares
    ),
    "sklearn": ("passes/decide/shortest.py", "estimators/", "learn/rules/", "learn/tree_units.py"),
    "sympy": ("formula/symbolic/",),
    "pyoperon": ("formula/symbolic/operon.py",),
    "joblib": ("data/parallel.py",),
    "threadpoolctl": ("data/parallel.py",),
    "jinja2": ("target/", "report/"),
    "pygments": ("drawing/",),
    "black": ("target/",),
    "hypothesis": ("verify/", "forms/"),
    "safetensors": ("surrogates/file.py", "surrogates/saved.py"),
    "z3": ("verify/proof/", "forms/"),
    "click": ("cli.py", "command/"),
    "rich": ("command/console.py",),
}

# Rooms that a room may import, besides itself; the package's top may import everything.
MAY_IMPORT: dict[str, set[str]] = {
    "ir": set(),
    "data": {"ir"},
    "units": {"ir"},
    "learn": {"ir", "units", "data"},
    "passes": {"ir"},
    "target": {"ir"},
    "verify": {"ir", "units", "data"},
    "modules": {"ir"},
    "formula": {"ir", "data", "learn", "verify", "modules", "target"},  # sizes as they are written
    "dynamics": {"ir", "data", "target", "verify"},
    "forms": {
        "ir",
        "units",
        "data",
        "learn",
        "passes",
        "target",
        "verify",
        "formula",
        "modules",
        "explain",
        "drawing",
    },
    # formulas in the place of a network's block: searched as those of tables are, judged on calls
    "surrogates": {
        "ir",
        "data",
        "formula",
        "forms",
        "modules",
        "target",
        "verify",
        "drawing",
        "report",
    },
    "command": {
        "ir",
        "data",
        "target",
        "verify",
        "drawing",
        "explain",
        "report",
        "dynamics",
        "run",
        "many",
        "result",
        "recheck",
        "exporting",
    },
    "estimators": {"ir", "data", "formula", "forms", "target", "run", "result"},
    "explain": {"ir", "data", "target"},
    "drawing": {"ir", "units", "data"},
    "report": {"ir", "data", "target", "verify", "explain", "drawing", "forms"},
}


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules ask of a file, gathered in one walk."""

    imports: tuple[str, ...]  # full names of the modules, and of what is taken from them
    calls: frozenset[str]  # names of functions that are called, without what they are attributes of
    keywords: tuple[ast.keyword, ...]
    classes: tuple[ast.ClassDef, ...]
    docstring: str | None
    at_work: tuple[str, ...]  # of the imports, those that are not for types alone


@cache
def found(path: Path) -> Found:
    module = ast.parse(path.read_text(encoding="utf-8"))
    nodes: dict[type, list[Any]] = {
        kind: []
        for kind in (ast.Import, ast.ImportFrom, ast.Call, ast.keyword, ast.ClassDef, ast.If)
    }
    for node in ast.walk(module):
        if type(node) in nodes:
            nodes[type(node)].append(node)
    package = (
        ("deepdistill", *path.relative_to(PACKAGE).parts[:-1]) if PACKAGE in path.parents else ()
    )

    def named(plain: list[Any], from_: list[Any]) -> tuple[str, ...]:
        names = [alias.name for node in plain for alias in node.names]
        for node in from_:
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            names += [f"{base}.{alias.name}" for alias in node.names]
        return tuple(names)

    for_types = {
        node
        for block in nodes[ast.If]
        if ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
    }
    return Found(
        named(nodes[ast.Import], nodes[ast.ImportFrom]),
        frozenset(name for node in nodes[ast.Call] for name in called(node.func)),
        tuple(nodes[ast.keyword]),
        tuple(nodes[ast.ClassDef]),
        ast.get_docstring(module),
        named([], [node for node in nodes[ast.ImportFrom] if node not in for_types]),
    )


def imports(path: Path) -> tuple[str, ...]:
    return found(path).imports


def called(function: ast.expr) -> Iterator[str]:
    match function:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(attr=name, value=ast.Name(id=owner)):
            yield f"{owner}.{name}"


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def foreign_imports(path: Path) -> Iterator[str]:
    """Packages that a file imports and its room may not."""
    here = path.relative_to(PACKAGE).as_posix()
    for name in imports(path):
        top = name.split(".")[0]
        if top == "deepdistill" or top in sys.stdlib_module_names:
            continue
        if top == "numpy":
            if room(path) == "ir" and here != "ir/vector.py":
                yield f"{here} imports numpy"
        elif top not in ONLY_IN:
            yield f"{here} imports {top}, which no room may"
        elif not here.startswith(ONLY_IN[top]):
            yield f"{here} imports {top}"


def later_rooms(path: Path) -> Iterator[str]:
    """Rooms that a file imports and that do not stand before its own."""
    here = room(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "deepdistill" or len(parts) == 1:
            continue
        if parts[1] not in {here, "__version__"} | MAY_IMPORT[here]:
            yield f"{shown(path)} imports {name}"


def test_the_top_of_the_package_is_a_dozen_modules_at_most() -> None:
    assert len([path for path in FILES if path.parent == PACKAGE]) <= 12


def test_packages_stay_in_their_rooms() -> None:
    assert [wrong for path in FILES for wrong in foreign_imports(path)] == []


def test_rooms_import_only_the_rooms_before_them() -> None:
    in_rooms = [path for path in FILES if path.parent != PACKAGE]
    assert [wrong for path in in_rooms for wrong in later_rooms(path)] == []


STAGES = ("lift", "shorten", "train")


def judging() -> list[Path]:
    """The files of judges and provers, those of the forms among them."""
    forms = PACKAGE / "forms"
    return [
        *(path for path in FILES if room(path) == "verify"),
        *(path for path in FILES if path.parent.parent == forms and path.stem == "inputs"),
        *(path for path in FILES if path.match("forms/*/argument*") or "argument" in path.parts),
    ]


def reached(path: Path) -> set[Path]:
    """The files of the package that importing a file runs, the file itself among them."""
    seen: set[Path] = set()
    left = [path]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "deepdistill":
                for length in range(2, len(parts) + 1):
                    here = PACKAGE.joinpath(*parts[1:length])
                    inside = (here.with_suffix(".py"), here / "__init__.py")
                    left += [file for file in inside if file.is_file()]
    return seen


def test_no_module_needs_itself() -> None:
    names = {
        ".".join(("deepdistill", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): path
        for path in FILES
    }
    needs = {}
    for name, path in names.items():
        wanted = {one if one in names else one.rpartition(".")[0] for one in found(path).at_work}
        needs[name] = {one for one in wanted if one in names}
    while ready := [name for name, others in needs.items() if not others]:
        for name in ready:
            del needs[name]
        for others in needs.values():
            others -= set(ready)
    assert needs == {}


def test_judges_see_nothing_of_what_they_judge() -> None:
    """Who lifts, shortens or trains has no part in what a judge compares with."""
    wrong = set()
    for path in judging():
        for other in reached(path):
            here = other.relative_to(PACKAGE)
            stage = here.parts[0] in ("forms", "units") and here.stem.endswith(STAGES)
            if stage or here.parts[0] in ("passes", "learn"):
                wrong.add(f"{shown(path)} needs {here}")
    assert wrong == set()


def test_the_package_never_imports_problems() -> None:
    for path in FILES:
        tops = {name.split(".")[0] for name in imports(path)}
        assert not tops & {"problems", "tests", "benchmarks", "templates"}, path


def test_generated_solvers_never_import_deepdistill() -> None:
    for path in (ROOT / "outputs").rglob("solver.py"):
        tops = {name.split(".")[0] for name in imports(path)}
        assert tops <= set(sys.stdlib_module_names), path


def test_pieces_of_solvers_import_the_standard_library_and_each_other() -> None:
    pieces = [
        path for kind in ("clauses", "solver") for path in (PACKAGE / "target" / kind).glob("*")
    ]
    for path in (path for path in pieces if path.suffix == ".py"):
        for name in imports(path):
            own = name.startswith(("deepdistill.target.clauses.", "deepdistill.target.solver."))
            assert own or name.split(".")[0] in sys.stdlib_module_names, f"{shown(path)}: {name}"


def test_files_are_short() -> None:
    lines = {shown(path): path.read_text(encoding="utf-8").count("\n") for path in OURS}
    assert {path: count for path, count in lines.items() if count > LONGEST} == {}


def test_files_are_named_for_what_they_hold() -> None:
    vague = ("utils", "util", "helpers", "helper", "misc", "common")
    assert [shown(path) for path in OURS if path.stem in vague] == []


def loads_foreign_code(path: Path) -> Iterator[str]:
    """What a file imports or calls that would run or unpickle what it is given."""
    for name in imports(path):
        if name.split(".")[0] in {"pickle", "dill", "cloudpickle", "shelve", "marshal"}:
            yield f"{shown(path)} imports {name}"
        if name.startswith(("joblib.load", "joblib.dump")):
            yield f"{shown(path)} imports {name}"
    never = {"eval", "__import__", "os.system", "np.load", "numpy.load", "torch.load"}
    if path != PACKAGE / "verify" / "solver.py":  # which loads them
        never |= {"exec", "compile"}
    yield from (f"{shown(path)} calls {name}" for name in sorted(found(path).calls & never))
    for node in found(path).keywords:
        if node.arg in ("allow_pickle", "shell"):
            match node.value:
                case ast.Constant(value=False):
                    pass
                case _:
                    yield f"{shown(path)} passes {node.arg}"


def test_nothing_is_unpickled_or_evaluated() -> None:
    assert [wrong for path in FILES for wrong in loads_foreign_code(path)] == []


def test_every_file_says_what_it_is() -> None:
    silent = [
        shown(path)
        for path in FILES
        if found(path).docstring is None
        and not (path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip())
    ]
    assert silent == []


def test_values_between_stages_are_frozen() -> None:
    thawed = [
        f"{shown(path)}: {node.name}"
        for path in FILES
        for node in found(path).classes
        if not node.name.startswith("_") and node.name not in WORKING_STATE
        for decorator in map(ast.unparse, node.decorator_list)
        if decorator.startswith("dataclass") and "frozen=True" not in decorator
    ]
    assert thawed == []


def test_problems_import_the_package_and_nothing_heavy() -> None:
    for path in (ROOT / "problems").glob("*.py"):
        for name in imports(path):
            top = name.split(".")[0]
            assert top in {"numpy"} | sys.stdlib_module_names or name.startswith(
                ("deepdistill.data.problem", "deepdistill.data.laws", "deepdistill.ir.types")
            ), f"{shown(path)} imports {name}"


def test_a_class_has_a_name_of_its_own() -> None:
    homes: dict[str, list[str]] = {}
    for path in FILES:
        for node in found(path).classes:
            homes.setdefault(node.name, []).append(shown(path))
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}
