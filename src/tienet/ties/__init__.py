"""Ties: the rule, the network it makes of a log, and what tie strength can mean."""

from tienet.ties.build import build_ties
from tienet.ties.given import Answers, GivenStrength
from tienet.ties.network import Ties
from tienet.ties.rule import TieRule
from tienet.ties.segments import Segments
from tienet.ties.strength import strength_values

__all__ = ["Answers", "GivenStrength", "Segments", "TieRule", "Ties", "build_ties", "strength_values"]
