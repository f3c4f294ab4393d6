"""Too little memory is told in one sentence, before the libraries that need it are loaded.

Where the address space of a process is limited (``ulimit -v``, batch systems), numerical libraries
end in tracebacks, hang or crash the process while they are loaded. So the limit is read first.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping

from ..ir.errors import InputError

MIB = 2**20

NUMBERS = 400
"""MiB of address space for reading and running what was saved: NumPy, and room to work."""

PROOFS = 700
"""The same with the prover and the search for counterexamples."""

LEARNING = 1500
"""The same with what trains, searches and formats."""

NEEDED: Mapping[str, int] = {
    "verify": PROOFS,
    "distill": LEARNING,
    "condense": LEARNING,
    "fit": LEARNING,
}
"""MiB by command; others need no more than :data:`NUMBERS`."""

_THREADS = 2  # for which these are measured
_A_THREAD = 100  # MiB of address space for each further one: its stack and its heap
_SIGNS = (
    "allocate memory",
    "failed to map segment",
    "out of memory",
    "bad_alloc",
    "bad allocation",
    "can't start new thread",
)


def refuse_little_memory(command: str) -> None:
    """Raise :class:`InputError` where a command is allowed less memory than it needs."""
    allowed = address_space()
    needed = NEEDED.get(command, NUMBERS) + _A_THREAD * max(0, threads() - _THREADS)
    if allowed is not None and allowed < needed * MIB:
        fewer = " or fewer threads (OMP_NUM_THREADS=1)" if threads() > _THREADS else ""
        raise InputError(
            f"this process is limited to {allowed // MIB:,} MiB of memory and {command} needs "
            f"{needed:,} MiB: allow more (ulimit -v){fewer}"
        )


def address_space() -> int | None:
    """The limit of the address space in bytes; None where there is none, or none is known."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def threads() -> int:
    """How many threads numerical libraries start."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # only where the system tells
        count = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(count, int(limit)) if limit.isascii() and limit.isdigit() and int(limit) else count


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory, whoever raised it."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    kinds = (ImportError, OSError, RuntimeError, SystemError)
    return isinstance(error, kinds) and any(sign in str(error).lower() for sign in _SIGNS)
