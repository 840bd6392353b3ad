"""Moderated regression: the specification, the fit, its steps."""

from tienet._covariance import Covariance
from tienet.moderation.fit import ModerationFit
from tienet.moderation.joint import JointTest, joint_test
from tienet.moderation.model import Moderation, claro_ramos
from tienet.moderation.outcomes import fit_outcomes
from tienet.moderation.refits import drop_terms, standardize, without_quadratics
from tienet.moderation.steps import FTest, Steps, Vif

__all__ = [
    "Covariance",
    "FTest",
    "JointTest",
    "Moderation",
    "ModerationFit",
    "Steps",
    "Vif",
    "claro_ramos",
    "drop_terms",
    "fit_outcomes",
    "joint_test",
    "standardize",
    "without_quadratics",
]
