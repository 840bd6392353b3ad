"""Moderated regression: the specification, the fit, its steps."""

from tienet._covariance import Covariance
from tienet.moderation.fit import ModerationFit, drop_terms, without_quadratics
from tienet.moderation.model import Moderation, claro_ramos
from tienet.moderation.steps import Steps, Vif

__all__ = ["Covariance", "Moderation", "ModerationFit", "Steps", "Vif", "claro_ramos", "drop_terms", "without_quadratics"]
