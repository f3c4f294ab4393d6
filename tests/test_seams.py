"""A form is a folder and a line of the registry: a toy form goes through everything there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deepdistill as dd
from deepdistill import forms
from deepdistill.cli import main
from deepdistill.forms import form_of_task
from deepdistill.recheck import verify_folder

VOTES = 4
WEIGHTS = np.array([2, 1, 1, 0])


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORMS", ("toy_form.form", *forms.FORMS))


def problem() -> dd.Problem:
    axes = (dd.Axis("fixed", size=VOTES),)
    votes = np.array(list(np.ndindex(*(2,) * VOTES)))
    return dd.Problem(
        name="quorum",
        inputs=(dd.Port("votes", axes, dd.Integers(0, 1)),),
        output=dd.Port("passed", (), dd.Integers(0, 1)),
        training_shapes=((VOTES,),),
        check_shapes=((VOTES,),),
        given=(dd.Examples((votes,), (votes @ WEIGHTS >= 3).astype(int)),),
        oracle=lambda votes: np.asarray(int(votes @ WEIGHTS >= 3)),
    )


@pytest.mark.usefixtures("toy")
def test_a_toy_form_goes_through_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = problem()
    assert form_of_task(task).name == "votes"
    result = dd.distill(task)
    certificate = result.certificate
    assert certificate.ok and certificate.faithful.status == "exhaustive"
    assert certificate.correct.status == "exhaustive"
    assert certificate.scalable.status == "not applicable"
    assert result.solve([1, 1, 0, 0]) == 1 and result.solve([1, 0, 0, 1]) == 0
    with pytest.raises(ValueError, match="votes"):
        result.solve([1, 2, 0, 0])
    assert "passed = 1" in str(result.explain([1, 1, 0, 1]))
    assert "16 votes of 4 people" in result.code or "12 votes of 4 people" in result.code
    assert "quorum" in result.report and "weights up to 2: exact" in result.report

    folder = result.save(tmp_path)
    again = dd.load(folder)
    assert again.files() == result.files()
    assert verify_folder(folder).faithful == certificate.faithful
    assert main_exit("verify", str(folder)) == 0
    (tmp_path / "x.json").write_text("[1, 1, 0, 1]")
    main(["explain", str(folder), "--input", str(tmp_path / "x.json")])
    assert "passed = 1" in capsys.readouterr().out
    main(["report", str(folder)])
    assert (folder / "report.html").read_text() == result.report
    main(["gallery", str(tmp_path)])
    index = (tmp_path / "index.html").read_text()
    assert "Votes" in index and "quorum" in index


@pytest.mark.usefixtures("toy")
def test_a_wrong_solver_of_a_toy_form_fails() -> None:
    result = dd.distill(problem())

    def wrong(votes: list[int]) -> int:
        return int(sum(votes) >= 2)

    certificate = result.form.judge(result.task, result.trained, None, wrong, 0)
    assert certificate.faithful.status == "failed"
    counterexample: Any = certificate.faithful.counterexample
    assert sum(counterexample["inputs"]["votes"]) == 2


def test_without_its_line_the_form_is_not_known() -> None:
    with pytest.raises(dd.InputError):
        dd.distill(problem())


def main_exit(*arguments: str) -> object:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return stopped.value.code
