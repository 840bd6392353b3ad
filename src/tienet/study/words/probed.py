"""Sentences of the probes of a study: the product, where a slope differs from zero, where a curve turns, and whether it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tienet.base.numbers import coverage, level_text, printed
from tienet.study.language.reading import enumerated, holds, say, say_counted
from tienet.study.words.written import (
    begun,
    decimals_of,
    fewer_words,
    fixed,
    is_probability,
    measured_outcome,
    outcome,
    p_words,
    people_word,
    scales,
    share_words,
    the_outcome,
)

if TYPE_CHECKING:
    from tienet.base.naming import Names
    from tienet.regression.probes.products import ProductTest
    from tienet.regression.probes.regions import JohnsonNeyman
    from tienet.regression.probes.turning_points import TurningPoint
    from tienet.regression.probes.u_tests import UTest
    from tienet.study.specification import StudySpecification


def product_words(test: ProductTest, names: Names, study: StudySpecification) -> str:
    """Whether the slope depends on the moderator at all; with a link also the second difference of the expected outcome."""
    focal, moderator = names.spoken(test.focal), names.spoken(test.moderator)
    both = {"focal": focal, "moderator": moderator, "p": p_words(test.p_value, test.alpha), "link": _link(study)}
    if len(test.terms) > 1:
        said = say("probes.product.several", terms=enumerated(map(names.spoken, test.terms)), **both)
    else:
        decimals = decimals_of(test.std_error)
        sizes = {"estimate": fixed(test.estimate, decimals), "error": fixed(test.std_error, decimals)}
        said = say("probes.product.single", **sizes, **both)
    if test.measured:
        value = test.response_estimate * (100 if is_probability(study) else 1)
        p, scale = p_words(test.response_p_value, test.alpha), scales(study)["expected"]
        return f"{said} {say('probes.product.second', moderator=moderator, value=printed(value), p=p, scale=scale)}"
    key = "found" if test.p_value < test.alpha else "open"
    return f"{said} {say(f'probes.product.{key}', focal=focal, moderator=moderator)}"


def region_words(region: JohnsonNeyman, names: Names, study: StudySpecification) -> str:
    """Where along the moderator the slope differs from zero, of what the data hold, and how many people are there.

    The slope is that of the link or, on the scale of the response, the average slope of the expected outcome. The covariances of the
    coefficients are known, as they are for every fit.
    """
    low, high = map(_at, region.observed)
    values = {
        "slope": _slope(region, names, study),
        "moderator": names.spoken(region.moderator or ""),
        "level": level_text(region.alpha),
        "control": say(f"probes.control.{region.control}"),
        "low": low,
        "high": high,
    }
    if region.kind in ("everywhere", "nowhere"):
        return begun(say(f"probes.region.{region.kind}", **values))
    return begun(say("probes.region.where", where=_where(region), who=_there(region, study), **values))


def _slope(region: JohnsonNeyman, names: Names, study: StudySpecification) -> str:
    focal = names.spoken(region.focal)
    if region.scale == "response":
        return say("probes.slope.expected", focal=focal, outcome=the_outcome(study, outcome(study)))
    return say("probes.slope.link", focal=focal, link=_link(study))


def _where(region: JohnsonNeyman) -> str:
    """The stretches of the data in which the slope differs from zero; a bound outside the data is none of them."""
    inside, found = set(region.bounds_inside), []
    for low, high, significant in zip(region.low.tolist(), region.high.tolist(), region.significant.tolist(), strict=True):
        if significant and low in inside and high in inside:
            found.append(say("probes.where.between", low=_at(low), high=_at(high)))
        elif significant and low in inside:
            found.append(say("probes.where.above", low=_at(low)))
        elif significant and high in inside:
            found.append(say("probes.where.below", high=_at(high)))
    return enumerated(found, "or")


def _there(region: JohnsonNeyman, study: StudySpecification) -> str:
    """How many people are where the slope differs from zero; fewer than the floor are not counted."""
    share, n, people = region.share_significant, region.n, people_word(study)
    for key, count in (("few", share * n), ("nearly_all", (1 - share) * n)):
        if count < study.floor - 0.5:
            return say(f"probes.there.{key}", floor=study.floor, people=people)
    return say("probes.there.share", share=share_words(share), people=people)


def turning_words(turning: TurningPoint, names: Names, study: StudySpecification) -> str:
    """Where the curve turns, whether that is inside the data, and how sure that is."""
    focal, measured = names.spoken(turning.focal), measured_outcome(study)
    low, high = map(_at, turning.observed)
    unsure = turning.kind in ("two_rays", "whole_line")
    place = say(f"probes.turning.{'inside' if turning.inside else 'outside'}", low=low, high=high)
    curve = begun(_shape(turning.curvature))
    at = say_counted("unit.tie", turning.estimate) if turning.estimate.is_integer() else say("unit.tie.other", n=_at(turning.estimate))
    who = "" if np.isnan(turning.share_below) else f"; {fewer_words(turning.share_below, turning.n, study)}"
    said = [
        say("probes.turning.unsure", outcome=measured, focal=focal) if unsure else "",
        say("probes.turning.at", curve=curve, outcome=measured, focal=focal, at=at, place=place, who=who),
        _interval(turning),
    ]
    return " ".join(filter(None, said))


def _interval(turning: TurningPoint) -> str:
    """The Fieller set and, if it is an interval, that of the delta method."""
    share = coverage(turning.alpha)
    if turning.kind == "bounded":
        fieller, delta = ({"low": _at(low), "high": _at(high)} for low, high in (turning.fieller, turning.delta))
        both = {"fieller": say("probes.interval.range", **fieller), "delta": say("probes.interval.range", **delta)}
        return say("probes.interval.bounded", coverage=share, **both)
    if turning.kind == "two_rays":
        below, above = turning.fieller
        rays = [say("probes.where.below", high=_at(below))] if np.isfinite(below) else []
        rays += [say("probes.where.above", low=_at(above))] if np.isfinite(above) else []
        return say("probes.interval.rays", coverage=share, where=enumerated(rays, "or"))
    return say("probes.interval.none", coverage=share)


def u_words(test: UTest, names: Names, study: StudySpecification) -> str:
    """Whether the curve turns within the data, and its course at both ends."""
    values = {"shape": _shape(test.shape), "link": _link(study), "focal": names.spoken(test.focal), "p": p_words(test.p_value, test.alpha)}
    shown = test.p_value < test.alpha
    key = "trivial" if test.trivial else "shown" if shown else "not_shown"
    said = [say(f"probes.u.{key}", **values)]
    if shown and not test.measured:  # the two-lines test is of an outcome itself, not of its link
        said.append(say("probes.u.two_lines"))
    ends = {}
    for place, name in enumerate(("low", "high")):
        end, course = test.interval[place], say(f"probes.course.{_course(test, place)}")
        ties = say_counted("unit.tie", end) if float(end).is_integer() else say("unit.tie.other", n=_at(end))
        ends[name] = say("probes.u.end", ties=ties, course=course, p=p_words(float(test.end_p_value[place]), test.alpha))
    said.append(say("probes.u.ends", low=begun(ends["low"]), high=ends["high"]))
    return " ".join(said)


def _course(test: UTest, place: int) -> str:
    """The direction of the curve at one end; "still" or "already" if it is not that of the shape tested."""
    slope, wanted = float(test.slope[place]), (test.shape == "U") == (place == 1)
    if not slope:
        return "flat"
    course = "rises" if slope > 0 else "falls"
    return course if (slope > 0) == wanted else f"{('already', 'still')[place]}_{course}"


def _shape(shape: str) -> str:
    return say(f"probes.shape.{'u' if shape == 'U' else 'inverted_u'}")


def _link(study: StudySpecification) -> str:
    """The scale of the link after a number or a slope, with a space before it; empty for a linear model."""
    family = study.fitted_family
    return f" {say(f'scale.{family.link}')}" if family is not None and holds(f"scale.{family.link}") else ""


def _at(value: float) -> str:
    """A value of a variable: as a whole number if it is one, else with two decimals, or two digits if it is small."""
    return printed(value, 0 if float(value).is_integer() else 2)
