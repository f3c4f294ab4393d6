"""Arguments in words, for the comments of proof obligations that are written down.

They say what the variables are, and why obligations without a size settle inputs of every size.
"""

from __future__ import annotations

LOCAL = (
    "Program and network are local rules: what stands at a position of the new grid depends on the "
    "cells of a receptive field around it alone, and on which of these lie inside the grid. Each "
    "of these cells is a variable, named by the port and its offset from the position (in a fixed "
    "port: by its place), within the port's domain; 'inside a k' says whether the position plus k "
    "along axis a lies between the ends, and what is nearer is inside too. The two sides are "
    "equal on every grid of every size if they are equal for all values of these variables; on a "
    "small grid that wraps cells coincide, which leaves fewer cases and no other ones."
)

PATTERNS = "program and network give the same (z3 gave up on it, every pattern was tried instead)"

COUNTED = (
    "Program and network are both written as counts over the places of an input whose size is a "
    "variable ('size 0', 'size 1', ... along its axes, each at least 1) and whose elements are an "
    "uninterpreted function x of the place, with values in the declared domain; 'asked 0', ... is "
    "the element of the answer that is looked at. So nothing depends on a size, and what is shown "
    "holds for all sizes. 'count k' is how many places meet a condition (or a sum over them) and "
    "'chosen k' a place of which a fact is told; both are functions of the places that their "
    "definition speaks of. If the answers differed somewhere, the facts about that input would "
    "hold together; case by case they are shown to contradict one another. What a count means is "
    "told by instances: the points are the places that the facts speak of and witnesses of counts "
    "that are not 0, all other places fall into cells, one for each joint truth of the conditions "
    "that are counted, 'cell a k' is how many places are in one, and every count is the sum of its "
    "points and cells (Kuncak, Nguyen and Rinard 2006). That a cell is missing, that a number "
    "in it has a sign or that two numbers in it are equal are lemmas of their own below. That the "
    "equations follow from the lemmas is the argument of deepdistill/verify/proof, and is not "
    "checked by this file."
)

WRITTEN_OUT = (
    "A dense network has no structure to argue from, so each of its sizes is settled for itself, "
    "with every loop of the program written out. A cell of the input is a variable, named by its "
    "place, within the domain; 'slice a k' is the sum of the cells whose place along axis a is k, "
    "'extreme k' a largest or smallest element. Where an obligation does not say that a slice is "
    "the sum of its cells, it shows more than is needed. Weights are multiplied by one power of "
    "two, so that all are integers; no sum of theirs reaches 2**53, where floats would round."
)

INDUCTION = (
    "Program and network are machines that take a step for each element. Their joint state are the "
    "program's variables, the network's registers ('register k'), the elements before the current "
    "one ('name[t-s]', 0 before the start) and how many 'steps done' there were; 'name[t]' is the "
    "current element, within the domain. An invariant, facts about the joint state, is shown to "
    "hold before the first step and to be kept by every step, so that it holds after any number of "
    "them; and from it follow equal answers and that every operation of the program has a value. "
    "So they are equal at every step of every sequence."
)

ENUMERATED = (
    f"{INDUCTION} Here the invariant is the list of all joint states that can be reached, which "
    "are few: they were found by a search with every element at each, and the obligations say that "
    "the list holds the start and is left by no step."
)
