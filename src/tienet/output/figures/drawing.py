"""The public drawing functions: `plot`, `sheet` and `figure_data`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from matplotlib.axes import Axes

from tienet.base.frames import Backend, make_frame
from tienet.output.figures._data import marks_of
from tienet.output.figures._plot import plot
from tienet.output.figures._style import off_screen
from tienet.output.figures.panels import panels_off_screen

__all__ = ["figure_data", "plot", "sheet"]


# Each module registers its figures on import, so a new figure needs only a new file.
for _file in iter_modules([str(Path(__file__).parent)]):
    import_module(f"tienet.output.figures.{_file.name}")


def sheet(result: object, **options: Any) -> Axes:
    """Create axes for a result without showing them: ``save(plot(result, sheet(result)), path)``.

    Parameters
    ----------
    result
        The result to be drawn; it determines the size.
    **options
        The options passed to `plot`; some affect the size.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> matrix = tn.function_matrix(tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None)))
    >>> plot(matrix, sheet(matrix)).get_yticklabels()[0].get_text()
    'Marketing'
    """
    if isinstance(result, list | tuple):
        return panels_off_screen(result, options)
    return off_screen(getattr(plot.dispatch(type(result)), "size", (3.5, 2.8)), result, options)


def figure_data(result: Any, **options: Any) -> Any:
    """Return the numbers behind a figure: what is drawn, where, and what colour, size and width stand for.

    Parameters
    ----------
    result
        Any result that `plot` draws.
    **options
        As in `plot`.

    Returns
    -------
    data frame
        One row per point, segment, bar, cell or text: panel, mark, item, x, y, x_end, y_end, value, points, text, x_label, y_label. The
        frame type is that of the input data. It is read from the drawing, so it holds nothing the figure does not show, and ids of
        people only with ``labels=True``. Times are days since 1970-01-01 UTC. For analysis, use the result's own `.frame`.

    Raises
    ------
    ArgumentError
        If this type of result has no figure.

    Examples
    --------
    >>> import tienet as tn
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> tn.output.figures.figure_data(people).query("mark == 'people'")[["item", "x_end", "y_label"]]
       item  x_end    y_label
    0     1    1.0  Marketing
    1     2    2.0      Sales
    """
    backend: Backend = getattr(result, "backend", "pandas")
    return make_frame(marks_of(plot(result, sheet(result, **options), **options)), backend)
