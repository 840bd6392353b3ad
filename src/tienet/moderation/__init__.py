"""Moderated regression: the specification, the fit, its steps."""

from tienet._covariance import Covariance
from tienet.moderation.fit import ModerationFit, drop_terms, without_quadratics
from tienet.moderation.joint import JointTest, joint_test
from tienet.moderation.model import Moderation, claro_ramos
from tienet.moderation.steps import Steps, Vif

__all__ = [
    "Covariance",
    "JointTest",
    "Moderation",
    "ModerationFit",
    "Steps",
    "Vif",
    "claro_ramos",
    "drop_terms",
    "joint_test",
    "without_quadratics",
]
