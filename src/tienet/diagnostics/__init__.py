"""May the interaction be believed? Support, linearity, influence, collinearity, assumptions, and how large it is."""

from tienet.diagnostics._removal import Removal
from tienet.diagnostics.assumptions import SpecificationTest, breusch_pagan, reset_test
from tienet.diagnostics.collinearity import Collinearity, collinearity
from tienet.diagnostics.effects import EffectSizes, effect_sizes
from tienet.diagnostics.influence import Influence, influence
from tienet.diagnostics.linearity import LinearityCheck, linearity_check
from tienet.diagnostics.multiplicity import AdjustedP, adjust_p
from tienet.diagnostics.residuals import PartialResiduals, partial_residuals
from tienet.diagnostics.shares import VarianceShares, variance_shares
from tienet.diagnostics.support import CommonSupport, common_support

__all__ = [
    "AdjustedP",
    "Collinearity",
    "CommonSupport",
    "EffectSizes",
    "Influence",
    "LinearityCheck",
    "PartialResiduals",
    "Removal",
    "SpecificationTest",
    "VarianceShares",
    "adjust_p",
    "breusch_pagan",
    "collinearity",
    "common_support",
    "effect_sizes",
    "influence",
    "linearity_check",
    "partial_residuals",
    "reset_test",
    "variance_shares",
]
