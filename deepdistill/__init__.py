"""deepdistill: from a small data set to a short Python program that can be read and trusted.

Public names are imported on first use, so that ``import deepdistill`` stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .data.problem import Axis, Examples, InputError, Integers, Port, Problem
    from .data.running import CutOff
    from .estimators.classifier import DistilledClassifier
    from .estimators.regressor import DistilledRegressor
    from .estimators.teacher import distill_rules
    from .explain import Explanation
    from .fitting import fit
    from .forms.files import load_network, save_network
    from .many import NoResult, distill_many
    from .recheck import load
    from .result import Result
    from .run import condense_network, distill
    from .teacher import distil_teacher, distill_teacher

_HOMES = {
    "Axis": "data.problem",
    "CutOff": "data.running",
    "DistilledClassifier": "estimators.classifier",
    "DistilledRegressor": "estimators.regressor",
    "Examples": "data.problem",
    "Explanation": "explain",
    "InputError": "data.problem",
    "Integers": "data.problem",
    "NoResult": "many",
    "Port": "data.problem",
    "Problem": "data.problem",
    "Result": "result",
    "condense_network": "run",
    "distil_teacher": "teacher",
    "distill_rules": "estimators.teacher",
    "distill_teacher": "teacher",
    "distill": "run",
    "distill_many": "many",
    "fit": "fitting",
    "load": "recheck",
    "load_network": "forms.files",
    "save_network": "forms.files",
}

__all__ = [
    "Axis",
    "CutOff",
    "DistilledClassifier",
    "DistilledRegressor",
    "Examples",
    "Explanation",
    "InputError",
    "Integers",
    "NoResult",
    "Port",
    "Problem",
    "Result",
    "__version__",
    "condense_network",
    "distil_teacher",
    "distill",
    "distill_many",
    "distill_rules",
    "distill_teacher",
    "fit",
    "load",
    "load_network",
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
