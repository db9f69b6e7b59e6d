"""The gate on covered branches closes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import covered
from tests.architecture.source import ROOT, path_of, pure

RULE = "def rule(number):\n    if number > 1:\n        return 'many'\n    return 'one'\n\n\n"


@pytest.mark.parametrize(("calls", "answer"), [("rule(1)\nrule(2)\n", 0), ("rule(2)\n", 2), ("rule(1)\n", 2)])
def test_a_branch_that_no_test_takes_closes_the_gate(calls: str, answer: int, tmp_path: Path) -> None:
    module, data = tmp_path / "rule.py", tmp_path / "data"
    module.write_text(RULE + calls)
    options = ["--branch", f"--data-file={data}", f"--include={module}", "--rcfile=/dev/null"]
    subprocess.run([sys.executable, "-m", "coverage", "run", *options, str(module)], check=True, cwd=tmp_path)  # noqa: S603
    assert covered.main([str(module)], str(data)) == answer


def test_every_module_of_the_gate_is_a_file() -> None:
    assert len(pure()) > 40
    assert all(path_of(name).is_file() for name in (*pure(), *covered.WHOLE))


def test_make_test_asks_the_gate() -> None:
    recipe = (ROOT / "Makefile").read_text().split("\ntest:")[1].split("\n\n")[0]
    assert "$(COVERAGE)" in recipe
    assert "tests.architecture.covered" in recipe
