"""The way into the ``deepdistill`` command: from here on an interrupt ends in a sentence.

So nothing is imported before :func:`main`, not even the command itself.
"""

from __future__ import annotations

TYPE_CHECKING = False  # its own module would be imported
if TYPE_CHECKING:
    from typing import Any


def main(arguments: list[str] | None = None) -> Any:
    """Run the command; an interrupt while it is imported ends as a later one does."""
    try:
        from .cli import main as command

        return command(arguments)
    except KeyboardInterrupt:
        from .command.interrupt import interrupted

        interrupted()


if __name__ == "__main__":
    main()
