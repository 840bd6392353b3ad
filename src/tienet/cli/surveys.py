"""Options of a survey of ties, in place of a log or beside it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from tienet.network.reading.people import People
    from tienet.network.ties.network import Ties

Survey = Annotated[
    Path | None,
    typer.Option("--survey", help="Survey of ties, instead of LOG; beside it, the strength of ties is calibrated on the survey."),
]
OwnOfSurvey = Annotated[
    list[str] | None,
    typer.Option(
        "--survey-column",
        metavar="STANDARD=YOURS",
        help="Standard column of the survey=name in your file, such as respondent=who; repeatable.",
    ),
]
Item = Annotated[
    list[str] | None,
    typer.Option("--item", metavar="NAME", help="Item of the survey, by default frequency, importance, closeness; repeatable."),
]
Scale = Annotated[str | None, typer.Option("--scale", metavar="LOW,HIGH", help="Ends of the scale of the answers, such as 1,5.")]
Reverse = Annotated[
    list[str] | None,
    typer.Option("--reverse", metavar="ITEM", help="Item on which a high answer means a weak tie; repeatable."),
]
Threshold = Annotated[float | None, typer.Option("--threshold", help="Mean answer from which on it names a tie.")]
Design = Annotated[
    Literal["roster", "name_generator"] | None,
    typer.Option("--design", help="Whether people rated a list of colleagues or named some themselves."),
]
Shape = Annotated[
    Literal["long", "wide"] | None,
    typer.Option("--shape", help="One row per respondent and colleague, or one per respondent."),
]
OF_LOG = (
    "exclude",
    "min_interactions",
    "half_life",
    "size_weight",
    "max_size",
    "channel",
    "since",
    "until",
    "column",
    "separator",
    "time_format",
    "timezone",
    "decimal",
    "skip",
)
OF_SURVEY = ("survey_column", "item", "scale", "reverse", "threshold", "design", "shape")


def read_answers(path: Path, people: People, *, columns: Any, said: dict[str, Any], **written: Any) -> Ties:
    """The ties of a survey, with the settings that the options state."""
    from tienet.network.survey.answers import read_survey

    settings = {name: value for name, value in {**said, **written}.items() if value is not None}
    return read_survey(path, people, columns=columns, **settings)


def scale_of(text: str | None) -> tuple[float, float] | None:
    """The ends of a scale, from text such as "1,5"."""
    if text is None:
        return None
    low, _, high = text.partition(",")
    try:
        return float(low), float(high)
    except ValueError:
        raise typer.BadParameter(f"--scale must be LOW,HIGH, such as 1,5, got {text!r}") from None


def refuse_misplaced(*, log: bool, survey: bool) -> None:
    """Raise an error for options of a log where there is none, or of a survey where there is none."""
    if not (log or survey):
        raise typer.BadParameter("give a log, LOG, or a survey, --survey answers.csv")
    for names, there, what in ((OF_LOG, log, "a log, LOG"), (OF_SURVEY, survey, "a survey, --survey answers.csv")):
        stated = [] if there else [name for name in names if _stated(name)]
        if stated:
            told = "; for a survey use --threshold" if stated[0] == "min_interactions" else ""
            raise typer.BadParameter(f"--{stated[0].replace('_', '-')} needs {what}; add it or leave the option out{told}")


def _stated(name: str) -> bool:
    """Whether an option of the command that runs was written by the user."""
    click = typer.BadParameter.__module__.rpartition(".")[0]
    context = import_module(f"{click}.globals").get_current_context(silent=True)
    source = context and context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
