"""`python -m tests.architecture.covered`: after the suite, every branch of the rules without Django must have been taken.

The share of all code is held by `fail_under` in pyproject.toml; a share would let a rule hide behind a page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import coverage

from tests.architecture.source import ROOT, path_of, pure

#: Beside the PURE modules: the one writer of history and status.
WHOLE = ("tickets.workflow",)


def main(files: Sequence[str] = (), data_file: str = str(ROOT / ".coverage")) -> int:
    """Print what `files` miss; 0 when that is nothing."""
    measured = coverage.Coverage(data_file=data_file, config_file=str(ROOT / "pyproject.toml"))
    measured.load()
    wanted = list(files) or [str(path_of(name)) for name in (*pure(), *WHOLE)]
    share = measured.report(include=wanted, show_missing=True, skip_covered=True)
    if share == 100:
        return 0
    sys.stdout.write(f"PURE modules and {', '.join(WHOLE)} need every branch covered; this is {share:.2f} %\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
