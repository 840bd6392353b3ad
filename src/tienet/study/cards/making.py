"""Make the cards of a study from its results."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from tienet.base.errors import TienetWarning
from tienet.base.record import locked
from tienet.regression.core.polynomial import Variable
from tienet.regression.model.fit import ModerationFit
from tienet.regression.probes.predicted_surfaces import Surface, predict_surface
from tienet.study.cards.card import Card, Estimate, Line, Lines, OtherAnalysis, StrengthLevels, Support, Turn
from tienet.study.cards.estimates import difference, levels_of, refusal, slopes, unseen, variable
from tienet.study.cards.others import Refit, RuleMeasures, measure_rules, other_analyses, refits
from tienet.study.cards.verdicts import verdict
from tienet.study.findings import Probes, StudyFindings

__all__ = ["make_cards"]


SHOWN = 0.97  # share of the people that the axis of a figure holds
POINTS = 101


def make_cards(result: StudyFindings, rules: RuleMeasures | None = None) -> tuple[Card, ...]:
    r"""Make a card for each function of a study: what was found about its ties, and in how many analyses.

    With b(z) the slope of total ties at their mean and at tie strength z, and :math:`b_3` the coefficient of their product,

    .. math:: D = b(z_{strong}) - b(z_{weak}) = b_3 (z_{strong} - z_{weak}),

    which has the t, df and p of the product under the study's own covariance.

    Parameters
    ----------
    result
        The results of a study.
    rules
        Measures under other tie rules, from `measure_rules`, if they are made already; making them reads the log once.

    Returns
    -------
    tuple of Card
        In the order of the study's functions.

    References
    ----------
    Gelman, A., & Stern, H. (2006). The American Statistician, 60(4), 328-331.
    Holm, S. (1979). Scandinavian Journal of Statistics, 6, 65-70.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=400, seed=1)
    >>> study = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, controls=["tenure"], no_ties="drop")
    >>> [(card.label, card.verdict) for card in make_cards(study.run())]
    [('Marketing', 'only_strong'), ('Customer Service', 'only_weak')]
    """
    found = refits(result, measure_rules(result) if rules is None else rules)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TienetWarning)  # the study has given them
        return tuple(_card(result, function, found) for function in result.egos.functions)


def _card(result: StudyFindings, function: str, found: Sequence[Refit]) -> Card:
    fit, study = result.fit, result.study
    total, levels = variable(fit, f"total_ties_{function}"), levels_of(fit, function)
    support, end, outside = _support(total)
    refused = refusal(fit, function)
    if refused is not None:
        return Card(
            function=function,
            label=result.label(function),
            people=fit.n,
            verdict="too_few",
            levels=levels,
            weak=None,
            middle=None,
            strong=None,
            difference=None,
            found_in=0,
            analyses=0,
            others=(),
            turn=None,
            unseen=None,
            mean_ties=total.mean,
            support=support,
            outside=outside,
            lines=None,
            refused=refused,
        )
    weak, middle, strong = slopes(fit, function)
    own = difference(fit, function)
    others = other_analyses(fit, function, result.egos.functions, found)
    clear = own.p_value < study.alpha
    return Card(
        function=function,
        label=result.label(function),
        people=fit.n,
        verdict=verdict(weak, middle, strong, own, alpha=study.alpha, matters=study.matters),
        levels=levels,
        weak=weak,
        middle=middle,
        strong=strong,
        difference=own,
        found_in=_found_in(own, others, study.alpha),
        analyses=1 + sum(one.refused is None for one in others),
        others=others,
        turn=_turn(result.probes[function], study.alpha),
        unseen=None if clear else unseen(own, study.alpha),
        mean_ties=total.mean,
        support=support,
        outside=outside,
        lines=_lines(fit, function, levels, end),
    )


def _found_in(own: Estimate, others: Sequence[OtherAnalysis], alpha: float) -> int:
    return int(own.p_value < alpha) + sum(one.found for one in others)


def _turn(probes: Probes, alpha: float) -> Turn | None:
    """Where the curve turns: only with a curve, inside the data, with a U test below alpha and a bounded interval."""
    u, turning = probes.u, probes.turning
    if u is None or turning is None or not (u.p_value < alpha and turning.inside and turning.kind == "bounded"):
        return None
    low, high = turning.fieller
    return Turn(turning.estimate, low, high, turning.share_below, highest=turning.curvature == "inverted U")


def _support(total: Variable) -> tuple[Support, float, int]:
    """People by number of ties, the end of the axis, and how many people have more ties."""
    end = float(np.quantile(total.values, SHOWN, method="inverted_cdf"))
    ties, people = np.unique(total.values[total.values <= end].astype(np.int64), return_counts=True)
    support = Support(locked(ties, dtype=np.int64), locked(people, dtype=np.int64))
    return support, end, int(np.sum(total.values > end))


def _lines(fit: ModerationFit, function: str, levels: StrengthLevels, end: float) -> Lines | None:
    total = variable(fit, f"total_ties_{function}")
    if not total.low < end:
        return None
    surface = predict_surface(
        fit,
        focal=total.name,
        moderator=f"tie_strength_{function}",
        moderator_at=[levels.weak, levels.strong],
        points=POINTS,
        over=(total.low, end),
    )
    if surface.relative:  # ordered categories have a level for each split, and none of their own
        return None
    weak, strong = (_line(surface, place) for place in (0, 1))
    return Lines(surface.focal_values, weak, strong)


def _line(surface: Surface, place: int) -> Line:
    columns = (surface.estimate, surface.conf_low, surface.conf_high)
    fit, low, high = (locked(np.where(surface.inside[place], column[place], np.nan)) for column in columns)
    return Line(fit, low, high)
