"""The `plot` command: one figure of a study."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tienet.base.errors import ArgumentError, offer
from tienet.cli.session import STDOUT, JsonOption, QuietOption, examples, refuse_place, session

if TYPE_CHECKING:
    from tienet.study.result import StudyResult


class FigureKind(StrEnum):
    """The figures of a study."""

    INTERACTION = "interaction"
    INTERACTIONS = "interactions"
    SLOPES = "slopes"
    FLOODLIGHT = "floodlight"
    CURVE = "curve"
    U_TEST = "u-test"
    MAP = "map"
    COEFFICIENTS = "coefficients"
    STEPS = "steps"
    TIES = "ties"
    NETWORK = "network"
    MATRIX = "matrix"
    CHORD = "chord"
    PAIRS = "pairs"
    DEPENDENCE = "dependence"
    HANDOFFS = "handoffs"
    EGOS = "egos"
    EGO = "ego"
    TIE_RULES = "tie-rules"
    DESCRIPTIVES = "descriptives"
    SURVEY = "survey"
    LOG = "log"
    PEOPLE = "people"


# Names that earlier versions, Python or the files of a report use.
_ALSO = {
    "regions": "floodlight",
    "johnson-neyman": "floodlight",
    "turning-point": "curve",
    "function-matrix": "matrix",
    "surface": "interaction",
}
_PERSON = "the figure of one person's network needs --person ID, as in the people table"


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command(
        epilog=examples(
            "tienet plot interaction study.toml --function marketing -o fig.svg",
            "tienet plot interactions study.toml --style journal -o fig.pdf",
            "tienet plot network study.toml --title 'Ties in spring' -o firm.png",
        )
    )(plot)


def _kind(given: str) -> FigureKind:
    """The kind of a figure, however it is joined."""
    name = given.strip().lower().replace("_", "-")
    try:
        return FigureKind(_ALSO.get(name, name))
    except ValueError:
        raise typer.BadParameter(f"{given!r} is not one of {', '.join(FigureKind)}{offer(name, list(FigureKind))}") from None


def plot(
    kind: Annotated[
        FigureKind, typer.Argument(metavar="KIND", parser=_kind, help=f"One of {', '.join(kind.value for kind in FigureKind)}.")
    ],
    file: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="The study file; paths in it are relative to its folder.")],
    function: Annotated[str | None, typer.Option("--function", help="Function whose ties are drawn; by default the study's first.")] = None,
    person: Annotated[str | None, typer.Option("--person", metavar="ID", help="Person whose network is drawn, for ego.")] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            "--labels", metavar="FILE|NAME=LABEL", help="What a column or function is called; or a .toml or .json file of labels."
        ),
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Unit of the outcome, such as 'percentage points'.")] = None,
    title: Annotated[list[str] | None, typer.Option("--title", help="Title over the figure; repeat for panels.")] = None,
    style: Annotated[str, typer.Option("--style", help="report, or journal: a column wide, no note, safe in grey.")] = "report",
    font: Annotated[str | None, typer.Option("--font", help="An installed font, or sans or serif.")] = None,
    note: Annotated[bool | None, typer.Option("--note/--no-note", help="Whether to write the small text over the axes.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="A .svg, .png or .pdf file, or - for SVG on stdout.")] = STDOUT,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run a study and draw one figure of it.

    Functions are called as in the people table, and other columns as in [labels] of the study file.
    """
    refuse_place(out, (".svg", ".png", ".pdf"))
    if kind is FigureKind.EGO and person is None:
        raise typer.BadParameter(_PERSON)
    if title and len(title) > 1 and kind is not FigureKind.INTERACTIONS:
        raise typer.BadParameter("--title is repeated only for the panels of interactions")
    with session("plot", as_json=as_json, quiet=quiet) as say:
        from tienet.output.figures.saving import figure_svg, save
        from tienet.output.figures.styles import style as styled
        from tienet.study.file import read_study

        look = {"labels": read_labels(labels or ()), "title": title or None, "style": styled(style, font=font, note=note)}  # type: ignore[arg-type]
        chosen = read_study(file)
        with say.progress() as tell:
            axes = _drawn(kind, chosen.study.run(on_step=tell), function, person, {**look, "unit": unit})
        if out != STDOUT:
            say.give(save(axes, out), kind=kind.value, output=out)
        elif as_json:
            say.give(kind=kind.value, svg=figure_svg(axes))
        else:
            sys.stdout.buffer.write(figure_svg(axes).encode())


def read_labels(given: list[str] | tuple[str, ...]) -> dict[str, str]:
    """Labels from files and from name=label; later ones replace earlier ones."""
    found: dict[str, str] = {}
    for one in given:
        name, equals, label = one.partition("=")
        found |= {name.strip(): label.strip()} if equals and not Path(one).is_file() else _labels_in(Path(one))
    return found


def _labels_in(path: Path) -> dict[str, str]:
    import json
    import tomllib

    try:
        text = path.read_text(encoding="utf-8")
        table = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ArgumentError(f"--labels {path}: {(error.strerror or str(error)).lower()}; give a file, or name=label") from error
    except ValueError as error:
        raise ArgumentError(f"--labels {path}: not a .toml or .json file with a text for each name") from error
    table = table.get("labels", table) if isinstance(table, dict) else table
    if not isinstance(table, dict) or not all(isinstance(label, str) for label in table.values()):
        raise ArgumentError(f"--labels {path}: not a .toml or .json file with a text for each name")
    return table


def _drawn(
    kind: FigureKind, result: StudyResult, function: str | None, person: str | None = None, look: Mapping[str, Any] = MappingProxyType({})
) -> Any:
    """Draw a figure, with the study's floor as in the report."""
    from tienet.base.wording import snake_case
    from tienet.output.figures.drawing import plot as draw
    from tienet.output.figures.drawing import sheet

    name = snake_case(function) if function else result.egos.functions[0]
    if name not in result.probes:
        raise typer.BadParameter(f"--function {function!r} is not a function of the study{offer(name, result.probes)}")
    record, options = _record(kind, result, name, person)
    several = isinstance(record, list)
    titles = look.get("title")
    given = {"title": titles if several or titles is None else titles[0], "style": look.get("style")}
    if "labels" not in options:
        given["labels"] = {**result.fit.covariance.names.labels, **look.get("labels", {})}
    if look.get("unit"):
        given["units"] = {result.fit.outcome: look["unit"]}
    return draw(record, sheet(record, **given, **options), **given, **options)


def _record(kind: FigureKind, result: StudyResult, name: str, person: str | None) -> tuple[Any, dict[str, Any]]:
    """What to draw, as it may be shown, and the options of its figure."""
    from tienet.network.measures.ego_networks import ego_network
    from tienet.study.page.contents import described, other_rules, protected, records

    shown = protected(result)
    found = records(result, shown)
    probed = result.probes[name]
    match kind:
        case FigureKind.INTERACTION | FigureKind.FLOODLIGHT | FigureKind.CURVE | FigureKind.MAP:
            return _known(found.get(f"{kind.value}_{name}"), kind, "tie strength or total ties have only two values"), {}
        case FigureKind.INTERACTIONS:
            return [found[f"interaction_{each}"] for each in result.egos.functions], {}
        case FigureKind.SLOPES | FigureKind.U_TEST:
            return _known(probed.slopes if kind is FigureKind.SLOPES else probed.u, kind, "total ties have only two values"), {}
        case FigureKind.COEFFICIENTS:
            return result.fit, {"per": "sd"}
        case FigureKind.STEPS:
            return result.fit.steps, {}
        case FigureKind.TIES:
            return shown.ties, {}
        case FigureKind.NETWORK:
            return shown.ties, {"kind": "network", **_people_shown(result)}
        case FigureKind.MATRIX | FigureKind.CHORD:
            return shown.matrix, {"kind": "chord"} if kind is FigureKind.CHORD else {}
        case FigureKind.EGOS:
            return result.egos, {"function": name}
        case FigureKind.EGO:
            return ego_network(result.ties, str(person)), {"labels": True} if result.study.names else {}
        case FigureKind.TIE_RULES:
            return _known(other_rules(result, shown), kind, "the study has no log"), {}
        case FigureKind.DESCRIPTIVES:
            return described(result), {}
        case FigureKind.SURVEY:
            return _known(result.comparison, kind, "the study has no survey beside a log"), {}
        case FigureKind.PEOPLE:
            return shown.ties.people, {}
        case FigureKind.LOG:
            return _known(result.log, kind, "the study has no log"), {}
    return _asked(kind, result, shown), {}


def _asked(kind: FigureKind, result: StudyResult, shown: Any) -> Any:
    """The answers to the questions of the report, computed only for their figures."""
    from tienet.network.measures.answer_times import handoff_times
    from tienet.network.measures.expected import expected_ties
    from tienet.network.measures.reliance import dependence

    floor, of, log = result.study.floor, result.egos.of, result.log
    if kind is FigureKind.PAIRS:
        return expected_ties(shown.ties, seed=0, floor=floor, like=shown.matrix)
    if kind is FigureKind.DEPENDENCE:
        return dependence(shown.ties, of=of, floor=floor)
    return handoff_times(_known(log, kind, "the study has no log"), shown.ties, of=of, floor=floor)


def _known(record: Any, kind: FigureKind, why: str) -> Any:
    if record is None:
        raise ArgumentError(f"there is no figure {kind.value!r} of this study: {why}")
    return record


def _people_shown(result: StudyResult) -> dict[str, Any]:
    """Whom the network shows, as the study file says: groups, people without names, or people by name."""
    shown = getattr(result.study, "people_shown", None) or ("names" if result.study.names else "groups")
    if shown == "groups":
        return {"level": "functions"}
    return (
        {"level": "people", "labels": "name" if "name" in result.people.attributes else True} if shown == "names" else {"level": "people"}
    )
