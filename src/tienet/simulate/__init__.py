"""A simulated firm with a known truth, in the sign pattern that the 2018 abstract reports."""

from tienet.simulate.firm import Firm, simulate_firm
from tienet.simulate.truth import CENTERS, COEFFICIENTS, NOISE, Truth

__all__ = ["CENTERS", "COEFFICIENTS", "NOISE", "Firm", "Truth", "simulate_firm"]
