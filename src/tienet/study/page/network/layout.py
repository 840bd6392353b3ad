"""Layout of the network: functions as discs that do not overlap, people near those they have ties with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
WIDTH, HEIGHT = 1000.0, 800.0
_EDGE = 52.0  # room for the names of the groups
_ROUNDS = 160
_LARGEST = 75.0  # radius of a mark


def layout(group: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64], *, seed: int = 0) -> Points:
    """Return positions of n people, (n, 2), in an area of WIDTH by HEIGHT.

    Groups are discs sized by their members and attracted to groups they have many ties with. Within a disc, people repel each other
    (k^2 / d, Fruchterman & Reingold 1991) and are attracted to people they have ties with, relative to the rest of the group.
    The same input and seed give the same positions.
    """
    if not len(group):
        return np.zeros((0, 2))
    rng = np.random.default_rng(seed)
    sizes = np.bincount(group)
    radius = np.sqrt(sizes) + 0.6
    centre = _discs(radius, _between(group, a, b, len(sizes)))
    place = centre[group] + rng.normal(scale=0.3, size=(len(group), 2)) * radius[group, None]
    place = _settled(place, group, centre, radius, _neighbours(a, b, len(group)))
    return _fitted(place)


def layout_groups(group: NDArray[np.int64], radius: Points, a: NDArray[np.int64], b: NDArray[np.int64]) -> tuple[Points, Points, Points]:
    """Places of marks of several sizes, (m, 2), in the discs of their functions, with the scale that fits them into the area.

    Parameters
    ----------
    group
        (m,) the function of each mark.
    radius
        (m,) its radius; areas are proportional to people.
    a, b
        Ends of the lines; functions with many lines between them stand near each other.

    Returns
    -------
    tuple
        (m, 2) places, (m,) radii in the area, (f, 3) middle and radius of the disc of each function.
    """
    places = np.zeros((len(group), 2))
    discs = np.zeros(int(group.max(initial=-1)) + 1)
    for one in range(len(discs)):
        members = np.flatnonzero(group == one)
        places[members], discs[one] = _ringed(radius[members])
    centre = _discs(discs, _between(group, a, b, len(discs)))
    low, high = (centre - discs[:, None]).min(axis=0), (centre + discs[:, None]).max(axis=0)
    room = np.array([WIDTH, HEIGHT]) - 2 * _EDGE
    scale = float(np.min(room / np.maximum(high - low, 1e-9)))
    scale = min(scale, _LARGEST / float(radius.max(initial=1e-9)))
    # Few groups would fill a corner of the area if their distances had the scale of their marks.
    apart = np.maximum((room - 2 * scale * discs.max(initial=0.0)) / np.maximum(np.ptp(centre, axis=0), 1e-9), scale)
    middle = (centre.min(axis=0) + centre.max(axis=0)) / 2
    even = np.ptp(centre, axis=0) > 1e-6
    centre = np.array([WIDTH, HEIGHT]) / 2 + np.where(even, (centre - middle) * apart, 0.0)
    return places * scale + centre[group], radius * scale, np.column_stack([centre, discs * scale])


def _ringed(radius: Points) -> tuple[Points, float]:
    """Marks on a ring, the largest in its middle where that saves room; and the radius of the disc around them."""
    if len(radius) == 1:
        return np.zeros((1, 2)), float(radius[0]) * 1.35
    inner = int(np.argmax(radius)) if len(radius) > 4 else -1
    outer = [at for at in range(len(radius)) if at != inner]
    most = float(radius.max())
    ring = max(1.3 * most / np.sin(np.pi / len(outer)), 2.6 * most if inner >= 0 else 0.0)
    turn = -np.pi / 2 + 2 * np.pi * np.arange(len(outer)) / len(outer)
    places = np.zeros((len(radius), 2))
    places[outer] = np.column_stack([np.cos(turn), np.sin(turn)]) * ring
    return places, ring + 1.6 * most


def _between(group: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64], size: int) -> Points:
    """Ties between groups as a share of possible ties, symmetric, with zeros on the diagonal."""
    counts = np.bincount(group[a] * size + group[b], minlength=size * size).reshape(size, size).astype(float)
    sizes = np.bincount(group, minlength=size)
    share: Points = (counts + counts.T) / np.maximum(np.outer(sizes, sizes), 1)
    np.fill_diagonal(share, 0.0)
    return share


def _discs(radius: Points, pull: Points) -> Points:
    """Centres of discs that do not overlap: attracted to the middle and to each other by their ties, then pushed apart."""
    turn = 2 * np.pi * np.arange(len(radius)) / len(radius)
    centre: Points = np.column_stack([np.cos(turn), np.sin(turn)]) * radius.sum() / 2
    pull = pull / max(float(pull.max(initial=0.0)), 1e-12)
    for cooling in np.linspace(0.05, 0.0, 200):
        centre = centre - cooling * centre + cooling * (pull @ centre - pull.sum(axis=1, keepdims=True) * centre) / len(radius)
        centre = _apart(centre, radius)
    for _ in range(200):
        centre = _apart(centre, radius)
    return centre


def _apart(centre: Points, radius: Points) -> Points:
    away = centre[:, None, :] - centre[None, :, :]
    distance = np.linalg.norm(away, axis=2)
    np.fill_diagonal(distance, np.inf)
    wanted = (radius[:, None] + radius[None, :]) * 1.12
    overlap = np.clip(wanted - distance, 0.0, None)
    shift = away / np.maximum(distance, 1e-9)[..., None] * overlap[..., None] / 2
    # The area is wider than high.
    moved: Points = centre + 0.6 * shift.sum(axis=1) * [1.15, 0.85]
    return moved


def _neighbours(a: NDArray[np.int64], b: NDArray[np.int64], size: int) -> object:
    """The matrix that maps positions to the mean position of each person's neighbours; without ties, to the person's own."""
    from scipy.sparse import coo_array, diags_array, eye_array

    links = coo_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(size, size)).tocsr()
    degree = np.asarray(links.sum(axis=1)).ravel()
    alone = diags_array((degree == 0).astype(float))
    return diags_array(1.0 / np.maximum(degree, 1.0)) @ links + alone @ eye_array(size)


def _settled(place: Points, group: NDArray[np.int64], centre: Points, radius: Points, neighbours: object) -> Points:
    members = [np.flatnonzero(group == one) for one in range(len(radius))]
    # Repulsion by 1/d and attraction proportional to distance spread people evenly over the disc.
    for heat in np.linspace(0.5, 0.02, _ROUNDS):
        pull = neighbours @ place - centre[group]  # type: ignore[operator]
        step = 0.6 * (centre[group] - place)
        for each in members:
            # Subtract the pull that a whole group shares, which would press it against one edge of the disc.
            step[each] += 0.3 * (pull[each] - pull[each].mean(axis=0)) + 0.42 * _repulsion(place[each])
        length = np.linalg.norm(step, axis=1, keepdims=True)
        place = place + step / np.maximum(length, 1e-9) * np.minimum(length, heat)
        place = _held(place, centre[group], radius[group])
    return place


def _repulsion(place: Points) -> Points:
    away = place[:, None, :] - place[None, :, :]
    squared = np.maximum((away**2).sum(axis=2), 1e-4)
    pushed: Points = (away / squared[..., None]).sum(axis=1)
    return pushed


def _held(place: Points, centre: Points, radius: Points) -> Points:
    """Keep people inside the disc of their group."""
    out = place - centre
    length = np.linalg.norm(out, axis=1)
    inside: Points = centre + out * np.minimum(1.0, radius / np.maximum(length, 1e-9))[:, None]
    return inside


def _fitted(place: Points) -> Points:
    """Scale the layout to the area and centre it."""
    low, high = place.min(axis=0), place.max(axis=0)
    room = np.array([WIDTH, HEIGHT]) - 2 * _EDGE
    scale = float(np.min(room / np.maximum(high - low, 1e-9))) if len(place) > 1 else 1.0
    fitted: Points = (place - (low + high) / 2) * min(scale, 120.0) + np.array([WIDTH, HEIGHT]) / 2
    return fitted
