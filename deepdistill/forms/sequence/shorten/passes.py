"""The passes over a loop in order: each keeps every answer and makes the loop shorter."""

from __future__ import annotations

from ....ir.interval import Interval
from ....ir.program import Program, Scan
from .basis import rebased
from .formula import Searches
from .loop import Loop, live, loop_of
from .machine import machine_of
from .pieces import pieces
from .ranges import loop_ranges
from .recode import inlined, is_short, recoded
from .registers import intermediate, merged_registers, reused
from .schedule import price, scan_of, with_scan
from .start import without_start
from .window import windowed

SEARCHES = 4  # long searches for one loop, each of seconds


def shorten_scan(program: Program, searches: int = SEARCHES) -> Program:
    """A program with the same answers on every sequence of its domain, as short as is found."""
    scans = [statement for statement in program.body if isinstance(statement, Scan)]
    if len(scans) != 1:
        return program
    (scan,) = scans
    domain = program.port(scan.over).domain
    channels = tuple(Interval(domain.low, domain.high) for _ in scan.element)
    loop = shortened(loop_of(scan, channels), searches)
    taken = [program.name, scan.name, program.output.name, *(p.name for p in program.inputs)]
    index = next(name for name in ("t", "place", "position") if name not in taken)
    window = windowed(loop, scan, index)
    if window is not None:
        return with_scan(program, window)
    domains = [(domain.low, domain.high) for _ in scan.element]
    return with_scan(program, scan_of(loop, scan, taken, domains))


def shortened(loop: Loop, searches: int = SEARCHES) -> Loop:
    """The shortest of the loop told by formulas and, where its states are few, by tables."""
    loop = without_start(intermediate(live(loop)))
    machine = machine_of(loop)
    options = [_described(loop, Searches(0))]
    for left in (Searches(0), Searches(searches)):
        if left.allowed:
            options.append(_described(loop, left))
        if machine is not None and not (left.allowed and is_short(options[-1])):
            candidate = recoded(machine, loop.channels, left)
            options += [candidate] if candidate is not None else []
        best = min(options, key=price)
        if is_short(best):
            break
    return best


def _described(loop: Loop, searches: Searches) -> Loop:
    """Each update and answer by itself, then one with the help of the other."""
    loop = live(merged_registers(loop))
    ranges = loop_ranges(loop)
    loop = loop.mapped(lambda expr: pieces(expr, ranges, searches))
    described = inlined(live(reused(live(merged_registers(loop)))))
    return min(described, rebased(described), key=price)
