"""The regression in steps, as papers print it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tienet.base.frames import rows
from tienet.base.numbers import bare, df_text, n_text
from tienet.output.tables.regression import step_fits
from tienet.regression.model.generalised import GeneralisedFit
from tienet.study.language.reading import holds, say
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.page.texts import centring
from tienet.study.words.written import begun, fixed, measured_outcome


def build(material: Material) -> Section:
    """One column per step, one row per term."""
    fit = material.result.fit
    fits = step_fits(fit)
    columns = [{row["term"]: row for row in rows(one._columns())} for one in fits.values()]
    return Section(
        "steps",
        "specialists",
        say("page.steps.heading"),
        say("page.steps.heading"),
        {
            "caption": _caption(material),
            "names": [_step(name) for name in fits],
            "terms": [(material.name(term), [column.get(term) for column in columns]) for term in fit.terms],
            "steps": rows(fit.steps._columns()),
            "likelihood": isinstance(fit, GeneralisedFit),
            "notes": _notes(material, ", ".join(df_text(one.df) for one in fits.values())),
        },
        _folded(fit),
    )


def _folded(fit: Any) -> str:
    if isinstance(fit, GeneralisedFit):
        return say("page.steps.folded_likelihood", likelihood=fixed(fit.log_likelihood, 1), aic=fixed(fit.aic, 1))
    return say("page.steps.folded", r2=bare(fit.r_squared), adjusted=bare(fit.adj_r_squared))


def _step(name: str) -> str:
    return say(f"page.steps.{name}") if holds(f"page.steps.{name}") else begun(name)


def _caption(material: Material) -> str:
    result = material.result
    bases = {variable.factor: variable.base for variable in result.fit.variables.values() if variable.factor is not None}
    told = ", ".join(f"{material.name(factor).lower()} {base}" for factor, base in bases.items())
    family = result.study.fitted_family
    return say(
        "page.steps.caption",
        outcome=begun(measured_outcome(result.study)),
        unit=material.unit(),
        method=say("page.steps.least_squares") if family is None else family.method,
        n=n_text(result.fit.n),
        errors=begun(result.fit.covariance.label),
        centred=centring(result),
        base=say("page.steps.base", bases=told) if told else "",
    )


def _notes(material: Material, dfs: str) -> list[str]:
    fit: Any = material.result.fit
    cautions = [say("page.steps.caution", caution=material.spoken(caution)) for caution in getattr(fit, "cautions", ())]
    if isinstance(fit, GeneralisedFit):
        df = say("page.steps.df", name=say("page.steps.df_clusters"), dfs=dfs) if np.isfinite(fit.df) else say("page.steps.normal")
        return [say("page.steps.stars"), df, say("page.steps.tested", test=fit.steps.test), *cautions, say("page.steps.files")]
    estimator = fit.covariance.estimator
    name = say("page.steps.df_smallest", name=estimator.df_name) if estimator.df_name else say("page.steps.df_residual")
    notes = [say("page.steps.stars"), say("page.steps.df", name=name, dfs=dfs)]
    if estimator.joint_test != "F":
        kind = "wald" if estimator.joint_test == "Wald F" else "joint"
        notes.append(say(f"page.steps.{kind}", test=estimator.joint_test))
    return [*notes, *cautions, f"{material.spoken(str(replace(fit.vif, called=material.names)))}.", say("page.steps.files")]
