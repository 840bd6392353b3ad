"""Which headline the numbers of a card give: first the test of the product, then the slopes."""

from __future__ import annotations

from tienet.study.cards.card import Estimate, Verdict


def verdict(
    weak: Estimate,
    middle: Estimate,
    strong: Estimate,
    difference: Estimate,
    *,
    alpha: float,
    matters: float | None,
    product: Estimate | None = None,
) -> Verdict:
    """Choose the headline.

    Parameters
    ----------
    weak, middle, strong
        Slope of total ties at weak, mean and strong ties.
    difference
        The slope at strong less that at weak ties.
    alpha
        An estimate is clear if its p is below.
    matters
        The smallest size of the difference that the study calls important; None if it names none.
    product
        The difference on the scale of the link, with the p of the product, if the others are on that of the expected outcome. If the two
        tests disagree, whether slopes differ depends on the scale.

    References
    ----------
    Gelman, A., & Stern, H. (2006). The difference between "significant" and "not significant" is not itself statistically significant.
    The American Statistician, 60(4), 328-331.

    Examples
    --------
    >>> clear, open_ = Estimate(0.5, 0.1, 0.3, 0.7, 0.001, 100.0), Estimate(0.1, 0.1, -0.1, 0.3, 0.32, 100.0)
    >>> verdict(clear, clear, open_, open_, alpha=0.05, matters=None)
    'mean_clear'
    """
    at_weak, at_mean, at_strong = (slope.p_value < alpha for slope in (weak, middle, strong))
    if product is not None and not _agree(product, difference, alpha):
        return "scales_clear" if at_mean else "scales_open"
    if difference.p_value < alpha:
        if at_weak and at_strong:
            return "same_sign" if (weak.estimate > 0) == (strong.estimate > 0) else "opposite_signs"
        if at_weak:
            return "only_weak"
        return "only_strong" if at_strong else "neither"
    if matters is not None and -matters < difference.low and difference.high < matters:
        return "small"
    return "mean_clear" if at_mean else "open"


def _agree(product: Estimate, difference: Estimate, alpha: float) -> bool:
    """Whether the tests on both scales say the same: both open, or both clear with the same sign."""
    clear = product.p_value < alpha
    if clear != (difference.p_value < alpha):
        return False
    return not clear or (product.estimate > 0) == (difference.estimate > 0)
