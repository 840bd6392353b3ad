"""Differences between simple slopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import names
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, listed, number, p_text
from tienet.regression.core.least_squares import f_tail, lincom, quadratic_form
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.core.response import Scale
from tienet.regression.core.wald import joint_text, joint_works, wald_f
from tienet.regression.probes._levels import Levels, levels_of, number_levels, split_at, spots
from tienet.regression.probes._mean_effects import effect_parts, effects, gradient, require_level, settings
from tienet.regression.probes.probe import Probe, Values, common, held_values, level, on_response, tested_with

__all__ = ["SlopeDifferences", "slope_differences"]


_SAME = 1e-10  # directions of smaller relative size are rounding error


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SlopeDifferences(Probe):
    """Pairwise differences between the slopes of the focal variable.

    Parameters
    ----------
    moderators
        Names of the variables or factors whose levels are compared.
    label, against
        d labels each: the slope, and the slope subtracted from it.
    estimate, std_error, statistic, p_value, conf_low, conf_high
        (d,) each, in units of the outcome per unit of the focal variable. The p-values are not adjusted for multiple testing.
    dfs
        (d,) degrees of freedom of each t.
    joint_statistic, joint_df1, joint_df2, joint_p_value
        F test that all slopes are equal, under the model's covariance; the HTZ test under CR2.
    """

    moderators: tuple[str, ...]
    label: tuple[str, ...]
    against: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    statistic: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    dfs: Vector
    joint_statistic: float
    joint_df1: int
    joint_df2: float
    joint_p_value: float

    def _works(self) -> tuple[str, ...]:
        three_way = ("dawson_richter_2006",) if len(self.moderators) > 1 else ()
        return ("aiken_west_1991", *three_way, *self.covariance._works(), *joint_works(self.covariance, self.joint_df1))

    def _columns(self) -> Columns:
        return {
            "label": np.array(self.label, dtype=object),
            "against": np.array(self.against, dtype=object),
            **self._tests(),
        }

    def _under_table(self) -> str:
        return f"Differences between {self._slopes}; {self._joint()}. {self.setting}."

    @property
    def _slopes(self) -> str:
        """'slopes of x', with the scale in a model with a link."""
        if self.scale == "response" and self._measured:
            return f"average slopes of {self._focal} in the {self._measured}"
        return f"slopes of {self._focal}{self._on}"

    def _joint(self) -> str:
        joint = joint_text(self.joint_statistic, self.joint_df1, self.joint_df2, self.joint_p_value, self.covariance)
        several = "p-values not adjusted for multiple testing; " if len(self.label) > 1 else ""
        return f"{several}all slopes equal: {joint}"

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        parts = [
            f"{label} minus {against}: {number(b)} (SE {number(s)}, {p_text(p)})"
            for label, against, b, s, p in zip(self.label, self.against, self.estimate, self.std_error, self.p_value, strict=True)
        ]
        joint = joint_text(self.joint_statistic, self.joint_df1, self.joint_df2, self.joint_p_value, self.covariance)
        several = "; p-values not adjusted for multiple testing" if len(self.label) > 1 else ""
        pairs = f"{counted(len(self.label), 'pair')}{several}"
        return (
            f"Differences between {self._slopes} over {listed(map(self._word, self.moderators))} ({pairs}): "
            f"{'; '.join(parts)}. All slopes equal: {joint}."
        )


def slope_differences(
    model: Model,
    *,
    focal: str,
    moderator: str | Sequence[str],
    at: Values = None,
    alpha: float | None = None,
    scale: Scale = "link",
) -> SlopeDifferences:
    r"""Test the pairwise differences between the simple slopes of a variable, and all of them jointly.

    With rows :math:`L_i` whose product with b is the slope at level i, a difference is :math:`(L_j - L_i) b` with variance
    :math:`(L_j - L_i) V (L_j - L_i)'`. For two moderators, each one SD either side of its mean, the six differences are those of Dawson and
    Richter; for a factor they compare its categories.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal, moderator
        Names of variables; write several moderators as ``("z", "w")``. A factor is compared category by category.
    at
        Levels of the moderator as in `simple_slopes` (values, "sd", "percentiles", "process", categories), or a mapping {variable: levels}.
        By default, and with "sd", one SD to either side of the mean, without the mean itself. A variable given a single value in the
        mapping is held there.
    alpha
        Significance level of the intervals; by default the model's.
    scale
        "link": slopes of :math:`\eta`, such as log odds. "response": average effects on the expected outcome. For a linear model both are
        the same.

    Returns
    -------
    SlopeDifferences
        Each later level minus each earlier one. The p-values are not adjusted; adjust them if you interpret several. Pairs of levels with
        the same slope by construction (two equal percentiles) are left out.

    Raises
    ------
    ModelError
        If a variable is not in the model, the slope does not depend on the moderator, or all levels have the same slope.

    References
    ----------
    Dawson, J. F. & Richter, A. W. (2006). Journal of Applied Psychology 91, 917-926.
    Aiken, L. S. & West, S. G. (1991). Multiple Regression: Testing and Interpreting Interactions.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> found = slope_differences(Moderation("y ~ x*z", covariance="classical").fit(data), focal="x", moderator="z")
    >>> found.label, found.against, found.estimate.round(3)
    (('1',), ('0',), array([0.875]))
    """
    surface = surface_of(model)
    first = surface.column(focal)
    moderators = _axes(surface, first, tuple(names("moderator", moderator, single=True)), at)
    compared = [name for name, levels in moderators.items() if len(levels.label) > 1]
    points, places = spots(surface, first, moderators)
    averaged = on_response(surface, scale)
    if averaged:
        values, rows = _averages(surface, first, moderators)
    else:
        rows = np.array([surface.slope_row(first.name, point) for point in points])
        values = lincom(rows, surface.estimate, surface.matrix)[0]  # other coefficients may not be known
    labels = [_label(moderators, compared, place) for place in places]
    pairs = [(i, j) for i, j in combinations(range(len(rows)), 2) if not np.allclose(rows[i], rows[j], rtol=_SAME, atol=0.0)]
    if not pairs:
        raise ModelError(f"the slope of {first.name} is the same at all these levels; give two or more different levels in at=")
    statistic, df1, df2, p = joint_test_of(surface, rows[1:] - rows[0], values[1:] - values[0])
    fixed = {name for name in compared for name in moderators[name].points[0]}
    held = {name: value for name, value in held_values(surface, first.name, None, points[0]).items() if name not in fixed}
    between = np.array([rows[j] - rows[i] for i, j in pairs])
    return SlopeDifferences(
        **{
            **common(surface, first.name, compared[0] if len(compared) == 1 else None, alpha, {} if averaged else held),
            "scale": "response" if averaged else "link",
        },
        moderators=tuple(compared),
        label=tuple(labels[j] for _, j in pairs),
        against=tuple(labels[i] for i, _ in pairs),
        **tested_with(
            np.array([values[j] - values[i] for i, j in pairs]),
            lincom(between, surface.estimate, surface.matrix)[1],
            surface.df_of(between),
            level(surface, alpha),
        ),
        joint_statistic=statistic,
        joint_df1=df1,
        joint_df2=df2,
        joint_p_value=p,
    )


def _averages(surface: Polynomial, focal: Variable, moderators: Mapping[str, Levels]) -> tuple[Vector, Vector]:
    """(r,) average effects on the expected outcome at every combination of levels, and their (r, k) gradients."""
    require_level(surface)
    parts = [effect_parts(surface, focal, fixed) for fixed in settings([levels.points for levels in moderators.values()])]
    return np.array([float(effects(surface, each).mean()) for each in parts]), np.array([gradient(surface, each) for each in parts])


def joint_test_of(surface: Polynomial, rows: Vector, values: Vector | None = None) -> tuple[float, int, float, float]:
    """Test that every combination L'b is zero, as `joint_test` does; return F, its degrees of freedom and p.

    `values` are those tested if they are not L'b but functions of b with L as their gradient. Linearly dependent rows (three levels of a
    number under a straight slope) count once: the test uses an orthonormal basis of their span.
    """
    used = rows.any(axis=0)  # other coefficients may not be known
    error = np.sqrt(np.diag(surface.matrix))[used]
    scale = np.where(np.isfinite(error) & (error > 0), error, 1.0)  # the units of the variables must not decide what counts as rounding
    turn, size, basis = np.linalg.svd(rows[:, used] * scale, full_matrices=False)
    kept = size > _SAME * size.max()
    spanned = np.zeros((int(kept.sum()), rows.shape[1]))
    spanned[:, used] = basis[kept] / scale
    found = spanned[:, used] @ surface.estimate[used] if values is None else (turn.T @ values)[kept] / size[kept]
    matrix, degrees = quadratic_form(spanned, surface.matrix), surface.degrees.along(spanned)
    statistic, df1, df2 = wald_f(found, matrix, degrees)
    return statistic, df1, float(df2), f_tail(statistic, df1, df2)


def _axes(surface: Polynomial, focal: Variable, names: tuple[str, ...], at: Values) -> dict[str, Levels]:
    """Levels of the moderators, then of the other variables given."""
    if len(names) > 1 and at is not None and not isinstance(at, str | Mapping):
        raise ArgumentError(f"at={at!r} does not say which moderator it is for; write at={{'variable': values}}")
    given = dict(at) if isinstance(at, Mapping) else dict.fromkeys(names, at)
    axes = {}
    for name in names:
        own, _ = split_at(surface, name, {key: value for key, value in given.items() if key == name})
        levels = levels_of(surface, focal, name, own, whole=False)
        axes[levels.name] = levels
    others = split_at(surface, None, {key: value for key, value in given.items() if key not in (*names, *axes)})[1]
    return {**axes, **{name: number_levels(surface.column(name), values, whole=False) for name, values in others.items()}}


def _label(axes: Mapping[str, Levels], compared: list[str], place: tuple[int, ...]) -> str:
    """'+1 SD', or with several moderators 'z +1 SD, w -1 SD'."""
    chosen = {name: levels.label[i] for (name, levels), i in zip(axes.items(), place, strict=True) if name in compared}
    return ", ".join(chosen.values()) if len(chosen) < 2 else ", ".join(f"{name} {label}" for name, label in chosen.items())
