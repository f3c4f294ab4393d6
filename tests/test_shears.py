"""Shears: one latent added to another where a field gets shorter by it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepdistill.dynamics.changes import Changes, sheared
from deepdistill.dynamics.library import polynomials, values

LORENZ = {
    (0, (1, 0, 0)): -10.0,
    (0, (0, 1, 0)): 10.0,
    (1, (1, 0, 0)): 28.0,
    (1, (0, 1, 0)): -1.0,
    (1, (1, 0, 1)): -1.0,
    (2, (1, 1, 0)): 1.0,
    (2, (0, 0, 1)): -8 / 3,
}


def lorenz(library):
    field = np.zeros((3, len(library)))
    powers = [term.powers for term in library]
    for (equation, wanted), size in LORENZ.items():
        field[equation, powers.index(wanted)] = size
    return field


def test_lorenz_told_in_a_difference_is_told_in_both_coordinates_again():
    library = polynomials(3, 2)
    changes, true = Changes(library, 3, True), lorenz(library)
    difference = np.array([[1.0, 0, 0], [-1.0, 1.0, 0], [0, 0, 1.0]])
    other = changes.pushed(true, difference, np.zeros(3))
    other[np.abs(other) < 1e-9] = 0.0
    assert np.count_nonzero(other) == np.count_nonzero(true) == 7
    shorter = sheared(changes, other)
    assert shorter is not None
    np.testing.assert_allclose(shorter[0], np.linalg.inv(difference), atol=1e-8)
    np.testing.assert_allclose(shorter[1], true, atol=1e-6)
    assert sheared(changes, true) is None


@given(
    arrays(np.float64, (2, 6), elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, -2.0, 0.5])),
    st.sampled_from([1.0, -1.0, 2.0, 0.5]),
)
def test_a_sheared_field_is_the_same_motion_and_shorter(field, share):
    library = polynomials(2, 2)
    changes = Changes(library, 2, True)
    mixed = changes.pushed(field, np.array([[1.0, 0.0], [share, 1.0]]), np.zeros(2))
    mixed[np.abs(mixed) < 1e-9] = 0.0
    shorter = sheared(changes, mixed)
    if shorter is None:
        assert changes.cost(mixed != 0) <= changes.cost(field != 0) + 1e-5
        return
    shear, moved = shorter
    assert changes.cost(moved != 0) < changes.cost(mixed != 0)
    z = np.random.default_rng(0).normal(size=(20, 2))
    there = values(library, z) @ mixed.T @ shear.T
    np.testing.assert_allclose(values(library, z @ shear.T) @ moved.T, there, atol=1e-4)
