"""The model class of Claro & Ramos (2018)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from tienet.base.checks import checked_labels, choice, text
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError
from tienet.base.wording import snake_case
from tienet.regression.core.design import Center
from tienet.regression.core.formula import as_name, control_text
from tienet.regression.model.moderation import Moderation

__all__ = ["claro_ramos"]


NoTies = Literal["drop", "zero_with_indicator"]


def claro_ramos(
    outcome: str,
    functions: Sequence[str],
    *,
    controls: Sequence[str] = (),
    covariance: str | None = None,
    cluster: str | tuple[str, str] | None = None,
    center: Center = "mean",
    alpha: float = 0.05,
    no_ties: NoTies | None = None,
    quadratics: bool | Sequence[str] = True,
    indicators: Sequence[str] = (),
    weights: str | None = None,
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    family: str | None = None,
    exposure: str | None = None,
    event: object = None,
) -> Moderation:
    r"""Specify the model class of Claro & Ramos (2018), as described in its abstract, for any set of functions.

    .. math:: y = b_0 + \sum_f \left( b_{1f} TT_f + b_{2f} TS_f + b_{3f} TT_f^2 + b_{4f} TT_f TS_f \right) + \text{controls} + e

    with :math:`TT_f` the total ties and :math:`TS_f` the mean tie strength toward function f.

    Parameters
    ----------
    outcome
        Column of the outcome.
    functions
        Functions of the colleagues, such as ``("marketing", "customer_service")``. Labels such as "R&D" become snake_case for the columns;
        figures and tables show them as given here.
    controls
        Columns that enter linearly; ``C(name)`` makes one categorical, ``C(name, base="north")`` with this base, ``log(name)`` takes its
        logarithm.
    covariance, cluster, center, alpha, weights, labels, units, family, exposure, event
        As in `Moderation`. For several outcomes see `fit_outcomes`.
    no_ties
        Treatment of people without any tie to a function, whose tie strength is missing. By default the fit raises an error, so that you
        choose explicitly: "drop" leaves out and counts their rows; "zero_with_indicator" adds the term ``no_ties_f``. This does not change
        the data: set their ``tie_strength_f`` to 0 and add a column ``no_ties_f``, 1 for them and 0 for all others (see the second
        example). A `Study` does both for you.
    quadratics
        Whether the squares of total ties are in the model, or the functions of which they are: two values of ties determine no curve.
    indicators
        Functions with such a column (everyone may have ties to some functions); by default all.

    Returns
    -------
    Moderation
        Has the steps controls, main, quadratic and interactions.

    References
    ----------
    Claro, D. P. & Ramos, C. (2018). Journal of Personal Selling & Sales Management 38(2).

    Examples
    --------
    >>> claro_ramos("sales_growth", ["marketing"], controls=["tenure"]).formula
    'sales_growth ~ tenure + total_ties_marketing*tie_strength_marketing + total_ties_marketing^2'

    For ``no_ties="zero_with_indicator"`` prepare the data like this:

    >>> import pandas as pd
    >>> data = pd.DataFrame({"tie_strength_it": [1.5, None, 0.7]})  # the second person has no tie to IT
    >>> data["no_ties_it"] = data["tie_strength_it"].isna().astype(int)
    >>> data["tie_strength_it"] = data["tie_strength_it"].fillna(0)
    """
    if no_ties is not None:
        choice("no_ties", no_ties, get_args(NoTies))
    own = [control_text(name) for name in checked_names("controls", controls)]
    names = _functions("functions", functions)
    if not names:
        raise ArgumentError("functions is empty; name at least one function of the colleagues, such as 'marketing'")
    curved = _curved(quadratics, names)
    marked = (_functions("indicators", indicators) or names) if no_ties == "zero_with_indicator" else []
    _refuse_others("indicators", marked, names)
    terms = [*own, *(f"no_ties_{name}" for name in marked)]
    terms += [f"total_ties_{name}*tie_strength_{name}" + (f" + total_ties_{name}^2" if name in curved else "") for name in names]
    formula = f"{as_name(text('outcome', outcome))} ~ {' + '.join(terms)}"
    complete = tuple(f"tie_strength_{name}" for name in names) if no_ties is None else ()
    given = {name: label.strip() for name, label in zip(names, functions, strict=True) if name != label}
    return Moderation(
        formula,
        covariance=covariance,
        cluster=cluster,
        center=center,
        alpha=alpha,
        complete=complete,
        weights=weights,
        labels={**given, **checked_labels(labels)},
        units=units,
        family=family,
        exposure=exposure,
        event=event,
    )


def _functions(argument: str, labels: Sequence[str]) -> list[str]:
    return [snake_case(label) for label in checked_names(argument, labels)]


def _curved(quadratics: bool | Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """The functions whose total ties enter with their square."""
    if isinstance(quadratics, bool):
        return names if quadratics else ()
    curved = _functions("quadratics", quadratics)
    _refuse_others("quadratics", curved, names)
    return curved


def _refuse_others(argument: str, given: Sequence[str], names: Sequence[str]) -> None:
    for name in given:
        if name not in names:
            raise ArgumentError.not_one_of(argument, name, names)
