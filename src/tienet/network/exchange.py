"""Exchange with other tools: ties from networkx, GraphML files, and a table of nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by, text
from tienet.base.errors import ArgumentError, DataError, RowsRejected, warn
from tienet.base.frames import make_frame
from tienet.base.paths import PathSpec
from tienet.base.record import locked
from tienet.base.writing import write_text
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.people import People, read_people
from tienet.network.reading.spells import UNASSIGNED
from tienet.network.ties.network import Ties
from tienet.network.ties.pairs import Window
from tienet.network.ties.rule import TieRule
from tienet.network.ties.rule_text import ATTRIBUTE as RULE
from tienet.network.ties.rule_text import rule_as_text, rule_from_text

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["from_networkx", "node_frame", "write_graphml"]


Edges: TypeAlias = list[tuple[Any, Any, Mapping[str, Any]]]
_MOMENTS = ("first", "last")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WINDOW = ("window_start", "window_end", "window_as_of")


def from_networkx(
    graph: nx.Graph, people: People | None = None, *, function: str = "function", weight: str = "weight", rule: TieRule | None = None
) -> Ties:
    r"""Make ties from a networkx graph, directed or undirected, with or without parallel edges.

    Parameters
    ----------
    graph
        The nodes are people; ids are compared as strings.
    people
        The roster, from `read_people`; by default the nodes of the graph, in their order.
    function
        Node attribute with the business function, used if `people` is not given; nodes without it are "unassigned".
    weight
        Edge attribute with the number of interactions. For edges without it, `interactions` is used, which
        `Ties.to_networkx` writes, else 1.
    rule
        The tie rule that the ties were built with; it is only used in sentences. By default the rule that `Ties.to_networkx` or
        `write_graphml` wrote into the graph, else a rule with the interactions of the weakest tie as its minimum.

    Returns
    -------
    Ties

    Notes
    -----
    With :math:`w_e` the weight of edge e, parallel edges are summed, and so are the two arcs of a pair:

    .. math::
        \text{a\_to\_b} = \sum_{e: a \to b} w_e, \qquad \text{interactions} = \text{a\_to\_b} + \text{b\_to\_a}

    An undirected edge counts half in each direction, so its reciprocity is 1, unless it has the attributes `a_to_b` and
    `b_to_a` written by tienet, where a is the node that comes first in the graph. Nodes without edges are kept as isolates.

    Frequency, regularity, channels, latency, and first and last contact are kept if the graph is undirected, has one edge per pair, and
    every edge has these attributes (latency: any edge), so ``from_networkx(ties.to_networkx())`` returns them, with the tie rule;
    otherwise they are missing (NaN), and strength is `interactions`. Importance and embeddedness are computed again. Not kept: strength
    from a survey or calibrated on one, the functions that people held earlier, attributes of people other than the function, and the
    ledger of the log.

    The ledger counts edges like rows of a log: loops (``self_loop``), weight zero (``zero_weight``), weights that are missing, negative
    or not a number (``bad_weight``), edges to people outside the roster (``unknown_person``).

    Raises
    ------
    ArgumentError
        `graph` is not a networkx graph.
    DataError
        The graph has no nodes, none of them is in the roster, or two have the same id as strings.

    Examples
    --------
    >>> import networkx as nx
    >>> import tienet as tn
    >>> graph = nx.MultiDiGraph([("ann", "bob"), ("ann", "bob"), ("bob", "ann"), ("ann", "ann")])
    >>> graph.add_node("cat")
    >>> ties = tn.network.exchange.from_networkx(graph)
    >>> ties.frame[["a", "b", "interactions", "a_to_b", "b_to_a"]]
         a    b  interactions  a_to_b  b_to_a
    0  ann  bob           3.0     2.0     1.0
    >>> print(ties.ledger)
    4 rows in: 3 used, 1 excluded (self_loop 1)
    """
    import networkx as nx

    if not isinstance(graph, nx.Graph):
        raise ArgumentError(f"graph must be a networkx graph; got {type(graph).__name__}")
    text("function", function)
    text("weight", weight)
    if people is not None:
        made_by("read_people", People, people=people)
    if rule is not None:
        made_by("TieRule(...)", TieRule, rule=rule)
    ids = [str(node) for node in graph]
    if not ids:
        raise DataError.no_rows("the graph", "it has no nodes")
    if len(set(ids)) < len(ids):
        raise DataError("two nodes of the graph have the same id as text (such as 1 and '1'); relabel them")
    roster = _roster(graph, ids, function) if people is None else people
    if people is not None and not (people.codes(ids) >= 0).any():
        raise DataError("no node of the graph is in the people table; compare the ids of the two")
    edges: Edges = list(graph.edges(data=True))
    place = dict(zip(graph, range(len(ids)), strict=True))
    tail, head = (np.array([place[edge[end]] for edge in edges], dtype=np.int64) for end in (0, 1))
    weights = np.array([_number(data.get(weight, data.get("interactions", 1.0))) for _, _, data in edges], dtype=float)
    counts, used = _judged(tail, head, weights, roster.codes(ids))
    kept = [edges[at] for at in np.flatnonzero(used).tolist()]
    # An undirected edge may list either end first; a_to_b starts at the node that comes first in the graph.
    turned = (tail > head) & (not graph.is_directed())
    tail, head = np.where(turned, head, tail)[used], np.where(turned, tail, head)[used]
    codes = roster.codes(ids)
    there, back = _each_way(kept, weights[used], directed=graph.is_directed())
    return _ties(roster, codes[tail], codes[head], there, back, kept=kept, graph=graph, ledger=Ledger(counts), rule=rule)


def node_frame(ties: Ties) -> Any:
    """Make a table of the people of a network, isolates included, to go with the table of ties, `Ties.frame`.

    Parameters
    ----------
    ties
        From `build_ties`.

    Returns
    -------
    data frame
        One row per person, in roster order: person, function, and every attribute of the people table. It is the same kind of frame as
        the log.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "ann"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"], "tenure": [3, 1, 8]})
    >>> tn.network.exchange.node_frame(tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None)))
      person   function  tenure
    0    ann      sales     3.0
    1    bob  marketing     1.0
    2    cat      sales     8.0
    """
    made_by("build_ties", Ties, ties=ties)
    columns = {"person": ties.people.person, "function": ties.people.function, **ties.people.attributes}
    return make_frame(columns, ties.backend)


def write_graphml(ties: Ties, path: PathSpec) -> Path:
    """Write the network as GraphML, which igraph (Python and R), networkx, Gephi and Cytoscape read.

    Parameters
    ----------
    ties
        From `build_ties`.
    path
        The file to write; an existing file is replaced.

    Returns
    -------
    pathlib.Path

    Notes
    -----
    The graph is undirected. Nodes are the people in roster order, isolates included, with their ids (also as the attribute `name`) and
    `function` in snake_case. Edges have every number of `Ties.frame`: interactions, a_to_b (from the edge's source to its target), b_to_a,
    frequency, reciprocity, regularity, channels, strength, first and last contact as ISO 8601 in UTC, importance_a, importance_b,
    embeddedness, and where the ties have them latency, strength_a and strength_b. Missing values are left out. The window, in microseconds
    UTC, the tie rule, as JSON, and the number of pairs below its threshold are in the graph's data. The same ties give the same bytes.
    Ids are written as they are, so the file shows who has ties with whom.

    Raises
    ------
    DataError
        An id contains a control character, which GraphML does not allow.
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "ann"]})
    >>> people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(tn.network.exchange.write_graphml(ties, folder + "/ties.graphml").name)
    ties.graphml
    """
    made_by("build_ties", Ties, ties=ties)
    columns = ties.edge_numbers() | {name: getattr(ties, name) for name in ("importance_a", "importance_b", "embeddedness")}
    keys = [("name", "node", "string"), ("function", "node", "string")]
    keys += [(name, "edge", "string" if name in _MOMENTS else "double") for name in columns]
    window = {} if ties.window is None else {f"window_{name}": getattr(ties.window, name) for name in ("start", "end", "as_of")}
    window["pairs_below"] = ties.pairs_below
    keys += [*((name, "graph", "long") for name in window), (RULE, "graph", "string")]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    lines += [f'  <key id="{domain}_{name}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>' for name, domain, kind in keys]
    lines += ['  <graph id="ties" edgedefault="undirected">']
    lines += [f'    <data key="graph_{name}">{value}</data>' for name, value in window.items()]
    lines += [f'    <data key="graph_{RULE}">{escape(rule_as_text(ties.rule))}</data>']
    lines += [*_node_lines(ties.people), *_edge_lines(ties, columns), "  </graph>", "</graphml>", ""]
    return write_text(path, "\n".join(lines))


def _node_lines(people: People) -> list[str]:
    ids = people.person.tolist()
    if any(_NOT_XML.search(person) for person in ids):
        raise DataError("the people table has an id with a control character, which GraphML does not allow; clean the ids")
    node = '    <node id={}><data key="node_name">{}</data><data key="node_function">{}</data></node>'
    return [
        node.format(quoteattr(person), escape(person, {"\r": "&#13;"}), escape(function))
        for person, function in zip(ids, people.function.tolist(), strict=True)
    ]


def _edge_lines(ties: Ties, columns: Mapping[str, NDArray[Any]]) -> list[str]:
    ids = [quoteattr(person) for person in ties.people.person.tolist()]
    cells = [[_cell(name, value) for value in _texts(name, values)] for name, values in columns.items()]
    return [
        f"    <edge source={ids[a]} target={ids[b]}>{''.join(row)}</edge>"
        for a, b, *row in zip(ties.a.tolist(), ties.b.tolist(), *cells, strict=True)
    ]


def _texts(name: str, values: NDArray[Any]) -> list[str]:
    if name in _MOMENTS:
        return [str(value) for value in values]
    return ["" if value != value else repr(value) for value in values.astype(float).tolist()]


def _cell(name: str, text: str) -> str:
    return f'<data key="edge_{name}">{text}</data>' if text else ""


def _roster(graph: nx.Graph, ids: list[str], function: str) -> People:
    stated = [data.get(function) for _, data in graph.nodes(data=True)]
    return read_people({"person": ids, "function": [UNASSIGNED if value is None else str(value) for value in stated]})


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def _judged(
    tail: NDArray[np.int64], head: NDArray[np.int64], weights: NDArray[np.float64], codes: NDArray[np.int64]
) -> tuple[dict[str, int], NDArray[np.bool_]]:
    """Count edges by the first reason code that applies; and say which are used."""
    reasons: dict[str, NDArray[np.bool_]] = {
        "bad_weight": ~(np.isfinite(weights) & (weights >= 0)),
        "self_loop": tail == head,
        "zero_weight": weights == 0,
        "unknown_person": (codes[tail] < 0) | (codes[head] < 0),
    }
    left = np.ones(len(tail), dtype=bool)
    counts = {}
    for code, fits in reasons.items():
        counts[code] = int(np.sum(left & fits))
        left &= ~fits
    if counts["bad_weight"]:
        share = f"{counts['bad_weight']:,} of {len(tail):,} edges"
        message = f"the graph: {share} have a weight that is missing, negative or not a number; see .ledger"
        warn(message, RowsRejected)
    return {**counts, "used": int(left.sum())}, left


def _each_way(edges: Edges, weights: NDArray[np.float64], *, directed: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The interactions of each edge from its first end to the other, and back."""
    if directed:
        return weights, np.zeros_like(weights)
    stated = _stated(edges, "a_to_b"), _stated(edges, "b_to_a")
    # If a weight set by the user differs from the sum of tienet's numbers, the weight is used.
    agree = np.isclose(stated[0] + stated[1], weights, rtol=1e-12, atol=0.0)
    return np.where(agree, stated[0], weights / 2.0), np.where(agree, stated[1], weights / 2.0)


def _stated(edges: Edges, name: str) -> NDArray[np.float64]:
    return np.array([_number(data.get(name)) for _, _, data in edges], dtype=float)


def _ties(
    people: People,
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    there: NDArray[np.float64],
    back: NDArray[np.float64],
    *,
    kept: Edges,
    graph: nx.Graph,
    ledger: Ledger,
    rule: TieRule | None,
) -> Ties:
    """Sum edges per pair, `a` before `b` in roster order."""
    turned = tail > head
    low, high = np.where(turned, head, tail), np.where(turned, tail, head)
    pair, at = np.unique(low * len(people) + high, return_inverse=True)
    forward = np.bincount(at, weights=np.where(turned, back, there), minlength=len(pair)).astype(np.float64)
    backward = np.bincount(at, weights=np.where(turned, there, back), minlength=len(pair)).astype(np.float64)
    single = not graph.is_directed() and len(pair) == len(kept)

    def own(name: str, read: Callable[[Edges, str], NDArray[Any]] = _stated) -> NDArray[Any]:
        """An edge attribute written by tienet; missing unless every pair has one undirected edge."""
        if not single:
            return locked(np.full(len(pair), np.nan))
        values = np.empty_like(given := read(kept, name))
        values[at] = given
        return locked(values)

    total = forward + backward
    frequency = own("frequency")
    window = _window(graph) if len(pair) and np.isfinite(frequency).all() else None
    moments = [own(name, _moments) if single and window and _all_have(kept, name) else None for name in _MOMENTS]
    return Ties(
        people=people,
        rule=rule or rule_from_text(graph.graph.get(RULE)) or _rule(total),
        window=window,
        a=locked(pair // len(people)),
        b=locked(pair % len(people)),
        interactions=locked(total),
        a_to_b=locked(forward),
        b_to_a=locked(backward),
        frequency=frequency if window else locked(np.full(len(pair), np.nan)),
        reciprocity=locked(2.0 * np.minimum(forward, backward) / total),
        regularity=own("regularity"),
        channels=own("channels"),
        first=moments[0],
        last=moments[1],
        pairs_below=below if isinstance(below := graph.graph.get("pairs_below"), int) else 0,
        ledger=ledger,
        backend=people.backend,
        latency=own("latency") if single and any("latency" in data for _, _, data in kept) else None,
    )


def _window(graph: nx.Graph) -> Window | None:
    """The window from the graph's attributes; None if they are missing."""
    if not all(isinstance(graph.graph.get(name), int) for name in _WINDOW):
        return None
    return Window(*(graph.graph[name] for name in _WINDOW))


def _all_have(edges: Edges, name: str) -> bool:
    return all(name in data for _, _, data in edges)


def _moments(edges: Edges, name: str) -> NDArray[np.int64]:
    texts = [str(data[name]).removesuffix("Z") for _, _, data in edges]
    return np.array(texts, dtype="datetime64[us]").astype(np.int64)


def _rule(interactions: NDArray[np.float64]) -> TieRule:
    """A rule for ties built elsewhere: it gives the smallest number of interactions."""
    weakest = float(interactions.min()) if len(interactions) else 1.0
    return TieRule(min_interactions=weakest, half_life=None, size_weight="none", max_size=None)
