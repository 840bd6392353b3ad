"""The whole chain as one specification: log, people and outcomes in; ties, measures, fit and probes out."""

from tienet.study.check import Finding, check_study
from tienet.study.file import StudyFile, read_study
from tienet.study.join import Cases
from tienet.study.result import Probes, StudyResult
from tienet.study.spec import OnStep, Study

__all__ = ["Cases", "Finding", "OnStep", "Probes", "Study", "StudyFile", "StudyResult", "check_study", "read_study"]
