"""deepdistill: from a small data set to a short Python program that can be read and trusted.

Public names are imported on first use, so that ``import deepdistill`` stays cheap.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # its own module would be imported before an interrupt can be told
if TYPE_CHECKING:
    from typing import Any

    from .data.problem import Axis, Examples, InputError, Integers, Port, Problem
    from .data.running import CutOff
    from .dynamics.distill import distill_dynamics
    from .estimators.classifier import DistilledClassifier
    from .estimators.formula_teacher import distil_teacher, distill_teacher
    from .estimators.local import LocalExplanation, explain_locally
    from .estimators.regressor import DistilledRegressor
    from .estimators.teacher import distill_rules
    from .explain import Explanation
    from .fitting import fit
    from .forms.files import load_network, save_network
    from .formula.symbolic.pysr import PySR
    from .many import NoResult, distill_many
    from .modules.prune import prune_outputs
    from .recheck import load
    from .result import Result
    from .run import condense_network, distill
    from .surrogates.distill import distill_module
    from .surrogates.distilled import DistilledModule

_HOMES = {
    "Axis": "data.problem",
    "CutOff": "data.running",
    "DistilledClassifier": "estimators.classifier",
    "DistilledModule": "surrogates.distilled",
    "DistilledRegressor": "estimators.regressor",
    "Examples": "data.problem",
    "Explanation": "explain",
    "InputError": "data.problem",
    "Integers": "data.problem",
    "LocalExplanation": "estimators.local",
    "NoResult": "many",
    "Port": "data.problem",
    "Problem": "data.problem",
    "PySR": "formula.symbolic.pysr",
    "Result": "result",
    "condense_network": "run",
    "distil_teacher": "estimators.formula_teacher",
    "distill_module": "surrogates.distill",
    "distill_rules": "estimators.teacher",
    "distill_teacher": "estimators.formula_teacher",
    "distill": "run",
    "distill_dynamics": "dynamics.distill",
    "distill_many": "many",
    "explain_locally": "estimators.local",
    "fit": "fitting",
    "load": "recheck",
    "prune_outputs": "modules.prune",
    "load_network": "forms.files",
    "save_network": "forms.files",
}

__all__ = [
    "Axis",
    "CutOff",
    "DistilledClassifier",
    "DistilledModule",
    "DistilledRegressor",
    "Examples",
    "Explanation",
    "InputError",
    "Integers",
    "LocalExplanation",
    "NoResult",
    "Port",
    "Problem",
    "PySR",
    "Result",
    "__version__",
    "condense_network",
    "distil_teacher",
    "distill",
    "distill_dynamics",
    "distill_many",
    "distill_module",
    "distill_rules",
    "distill_teacher",
    "explain_locally",
    "fit",
    "load",
    "load_network",
    "prune_outputs",
    "save_network",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'deepdistill' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
