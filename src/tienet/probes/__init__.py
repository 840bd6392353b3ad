"""Probing a fitted surface: slopes, regions, curves and the numbers behind the interaction figure.

Every probe reads a model through its `polynomial` only, so a fit and a model rebuilt from a printed table are probed alike; nothing is
refitted.
"""

from tienet.probes.bending import CurveModeration, curve_moderation
from tienet.probes.bounds import BoundedRegions, BoundedSlopes
from tienet.probes.curves import TurningPoint, turning_point
from tienet.probes.differences import SlopeDifferences, slope_differences
from tienet.probes.plane import SlopeRegion, slope_region
from tienet.probes.regions import Band, JohnsonNeyman, johnson_neyman
from tienet.probes.response import ResponseSurface, response_surface
from tienet.probes.shape import UTest, u_test
from tienet.probes.slopes import SimpleSlopes, simple_slopes
from tienet.probes.surface import Surface, predict_surface

__all__ = [
    "Band",
    "BoundedRegions",
    "BoundedSlopes",
    "CurveModeration",
    "JohnsonNeyman",
    "ResponseSurface",
    "SimpleSlopes",
    "SlopeDifferences",
    "SlopeRegion",
    "Surface",
    "TurningPoint",
    "UTest",
    "curve_moderation",
    "johnson_neyman",
    "predict_surface",
    "response_surface",
    "simple_slopes",
    "slope_differences",
    "slope_region",
    "turning_point",
    "u_test",
]
