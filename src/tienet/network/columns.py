"""Columns of the frames of the network wing, by group."""

from __future__ import annotations

from collections.abc import Mapping

from tienet.base.columns import Column

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "the log": (
        Column("time", "moment, UTC", "when the interaction took place"),
        Column("source", "id", "the person it came from"),
        Column("target", "id", "the person it went to"),
        Column("channel", "text", "mail, chat, meeting, ... as the log names it"),
        Column("size", "people", "people in the event; a missing value stands for two"),
        Column("duration", "minutes", "how long the event lasted"),
        Column("weight", "interactions", "how many interactions the row stands for; 1 where the log does not say"),
        Column("event", "id", "the event the row belongs to; the same event between the same two people counts once"),
    ),
    "the ledger": (
        Column("code", "text", "reason code of a row"),
        Column("status", "text", "used, rejected, excluded or duplicate"),
        Column("rows", "rows", "rows under the code"),
        Column("meaning", "text", "the reason in words"),
    ),
    "people": (
        Column("person", "id", "a member of the roster"),
        Column("valid_from", "day, UTC", "first day of the person's spell in the function; empty where it is open"),
        Column("valid_to", "day, UTC", "first day on which the person no longer holds the function; empty where it is open"),
        Column("function", "text", "business function in snake_case; of an alter, where ties are counted per function"),
    ),
    "ties": (
        Column("a", "id", "the end of the tie that comes first in the roster"),
        Column("b", "id", "the other end"),
        Column("interactions", "interactions", "interactions between the two in the window, both directions added"),
        Column("a_to_b", "interactions", "those from a to b"),
        Column("b_to_a", "interactions", "those from b to a"),
        Column(
            "frequency",
            "interactions per week",
            "interactions weighted for size and age, over the weeks of the window",
            "Newman (2001); Ahmad et al. (2018)",
        ),
        Column(
            "reciprocity",
            "0 to 1",
            "of a tie: 2 min(a_to_b, b_to_a) / interactions; of two functions: share of their ties with interactions both ways; "
            "of a network: share of its directed ties that are returned",
        ),
        Column("regularity", "0 to 1", "share of the window's weeks with contact"),
        Column("channels", "channels", "distinct channels used"),
        Column("reply_to", "id", "the event that the row answers"),
        Column("importance_a", "0 to 1", "the tie's share of the interactions in all ties of end a"),
        Column("importance_b", "0 to 1", "the tie's share of the interactions in all ties of end b"),
        Column("embeddedness", "0 to 1", "people both ends are tied to, over those that either is", "Onnela et al. (2007)"),
        Column(
            "latency",
            "hours",
            "median time to a reply, both directions; of two functions: the median of their ties",
            "Wuchty & Uzzi (2011)",
        ),
        Column("first", "moment, UTC", "first contact in the window; missing where the log has no times"),
        Column("last", "moment, UTC", "last contact in the window; missing where the log has no times"),
        Column(
            "strength",
            "as chosen",
            "strength of the tie, or its sum over the ties of two functions; where none was chosen, frequency, or interactions where the "
            "log has no times",
        ),
        Column(
            "strength_a", "0 to 1", "strength as the a end states it in a survey, or as calibrated on one; b's answer where a gave none"
        ),
        Column(
            "strength_b", "0 to 1", "strength as the b end states it in a survey, or as calibrated on one; a's answer where b gave none"
        ),
    ),
    "egos": (
        Column("ego", "id", "the person whose ties are measured"),
        Column("alter", "id", "a person ego has a tie with"),
        Column("total_ties", "ties", "people of the function with whom ego has a tie; 0 where there are none", "Claro & Ramos (2018)"),
        Column("tie_strength", "as chosen", "mean strength of those ties; missing where there are none", "Claro & Ramos (2018)"),
        Column("tie_strength_max_{function}", "as chosen", "strongest tie to that function; missing where there are none"),
        Column("tie_strength_sum_{function}", "as chosen", "summed strength of the ties to that function; 0 where there are none"),
        Column("tie_strength_median_{function}", "as chosen", "median strength of the ties to that function; missing where there are none"),
        Column("tie_share_{function}", "0 to 1", "share of ego's ties that go to that function; missing without any tie"),
        Column("total_ties_{function}", "ties", "total_ties toward that function", "Claro & Ramos (2018)"),
        Column("tie_strength_{function}", "as chosen", "tie_strength toward that function", "Claro & Ramos (2018)"),
        Column("no_ties_{function}", "0 or 1", "1 where ego has no tie to that function and tie strength was set to zero"),
    ),
    "structural holes": (
        Column("degree", "people", "distinct people with whom the person has a tie, whichever way; 0 without ties", "Freeman (1979)"),
        Column(
            "constraint",
            "no unit",
            "how far the person's ties lead, directly and through one another, to the same people; missing without ties, rarely above 1",
            "Burt (1992, 2004)",
        ),
        Column(
            "effective_size", "people", "alters less their redundancy: 1 to degree; missing without ties", "Burt (1992); Borgatti (1997)"
        ),
        Column("efficiency", "share", "effective_size / degree; missing without ties", "Burt (1992)"),
        Column(
            "hierarchy",
            "0 to 1",
            "how far the constraint comes from one alter: 0 all alike, 1 with a single alter; missing without ties",
            "Burt (1992)",
        ),
        Column("window", "number", "which window of the panel, from 1"),
        Column("start", "moment, UTC", "first moment of the window"),
    ),
    "functions": (
        Column("function_a", "text", "one of a pair of functions, the first by name"),
        Column("function_b", "text", "the other; the same one for ties within it"),
        Column("ties", "ties", "ties between the two functions, or in the network, each counted once"),
        Column("density", "0 to 1", "ties as a share of the pairs of people that could have one; missing where there is no such pair"),
    ),
    "surveys": (
        Column("answers", "answers", "answers with every item: the rows of the item matrix"),
        Column("alpha", "up to 1", "Cronbach's alpha of the items, or of the variable", "Cronbach (1951)"),
        Column(
            "composite_reliability", "0 to 1", "composite reliability of the items on one principal-axis factor", "Fornell & Larcker (1981)"
        ),
        Column("ave", "0 to 1", "average variance extracted: the mean squared loading", "Fornell & Larcker (1981)"),
        Column("agreement", "0 to 1", "share of the ties that both could have named that both named"),
        Column("answer_correlation", "-1 to 1", "correlation of the two scores of a pair that rated each other, each pair both ways round"),
        Column("dyad_icc", "-1 to 1", "ICC(1) of the two scores of a pair that rated each other", "Shrout & Fleiss (1979)"),
        Column("icc1", "up to 1", "ICC(1) of tie scores within egos", "Shrout & Fleiss (1979); Bliese (2000)"),
        Column("icc2", "up to 1", "ICC(2): reliability of an ego's mean over its ties", "Bliese (2000)"),
        Column("item", "text", "item of the survey; in figure data a number, which of the marks of one name it is, from 1"),
        Column("loading", "-1 to 1", "standardised loading on one principal-axis factor"),
        Column("alpha_without", "up to 1", "Cronbach's alpha of the other items", "Cronbach (1951)"),
        Column("feature", "text", "a number of the tie that the log tells"),
        Column("pearson", "-1 to 1", "Pearson correlation of the feature with survey strength, over pairs of people who answered"),
        Column("spearman", "-1 to 1", "rank correlation of the feature with survey strength, over pairs of people who answered"),
        Column(
            "auc",
            "0 to 1",
            "probability that a pair named in the survey has the larger feature than one that is not, equal ones counting half",
        ),
        Column(
            "coefficient",
            "survey strength per SD",
            "calibration: survey strength per standard deviation of log(1 + feature); missing where left out",
        ),
    ),
    "diversity": (
        Column("alters", "people", "people ego has a tie with who count toward the shares of functions"),
        Column("external", "ties, or their strength", "ties to people of other functions", "Krackhardt & Stern (1988)"),
        Column("internal", "ties, or their strength", "ties to people of the own function", "Krackhardt & Stern (1988)"),
        Column(
            "ei_index",
            "-1 to 1",
            "(external - internal) / (external + internal), of a person or of the network",
            "Krackhardt & Stern (1988)",
        ),
        Column(
            "expected_ei", "-1 to 1", "the E-I index expected if alters were drawn at random from the roster", "Krackhardt & Stern (1988)"
        ),
        Column("blau", "0 to 1", "1 less the squared shares of the functions; missing without alters, 0 with one", "Blau (1977)"),
        Column("iqv", "0 to 1", "blau over its largest value with that many functions, blau K / (K - 1)", "Blau (1977)"),
        Column("entropy", "nats", "minus the sum of share times log share over the functions", "Teachman (1980)"),
        Column("entropy_normalised", "0 to 1", "entropy over its largest value, the log of the number of functions", "Teachman (1980)"),
        Column("n_functions", "functions", "distinct functions among the alters, the own one included"),
    ),
    "brokerage": (
        Column("coordinator", "ordered pairs", "brokered within one's own function: A A A", "Gould & Fernandez (1989)"),
        Column("itinerant", "ordered pairs", "brokered between two of one other function: A B A", "Gould & Fernandez (1989)"),
        Column("representative", "ordered pairs", "brokered from the own function to another: A A B", "Gould & Fernandez (1989)"),
        Column("gatekeeper", "ordered pairs", "brokered from another function into the own: A B B", "Gould & Fernandez (1989)"),
        Column("liaison", "ordered pairs", "brokered between two further functions: A B C", "Gould & Fernandez (1989)"),
        Column("brokerage", "ordered pairs", "brokered in all five roles", "Gould & Fernandez (1989)"),
        Column("expected_{role}", "ordered pairs", "the role's count expected at this size and density", "Gould & Fernandez (1989)"),
        Column(
            "z_{role}",
            "standard deviations",
            "the role's count less the expected one, over its sd; missing where it cannot vary",
            "Gould & Fernandez (1989)",
        ),
        Column("role", "text", "coordinator, itinerant, representative, gatekeeper, liaison; brokerage for all of them"),
        Column("total", "ordered pairs", "the role's count over the whole network", "Gould & Fernandez (1989)"),
        Column("expected_total", "ordered pairs", "the total expected at this size and density", "Gould & Fernandez (1989)"),
        Column("z_total", "standard deviations", "the total less the expected one, over its sd", "Gould & Fernandez (1989)"),
        Column("peers", "people", "people of the own function ego has a tie with"),
        Column(
            "exclusive_pairs", "pairs", "pairs of a peer and an alter whose one common contact is ego, and who have no tie", "JAMS (2019)"
        ),
        Column("exclusive_pairs_{function}", "pairs", "exclusive_pairs with alters of that function", "JAMS (2019)"),
    ),
    "centrality": (
        Column("strength_sum", "as the strength", "summed strength of a person's ties"),
        Column("closeness", "per length", "people reached over the sum of distances to them; missing for isolates", "Freeman (1979)"),
        Column("betweenness", "0 to 1", "share of the shortest paths between two others that run through the person", "Freeman (1979)"),
        Column("eigenvector", "0 to 1", "entry of the first eigenvector, of length 1; missing where there are no ties", "Bonacich (1972)"),
        Column("clustering", "0 to 1", "share of pairs of alters that are tied; 0 with fewer than two alters", "Watts & Strogatz (1998)"),
        Column("ego_density", "0 to 1", "share of pairs of alters that are tied; missing with fewer than two alters"),
        Column("ego_betweenness", "pairs", "betweenness of ego in its own ego network", "Everett & Borgatti (2005)"),
    ),
    "the network": (
        Column("people", "people", "people of the roster"),
        Column("isolates", "people", "people without any tie"),
        Column("components", "components", "parts of the network with no path between them; an isolate is one"),
        Column("largest_component", "people", "people in the largest of them"),
        Column("transitivity", "0 to 1", "share of the two-step paths whose ends are tied; missing where there is none"),
        Column(
            "mean_clustering",
            "0 to 1",
            "mean over people of the share of their pairs of alters that are tied, 0 below two",
            "Watts & Strogatz 1998",
        ),
        Column("degree_assortativity", "-1 to 1", "correlation of the numbers of ties at the two ends of a tie", "Newman (2003)"),
        Column("function_assortativity", "-1 to 1", "how far ties join people of the same function; 0 as at random", "Newman (2003)"),
        Column(
            "function_modularity",
            "-1 to 1",
            "share of ties within functions less the share expected from degrees",
            "Newman & Girvan (2004)",
        ),
        Column("function_modularity_weighted", "-1 to 1", "the same over tie strength", "Newman & Girvan (2004)"),
        Column("ei_index_strength", "-1 to 1", "ei_index over tie strength", "Krackhardt & Stern (1988)"),
        Column(
            "ei_index_rescaled", "-1 to 1", "ei_index over densities, so that group sizes do not bear on it", "Krackhardt & Stern (1988)"
        ),
        Column("ei_expected", "-1 to 1", "mean E-I index with functions assigned to people at random, exact"),
        Column("ei_sd", "0 to 1", "standard deviation of the E-I index over those assignments, exact"),
        Column("draws", "draws", "random assignments, permutations, or bootstrap samples drawn"),
    ),
    "tie rules against each other": (
        Column("rule", "text", "what the tie rule changes against the base rule, or its name"),
        Column("jaccard", "0 to 1", "ties shared with the base rule over the ties of either; missing where there are none"),
        Column("mean_total_ties_{function}", "ties", "mean over the egos of their ties to people of that function"),
        Column("without_{function}", "0 to 1", "share of the egos without a tie to that function"),
        Column(
            "rank_correlation_{function}",
            "-1 to 1",
            "Spearman's correlation, over the egos, of total ties to it with those under the base rule",
        ),
        Column(
            "strength_correlation_{function}",
            "-1 to 1",
            "the same for tie strength, over egos with ties under both rules; missing with fewer than three",
        ),
    ),
    "handoffs between two functions": (
        Column("contacts", "people", "people of the other function with whom the person has a tie", "Tushman & Scanlan (1981)"),
        Column("covered", "0 to 1", "share of those contacts that a colleague of the same function also has; missing without any"),
        Column("pairs_cut", "pairs of people", "pairs of other members, one of each function, left without a path when the person is gone"),
        Column("single_point", "true or false", "whether no such pair keeps a path: a single point of failure"),
    ),
    "figures": (
        Column("panel", "text", "which of several small figures; empty where there is one"),
        Column("mark", "text", "what is drawn: the name of the line, band, dots or bars"),
        Column("x", "of its axis", "where the mark stands or begins, or the point of a line; missing where it is no number of the axis"),
        Column("y", "of its axis", "the same up and down; the lower limit of a band"),
        Column("x_end", "of its axis", "where the mark ends, for ties, spans, bars and intervals"),
        Column("y_end", "of its axis", "the same up and down; the upper limit of a band"),
        Column("points", "points", "width of the line, or diameter of the dot"),
        Column("text", "text", "what is written there"),
        Column("x_label", "text", "the name at this place of the horizontal axis, where it has names"),
        Column("y_label", "text", "the name at this place of the vertical axis, where it has names"),
    ),
    "simulation": (Column("true_value", "outcome per unit", "the coefficient a simulated firm's outcomes were made with"),),
    "descriptives": (
        Column("variable", "text", "the variable described"),
        Column("mean", "its own", "arithmetic mean"),
        Column("sd", "its own", "standard deviation, with n - 1"),
        Column("r_{number}", "-1 to 1", "Pearson correlation with the variable of that number in the table"),
        Column("p_r_{number}", "0 to 1", "two-sided p of that correlation, from t with n - 2 degrees of freedom"),
    ),
}
