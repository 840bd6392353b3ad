"""Attacks on what is told: readers who compute, fit and compare recover no hidden cell and nobody's values."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, milp

import tienet as tn
from drawing import drawn, marked
from tienet.base.errors import ArgumentError
from tienet.base.steps import step_above, to_step
from tienet.network.privacy.bins import columns_of, grid_of, joined_edges, range_of
from tienet.output.figures.saving import figure_svg
from tienet.study.page.contents import described, other_rules, protected, records, tabled
from tienet.study.page.network.groups import view_of_groups
from tienet.study.releasing import told_descriptives, told_rules, told_to

FLOOR = 5
RULE = tn.TieRule(min_interactions=1, half_life=None)


def network(seed, sizes, rate):
    """A random network of people in functions of these sizes, with fewer ties between some functions than others."""
    rng = np.random.default_rng(seed)
    function = np.repeat([f"F{at}" for at in range(len(sizes))], sizes)
    busy = rng.gamma(0.8, rate, (len(sizes), len(sizes)))
    home = np.repeat(np.arange(len(sizes)), sizes)
    a, b = np.triu_indices(len(function), 1)
    tied = rng.random(len(a)) < np.minimum((busy + busy.T)[home[a], home[b]] / 2, 0.9)
    ids = np.array([f"p{at}" for at in range(len(function))])
    region = rng.choice(["North", "South"], len(ids))
    people = tn.read_people(pd.DataFrame({"person": ids, "function": function, "region": region}))
    return tn.build_ties(tn.read_log({"source": ids[a[tied]], "target": ids[b[tied]]}), people, rule=RULE)


def interval(goal, known, sums, most):
    """The smallest and the largest whole value of a cell, given sums."""
    bounds = [
        milp(sign * goal, integrality=np.ones(len(goal)), constraints=LinearConstraint(known, sums, sums), bounds=(0, most)).fun
        for sign in (1, -1)
    ]
    return round(bounds[0]), round(-bounds[1])


def widths(ties, members, hidden, *, twice, sums=()):
    """The width of each hidden cell for a reader who knows all others, the ties of each function, the total and the diagonal sum."""
    rows, cols = np.triu_indices(len(ties))
    cells = np.flatnonzero(hidden[rows, cols])
    touch = np.array([(rows == one) + (cols == one) * (1.0 if twice else (rows != one)) for one in range(len(ties))], dtype=float)
    known = np.vstack([touch, rows == cols, np.ones(len(rows)), *sums])[:, cells]
    true = ties[rows, cols][cells]
    most = np.where(rows == cols, members[rows] * (members[rows] - 1) / 2, members[rows] * members[cols])[cells]
    found = [interval(np.eye(len(cells))[at], known, known @ true, most) for at in range(len(cells))]
    return np.array([high - low for low, high in found])


@pytest.mark.parametrize(
    ("seed", "sizes"),
    [(4, (8, 8, 8, 8)), pytest.param(1, (9, 8, 7, 6), marks=pytest.mark.sweep), pytest.param(2, (12, 6, 5, 9, 7), marks=pytest.mark.sweep)],
)
def test_no_hidden_cell_comes_back_to_the_floor_or_less(seed, sizes):
    matrix = tn.function_matrix(network(seed, sizes, 0.12))
    told = tn.network.privacy.suppress(matrix, told=[("f0", "f1")])
    few = (matrix.ties > 0) & (matrix.ties < FLOOR)
    assert few.any()
    assert told.hidden[few].all()
    assert not told.hidden.all()
    for twice in (False, True):
        assert widths(matrix.ties, matrix.members, told.hidden, twice=twice).min() > FLOOR
    assert told.hidden[0, 1] == (few[0, 1] or 2 * matrix.busiest[0, 1] > matrix.ties[0, 1])


@pytest.mark.parametrize("seed", [1, pytest.param(4, marks=pytest.mark.sweep)])
def test_no_more_is_hidden_than_must_be(seed):
    matrix = tn.function_matrix(network(seed, (9, 8, 7, 6), 0.12))
    told = tn.network.privacy.suppress(matrix)
    must = ((matrix.ties > 0) & (matrix.ties < FLOOR)) | (2 * matrix.busiest > matrix.ties)
    others = np.argwhere(np.triu(told.hidden & ~must))
    assert len(others)
    for row, col in others:
        shown = told.hidden.copy()
        shown[row, col] = shown[col, row] = False
        least = min(widths(matrix.ties, matrix.members, shown, twice=twice).min() for twice in (False, True))
        assert least <= FLOOR


def test_what_one_person_mostly_makes_up_is_hidden():
    pairs = [("s0", f"m{at}") for at in range(6)] + [(f"s{at}", f"x{at}") for at in range(1, 7)]
    pairs += [(f"m{at}", f"x{(at + one) % 7}") for at in range(7) for one in range(4)] + [(f"s{a}", f"s{b}") for a, b in pairwise(range(7))]
    ids = [f"{letter}{at}" for letter in "smx" for at in range(7)]
    people = tn.read_people({"person": ids, "function": ["Sales"] * 7 + ["Marketing"] * 7 + ["Product"] * 7})
    ties = tn.build_ties(tn.read_log({"source": [a for a, _ in pairs], "target": [b for _, b in pairs]}), people, rule=RULE)
    matrix = tn.function_matrix(ties)
    cell = matrix.functions.index("sales"), matrix.functions.index("marketing")
    assert (matrix.ties[cell], matrix.busiest[cell]) == (6, 6)
    told = tn.network.privacy.suppress(matrix)
    assert told.hidden[cell]
    assert np.isnan(told.ties[cell])
    shown = ~told.hidden & (matrix.ties > 0)
    assert (2 * matrix.busiest[shown] <= matrix.ties[shown]).all()
    with pytest.raises(ArgumentError, match="told names 'sale', which is not a function of the matrix; did you mean 'sales'"):
        tn.network.privacy.suppress(matrix, told=[("sale", "marketing")])


@pytest.mark.parametrize("seed", [1, 2])
def test_groups_are_large_and_their_cells_do_not_come_back(seed):
    ties = network(seed, (20, 22, 24), 0.1)
    found = tn.network.privacy.group_network(ties, ["region"])
    assert found.members.min() >= FLOOR
    assert found.members.sum() == len(ties.people)
    outer = tn.network.privacy.suppress(tn.function_matrix(ties))
    place = np.array([outer.functions.index(name) for name in found.functions])
    assert found.matrix.hidden[outer.hidden[np.ix_(place, place)]].all()
    people = np.array([f"{f}|{v}" for f, v in zip(ties.people.function, ties.people.attributes["region"], strict=True)])
    names = [f"{f}|{v}" for f, v in zip(found.functions, found.values, strict=True)]
    assert set(names) <= set(people)  # nothing had to be joined here
    counts = np.zeros((len(names), len(names)), dtype=int)
    for a, b in zip(ties.a, ties.b, strict=True):
        one, other = sorted((names.index(people[a]), names.index(people[b])))
        counts[one, other] += 1
    counts = counts + np.triu(counts, 1).T
    assert found.matrix.hidden[(counts > 0) & (counts < FLOOR)].all()
    np.testing.assert_array_equal(found.matrix.ties[~found.matrix.hidden], counts[~found.matrix.hidden])
    rows, cols = np.triu_indices(len(names))
    hidden = found.matrix.hidden[rows, cols]
    checked = 0
    for f, g in zip(*np.triu_indices(len(outer.functions)), strict=True):
        block = np.flatnonzero(hidden & (np.minimum(place[rows], place[cols]) == f) & (np.maximum(place[rows], place[cols]) == g))
        whole = np.sum((np.minimum(place[rows], place[cols]) == f) & (np.maximum(place[rows], place[cols]) == g))
        if outer.hidden[f, g] or not len(block):
            continue
        held = counts[rows, cols][block]
        most = np.where(rows == cols, found.members[rows] * (found.members[rows] - 1) / 2, found.members[rows] * found.members[cols])[block]
        for at in range(len(block)):
            low, high = interval(np.eye(len(block))[at], np.ones((1, len(block))), [held.sum()], most)
            assert high - low > FLOOR or len(block) == whole
            checked += 1
    assert checked or not hidden.any() or outer.hidden.any()


@pytest.mark.parametrize(("seed", "rate"), [(1, 0.08), (1, 0.3), (4, 0.3), (5, 0.08)])
def test_the_network_of_a_page_gives_no_hidden_line_back(seed, rate):
    """A reader knows the ties of two functions and every line drawn between their groups; what is not drawn may be none or hidden."""
    ties = network(seed, (20, 22, 24), rate)
    outer = tn.network.privacy.suppress(tn.function_matrix(ties))
    view = view_of_groups(ties, outer, attributes=("region",), floor=FLOOR)
    assert min(one.members for one in view.marks) >= FLOOR
    assert sum(one.members for one in view.marks) == len(ties.people)
    assert min(view.weight, default=FLOOR) >= FLOOR
    assert min(filter(None, view.numbers["within"]), default=FLOOR) >= FLOOR
    home = np.array([one.group for one in view.marks])
    drawn_ties = np.zeros((len(home), len(home)))
    for (a, b), weight in zip(view.ends, view.weight, strict=True):
        drawn_ties[min(a, b), max(a, b)] = weight
    drawn_ties += np.diag([one or 0 for one in view.numbers["within"]])
    rows, cols = np.triu_indices(len(home))
    for f, g in zip(*np.triu_indices(len(outer.functions)), strict=True):
        block = (np.minimum(home[rows], home[cols]) == f) & (np.maximum(home[rows], home[cols]) == g)
        seen = drawn_ties[rows, cols][block]
        left = outer.ties[f, g] - seen.sum()
        if outer.hidden[f, g]:
            assert not seen.any()  # nothing of a hidden number is drawn
        elif left:
            assert (seen == 0).sum() > 1
            assert left > FLOOR  # each of several can have none or all of it


def test_several_attributes_are_offered_while_every_part_has_the_floor():
    ties = network(1, (40, 42, 44), 0.1)
    n = len(ties.people)
    held = {**ties.people.attributes, "grade": np.arange(n) % 2, "desk": np.arange(n)}
    ties = replace(ties, people=replace(ties.people, attributes=held))
    view = view_of_groups(ties, tn.network.privacy.suppress(tn.function_matrix(ties)), attributes=("grade", "region", "desk"), floor=FLOOR)
    assert [one.name for one in view.attributes] == ["grade", "region"]
    assert len(view.left_out) >= 1
    assert "Desk is not offered" in view.left_out[-1]
    people = ties.people.frame
    cells = people.groupby(["function", "grade", "region"]).size()
    if cells.min() >= FLOOR:  # nothing had to be joined
        assert sorted(one.members for one in view.marks) == sorted(cells)
    assert min(one.members for one in view.marks) >= FLOOR
    for attribute in view.attributes:  # the people of each value of an attribute, over all marks that bear it
        counted = pd.Series([one.members for one in view.marks]).groupby(np.array(attribute.codes)).sum()
        if "other" not in attribute.values:
            assert sorted(counted) == sorted(people[attribute.name].value_counts())


def test_a_given_partition_is_that_of_the_attribute():
    ties = network(1, (20, 22, 24), 0.1)
    made, given = (
        tn.network.privacy.group_network(ties, **by) for by in ({"attributes": ["region"]}, {"parts": ties.people.attributes["region"]})
    )
    assert made.frame.equals(given.frame)
    with pytest.raises(ArgumentError, match="groups of fewer than 5 people; join them"):
        tn.network.privacy.group_network(ties, parts=np.arange(len(ties.people)))
    with pytest.raises(ArgumentError, match="parts has 1 values for 66 people; give one for each"):
        tn.network.privacy.group_network(ties, parts=["a"])


def test_groups_refuse_columns_that_are_not_there():
    with pytest.raises(ArgumentError, match="the people table has no column 'regio'; did you mean 'region'"):
        tn.network.privacy.group_network(network(1, (9, 8), 0.2), ["regio"])


# Figures


@pytest.fixture(scope="module")
def salespeople():
    rng = np.random.default_rng(8)
    x, z = rng.poisson(6, 70).astype(float), rng.gamma(3.0, 0.1, 70)
    return pd.DataFrame({"y": x * z + rng.normal(0, 1, 70), "x": x, "z": z})


def places(ax):
    """Every position in the saved picture, in the units of the axes: a reader fits a line through the marks of each axis."""
    svg = figure_svg(ax)
    pairs = [*re.findall(r'x="(-?[\d.]+)" y="(-?[\d.]+)"', svg), *re.findall(r"[ML] ?(-?[\d.]+) (-?[\d.]+)", svg)]
    points = np.array(pairs, dtype=float)
    fitted = []
    for at, axis in enumerate("xy"):
        # The groups of ticks are in the order of the axis; their marks are its own.
        marks = re.findall(rf'<g id="{axis}tick_\d+">.*?<use [^>]*?x="(-?[\d.]+)" y="(-?[\d.]+)"', svg, flags=re.S)
        low, high = sorted(ax.get_xlim() if axis == "x" else ax.get_ylim())
        ticks = [tick for tick in (ax.get_xticks() if axis == "x" else ax.get_yticks()) if low - 1e-9 <= tick <= high + 1e-9]
        line = np.polyfit([float(mark[at]) for mark in marks], ticks, 1)
        fitted.append(np.polyval(line, points[:, at]))
    return np.column_stack(fitted)


def recovered(found, values, axis):
    """How many people's values stand in a picture to a millionth of their range."""
    spots = np.unique(found[:, axis])
    return sum(np.abs(spots - value).min() < 1e-6 * np.ptp(values) for value in values)


def test_no_position_in_a_picture_is_somebodys_value(salespeople):
    fit = tn.Moderation("y ~ x*z + x^2").fit(salespeople)
    z = salespeople["z"].to_numpy()
    region = tn.johnson_neyman(fit, focal="x", moderator="z")
    surface = tn.regression.probes.response_surface(fit, focal="x", moderator="z", over={"x": (0, 20), "z": (0.0, 1.0)})
    assert recovered(places(drawn(region, rug=True)), z, 0) == len(z)  # the attack works where each person is asked for
    assert recovered(places(drawn(surface, cases=True)), z, 1) == len(z)
    assert recovered(places(drawn(region)), z, 0) <= 2  # the ends of the line; a study draws it over a round range
    assert recovered(places(drawn(surface)), z, 1) <= 1  # one may lie near one of thousands of points by chance
    support = tn.regression.checks.common_support(fit, focal="x", moderator="z")
    assert recovered(places(drawn(support)), z, 1) <= 2  # the two edges of its thirds


def test_columns_count_in_steps_of_the_floor_and_end_at_nobodys_value(salespeople):
    for values in (salespeople["x"].to_numpy(), salespeople["z"].to_numpy()):
        found = columns_of(values)
        counts = np.array([np.sum((values >= low) & (values < high)) for low, high in zip(found.left, found.right, strict=True)])
        assert counts.sum() == len(values)
        assert not set(np.round(np.concatenate([found.left, found.right]), 9)) & set(values)
        full = ~found.few
        assert full.any()
        assert found.few.any()
        assert (counts[full] >= FLOOR).all()
        assert (np.abs(found.people[full] - counts[full]) <= FLOOR / 2).all()
        assert (found.people[full] % FLOOR == 0).all()
        assert not (found.few[1:] & found.few[:-1]).any()  # neighbours of few people are one
    grid = grid_of(salespeople["x"], salespeople["z"])
    assert (grid.people[~np.isnan(grid.people)] % FLOOR == 0).all()
    assert len(grid.x) < len(salespeople) / 2
    low, high = range_of(salespeople["z"])
    assert np.sum(salespeople["z"] <= low) >= FLOOR <= np.sum(salespeople["z"] >= high)


def test_hollow_columns_have_no_height_that_counts(salespeople):
    ax = drawn(tn.predict_surface(tn.Moderation("y ~ x*z").fit(salespeople), focal="x", moderator="z"))
    (hollow,) = marked(ax, "few people")
    assert len({path.vertices[:, 1].max() for path in hollow.get_paths()}) == 1
    assert (hollow.get_facecolor().size == 0) or (hollow.get_facecolor()[:, 3] == 0).all()
    assert not marked(ax, "rug")


@pytest.mark.parametrize("values", [[0] * 3 + [1] * 9 + [2] * 6 + [9], [4] * 7, list(range(60)), [0, 1, 2], [0] * 5 + [9] * 5])
def test_bars_of_ties_have_the_floor_of_people_or_everybody(values):
    edges = joined_edges(np.array(values))
    counts = np.histogram(values, edges)[0]
    assert counts.sum() == len(values)
    assert all(count == 0 or count >= min(FLOOR, len(values)) for count in counts)
    assert (np.diff(edges) > 0).all()


# Two releases


def test_the_difference_of_two_releases_leaves_a_person_within_the_spread_of_all():
    rng = np.random.default_rng(3)
    n = 80
    data = {"growth": rng.normal(4, 3, n), "tenure": rng.gamma(2, 3, n).round(1), "total_ties_marketing": rng.poisson(5, n).astype(float)}
    whole = tn.descriptives(data, list(data))
    told = told_descriptives(whole, FLOOR)
    near = dict.fromkeys(data, 0)
    for out in range(n):
        fewer = told_descriptives(tn.descriptives({name: np.delete(values, out) for name, values in data.items()}, list(data)), FLOOR)
        for at, (name, values) in enumerate(data.items()):
            back = n * told.mean[at] - (n - 1) * fewer.mean[at]
            near[name] += abs(back - values[out]) < 0.1 * values.std()
            step = step_above(max(whole.sd[at], FLOOR if "ties" in name else 0) / n)
            assert n * step >= values.std()  # either rounding alone leaves as much
    exact = sum(abs(n * values.mean() - np.delete(values, 0).sum() - values[0]) < 1e-6 for values in data.values())
    assert exact == len(data)  # the attack works on exact means
    # By chance, 0.2 standard deviations around a point hold about a twelfth of a normal variable.
    assert max(near.values()) < 0.2 * n
    assert np.isnan(told.low).all()
    assert np.isnan(told.high).all()
    np.testing.assert_allclose(told.mean, whole.mean, atol=0.5 * np.max(5 * whole.sd / n) + FLOOR / n)


def test_steps_are_round_and_wide_enough():
    for width in np.random.default_rng(1).uniform(1e-4, 50, 200):
        step = step_above(width)
        assert width <= step * (1 + 1e-9) <= 2.6 * width
        assert float(f"{step:.1e}"[:3]) in (1.0, 2.0, 5.0)
    values = np.random.default_rng(2).normal(0, 10, 50)
    assert np.abs(to_step(values, 0.2) - values).max() <= 0.1 + 1e-12
    assert {len(repr(one)) for one in to_step([0.15, 0.3, 0.45], 0.05).tolist()} <= {3, 4}


def test_means_under_other_rules_tell_no_count_below_the_floor():
    measured = tn.network.measures.tie_rules.TieRuleSensitivity(
        rules=(tn.TieRule(), tn.TieRule(min_interactions=2), tn.TieRule(min_interactions=9)),
        label=("base", "2", "9"),
        of="sales",
        functions=("marketing", "finance"),
        labels=("Marketing", "Finance"),
        egos=40,
        ties=np.array([503, 611, 201]),
        jaccard=np.array([1.0, 0.8232, 0.4]),
        mean_total_ties=np.array([[172 / 40, 3 / 40], [201 / 40, 44 / 40], [3 / 40, 0.0]]),
        without=np.array([[1 / 40, 37 / 40], [0.0, 0.2], [37 / 40, 1.0]]),
        rank_correlation=np.ones((3, 2)),
        strength_correlation=np.ones((3, 2)),
    )
    told = told_rules(measured, FLOOR, frozenset({"marketing"}))
    assert np.isnan(told.mean_total_ties[:, 1]).all()  # the cell sales x finance is hidden
    assert np.isnan(told.mean_total_ties[2, 0])
    assert np.isnan(told.without[[0, 2], 0]).all()
    for place, total in enumerate((172, 201)):
        steps = told.mean_total_ties[place, 0] / 0.2
        assert steps == pytest.approx(round(steps))
        assert abs(told.mean_total_ties[place, 0] * 40 - total) <= 4
    assert (told.ties % FLOOR == 0).all()


# A whole study


@pytest.fixture(scope="module")
def result():
    firm = tn.simulate_firm(n_people=100, seed=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, controls=["tenure"], no_ties="drop").run()


def test_the_risk_report_counts_who_is_alone(result):
    found = tn.risk_report(result, earlier=result)
    people = result.people
    table = pd.DataFrame({"function": people.function, **{name: people.attributes[name] for name in ("team", "region", "tenure")}})
    frame = found.frame.set_index("known")
    for known, columns in {
        "function": ["function"],
        "function and tenure": ["function", "tenure"],
        "function and region": ["function", "region"],
    }.items():
        size = table.groupby(columns)["function"].transform("size")
        assert frame.loc[known, "unique"] == (size == 1).sum()
        assert frame.loc[known, "below_floor"] == (size < FLOOR).sum()
    degree = np.asarray(result.ties.adjacency("ties").sum(axis=1)).ravel()
    sizes = pd.DataFrame({"f": people.function, "d": degree}).groupby(["f", "d"])["f"].transform("size")
    assert frame.loc["function and number of ties", "unique"] == (sizes == 1).sum()
    assert frame.loc["a page of groups", "below_floor"] == 0
    assert frame.loc["a page of people", "unique"] > 90
    assert (found.come, found.gone, found.safe) == (0, 0, True)
    assert not [person for person in people.person.tolist() if person in str(found) + found.frame.to_string() + found.files.to_string()]
    assert {"tables/descriptives.csv", "figures/map_marketing"} <= set(found.files["file"])


def test_two_reports_that_one_person_makes_different_are_not_released_both(result):
    study = result.study
    fewer = study.outcomes[~study.outcomes["person"].isin([result.data["person"][result.fit.sample.rows[0]]])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        later = tn.Study(log=study.log, people=study.people, outcomes=fewer, controls=["tenure"], no_ties="drop").run()
    found = tn.risk_report(later, earlier=result)
    assert (found.come, found.gone, found.safe) == (0, 1, False)
    assert found.spread >= 0.9
    assert "release only one of the two" in str(found)
    assert tn.risk_report(result).safe is None


def test_written_tables_and_pictures_hold_nobodys_extreme_value(result):
    shown = protected(result)
    tables = tabled(result, shown, None)
    fit = result.fit
    for name in result.probes:
        held = np.asarray(fit.variables[f"tie_strength_{name}"].values)
        ends = {held.min(), held.max()}
        for table in tables.values():
            for values in table.values():
                if values.dtype.kind == "f":
                    assert not ends & set(values.tolist())
    ties = tables["function_matrix"]["ties"]
    assert (ties[np.isfinite(ties)] % FLOOR == 0).all()
    for file, record in records(result, shown).items():
        if file in ("floodlight_marketing", "map_marketing"):
            held = np.asarray(fit.variables["tie_strength_marketing"].values)
            assert recovered(places(drawn(record)), held, int(file.startswith("map"))) <= 1  # by chance


def test_the_page_tells_the_same_means_as_the_table(result):
    page, table = described(result), tabled(result, protected(result), None)["descriptives"]
    np.testing.assert_array_equal(page.mean, table["mean"])
    assert told_to(result, protected(result).matrix) == {"marketing", "customer_service"}


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(12))
def test_no_written_table_of_a_firm_gives_a_hidden_cell_back(seed):
    firm = tn.simulate_firm(n_people=120, seed=seed)
    people = firm.people.frame
    # More and smaller functions than the firm has, so that some cells are small.
    other = ~people["function"].isin(["sales", "marketing", "customer_service"])
    people.loc[other, "function"] = people["function"] + " " + people["region"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, no_ties="drop").run()
        shown, matrix = protected(result), tn.function_matrix(tn.network.privacy.merge_small(result.ties))
        tables = tabled(result, shown, other_rules(result, shown))
    hidden = shown.matrix.hidden
    must = ((matrix.ties > 0) & (matrix.ties < FLOOR)) | (2 * matrix.busiest > matrix.ties)
    assert hidden[must].all()
    assert hidden.any() == must.any()
    written = tables["function_matrix"]["ties"]
    np.testing.assert_array_equal(np.isnan(written), hidden[np.triu_indices(len(hidden))])
    # Means of ties to a function are the cell of sales, and a hidden one has none.
    of = matrix.functions.index("sales")
    for place, name in enumerate(described(result).names):
        if name.startswith("total_ties_"):
            cell = hidden[of, matrix.functions.index(name.removeprefix("total_ties_"))]
            assert np.isnan(tables["descriptives"]["mean"][place]) == cell
            assert np.isnan(tables["tie_rules"][f"mean_{name}"]).all() == cell
    if hidden.any() and not hidden.all():
        for twice in (False, True):
            assert widths(matrix.ties, matrix.members, hidden, twice=twice).min() > FLOOR
