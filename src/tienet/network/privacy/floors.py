"""The floor: the fewest people or ties that a number needs to be told."""

from __future__ import annotations

from tienet.base.numbers import count

__all__ = ["count_at_least"]

FLOOR = 5


def count_at_least(number: int, floor: int = FLOOR) -> str:
    """Tell a count of people in words that keep the floor: "fewer than 5", where it is 1 to 4.

    Parameters
    ----------
    number
        The count.
    floor
        Smallest count that is told; 0 is told as well.

    Returns
    -------
    str

    Examples
    --------
    >>> import tienet as tn
    >>> [tn.network.privacy.count_at_least(number) for number in (0, 3, 1200)]
    ['0', 'fewer than 5', '1,200']
    """
    return f"fewer than {floor}" if 0 < number < floor else count(number)
