"""What an interrupt ends in, wherever the command is: a sentence and a status."""

from __future__ import annotations

import sys
from typing import NoReturn

INTERRUPTED = 130


def interrupted() -> NoReturn:
    """Say that an interrupt ended the command, and exit with its status."""
    if sys.stderr.isatty():
        print(file=sys.stderr)  # below the ^C of the terminal
    print("deepdistill: interrupted, nothing was written for what was running", file=sys.stderr)
    sys.exit(INTERRUPTED)
