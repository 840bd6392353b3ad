"""The one glossary: every column a tienet frame can have, with its unit, its meaning and where it comes from.

Families are written with braces, as `total_ties_{function}`; `describe` resolves the real names.
"""

from __future__ import annotations

from dataclasses import dataclass

from tienet.base.errors import DataError

__all__ = ["describe"]


@dataclass(frozen=True, slots=True)
class Column:
    """One entry of the glossary."""

    name: str
    unit: str
    meaning: str
    reference: str = ""


_NETWORK = (
    # the log
    Column("time", "moment, UTC", "when the interaction took place"),
    Column("source", "id", "the person it came from"),
    Column("target", "id", "the person it went to"),
    Column("channel", "text", "mail, chat, meeting, ... as the log names it"),
    Column("size", "people", "people in the event; a missing value stands for two"),
    Column("duration", "minutes", "how long the event lasted"),
    Column("weight", "interactions", "how many interactions the row stands for; 1 where the log does not say"),
    Column("event", "id", "the event the row belongs to; the same event between the same two people counts once"),
    # the ledger
    Column("code", "text", "reason code of a row"),
    Column("status", "text", "used, rejected, excluded or duplicate"),
    Column("rows", "rows", "rows under the code"),
    Column("meaning", "text", "the reason in words"),
    # people
    Column("person", "id", "a member of the roster"),
    Column("valid_from", "day, UTC", "first day of the person's spell in the function; empty where it is open"),
    Column("valid_to", "day, UTC", "first day on which the person no longer holds the function; empty where it is open"),
    Column("function", "text", "business function in snake_case; of an alter, where ties are counted per function"),
    # ties
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
        "latency", "hours", "median time to a reply, both directions; of two functions: the median of their ties", "Wuchty & Uzzi (2011)"
    ),
    Column("first", "moment, UTC", "first contact in the window; missing where the log has no times"),
    Column("last", "moment, UTC", "last contact in the window; missing where the log has no times"),
    Column(
        "strength",
        "as chosen",
        "strength of the tie, or its sum over the ties of two functions; frequency, or interactions where the log has no times",
    ),
    Column("strength_a", "0 to 1", "strength as the a end states it in a survey, or as calibrated on one; b's answer where a gave none"),
    Column("strength_b", "0 to 1", "strength as the b end states it in a survey, or as calibrated on one; a's answer where b gave none"),
    # egos
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
    # structural holes
    Column("degree", "people", "distinct people with whom the person has a tie, whichever way; 0 without ties", "Freeman (1979)"),
    Column(
        "constraint",
        "no unit",
        "how far the person's ties lead, directly and through one another, to the same people; missing without ties, rarely above 1",
        "Burt (1992, 2004)",
    ),
    Column("effective_size", "people", "alters less their redundancy: 1 to degree; missing without ties", "Burt (1992); Borgatti (1997)"),
    Column("efficiency", "share", "effective_size / degree; missing without ties", "Burt (1992)"),
    Column(
        "hierarchy",
        "0 to 1",
        "how far the constraint comes from one alter: 0 all alike, 1 with a single alter; missing without ties",
        "Burt (1992)",
    ),
    Column("window", "number", "which window of the panel, from 1"),
    Column("start", "moment, UTC", "first moment of the window"),
    # functions
    Column("function_a", "text", "one of a pair of functions, the first by name"),
    Column("function_b", "text", "the other; the same one for ties within it"),
    Column("ties", "ties", "ties between the two functions, or in the network, each counted once"),
    Column("density", "0 to 1", "ties as a share of the pairs of people that could have one; missing where there is no such pair"),
    # surveys
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
        "auc", "0 to 1", "probability that a pair named in the survey has the larger feature than one that is not, equal ones counting half"
    ),
    Column(
        "coefficient",
        "survey strength per SD",
        "calibration: survey strength per standard deviation of log(1 + feature); missing where left out",
    ),
    # diversity
    Column("alters", "people", "people ego has a tie with who count toward the shares of functions"),
    Column("external", "ties, or their strength", "ties to people of other functions", "Krackhardt & Stern (1988)"),
    Column("internal", "ties, or their strength", "ties to people of the own function", "Krackhardt & Stern (1988)"),
    Column(
        "ei_index", "-1 to 1", "(external - internal) / (external + internal), of a person or of the network", "Krackhardt & Stern (1988)"
    ),
    Column("expected_ei", "-1 to 1", "the E-I index expected if alters were drawn at random from the roster", "Krackhardt & Stern (1988)"),
    Column("blau", "0 to 1", "1 less the squared shares of the functions; missing without alters, 0 with one", "Blau (1977)"),
    Column("iqv", "0 to 1", "blau over its largest value with that many functions, blau K / (K - 1)", "Blau (1977)"),
    Column("entropy", "nats", "minus the sum of share times log share over the functions", "Teachman (1980)"),
    Column("entropy_normalised", "0 to 1", "entropy over its largest value, the log of the number of functions", "Teachman (1980)"),
    Column("n_functions", "functions", "distinct functions among the alters, the own one included"),
    # brokerage
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
    Column("exclusive_pairs", "pairs", "pairs of a peer and an alter whose one common contact is ego, and who have no tie", "JAMS (2019)"),
    Column("exclusive_pairs_{function}", "pairs", "exclusive_pairs with alters of that function", "JAMS (2019)"),
    # centrality
    Column("strength_sum", "as the strength", "summed strength of a person's ties"),
    Column("closeness", "per length", "people reached over the sum of distances to them; missing for isolates", "Freeman (1979)"),
    Column("betweenness", "0 to 1", "share of the shortest paths between two others that run through the person", "Freeman (1979)"),
    Column("eigenvector", "0 to 1", "entry of the first eigenvector, of length 1; missing where there are no ties", "Bonacich (1972)"),
    Column("clustering", "0 to 1", "share of pairs of alters that are tied; 0 with fewer than two alters", "Watts & Strogatz (1998)"),
    Column("ego_density", "0 to 1", "share of pairs of alters that are tied; missing with fewer than two alters"),
    Column("ego_betweenness", "pairs", "betweenness of ego in its own ego network", "Everett & Borgatti (2005)"),
    # the network
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
        "function_modularity", "-1 to 1", "share of ties within functions less the share expected from degrees", "Newman & Girvan (2004)"
    ),
    Column("function_modularity_weighted", "-1 to 1", "the same over tie strength", "Newman & Girvan (2004)"),
    Column("ei_index_strength", "-1 to 1", "ei_index over tie strength", "Krackhardt & Stern (1988)"),
    Column("ei_index_rescaled", "-1 to 1", "ei_index over densities, so that group sizes do not bear on it", "Krackhardt & Stern (1988)"),
    Column("ei_expected", "-1 to 1", "mean E-I index with functions assigned to people at random, exact"),
    Column("ei_sd", "0 to 1", "standard deviation of the E-I index over those assignments, exact"),
    Column("draws", "draws", "random assignments, permutations, or bootstrap samples drawn"),
    # tie rules against each other
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
    # handoffs between two functions
    Column("contacts", "people", "people of the other function with whom the person has a tie", "Tushman & Scanlan (1981)"),
    Column("covered", "0 to 1", "share of those contacts that a colleague of the same function also has; missing without any"),
    Column("pairs_cut", "pairs of people", "pairs of other members, one of each function, left without a path when the person is gone"),
    Column("single_point", "true or false", "whether no such pair keeps a path: a single point of failure"),
    # figures
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
    # simulation
    Column("true_value", "outcome per unit", "the coefficient a simulated firm's outcomes were made with"),
    # descriptives
    Column("variable", "text", "the variable described"),
    Column("mean", "its own", "arithmetic mean"),
    Column("sd", "its own", "standard deviation, with n - 1"),
    Column("r_{number}", "-1 to 1", "Pearson correlation with the variable of that number in the table"),
    Column("p_r_{number}", "0 to 1", "two-sided p of that correlation, from t with n - 2 degrees of freedom"),
)

_STATISTICS = (
    # the regression and its probes
    Column("model", "text", "name of the model in a table of several"),
    Column("term", "", "coefficient's name: x, x^2, x:z, region[north], (Intercept)"),
    Column("estimate", "outcome, or outcome per unit", "estimated coefficient, slope, predicted value or turning point"),
    Column("std_error", "as the estimate", "standard error under the covariance that the result names"),
    Column("statistic", "", "estimate over its standard error"),
    Column("df", "", "degrees of freedom: n - k, clusters - 1, or under CR2 Satterthwaite's", "Bell & McCaffrey (2002)"),
    Column("p_value", "", "two-sided p of the statistic (one-sided at the ends of a U test)"),
    Column("conf_low", "as the estimate", "lower end of the interval"),
    Column("conf_high", "as the estimate", "upper end of the interval"),
    Column("step", "", "block of a hierarchical regression: controls, main, quadratic, interactions", "Cohen et al. (2003)"),
    Column("terms", "", "terms the block adds"),
    Column("r_squared", "share", "explained share of the outcome's variance after the block"),
    Column("adj_r_squared", "share", "the same, adjusted for the number of coefficients"),
    Column("delta_r_squared", "share", "what the block adds to R2"),
    Column("f2", "", "Cohen's f2 of the block: delta_r_squared over 1 - r_squared", "Cohen (1988)"),
    Column("f_change", "", "F of the block: of the change in R2 (classical), HTZ (CR2), else a Wald F", "Cohen et al. (2003)"),
    Column("test", "text", "name of a test; of a joint test F (classical), Wald F, or HTZ (CR2)", "Tipton & Pustejovsky (2015)"),
    Column("df1", "", "numerator degrees of freedom"),
    Column("df2", "", "denominator degrees of freedom"),
    Column("p_change", "", "p of f_change"),
    Column("aic", "", "Akaike's criterion, the residual variance counted as a parameter", "Akaike (1974)"),
    Column("bic", "", "Schwarz's criterion, the residual variance counted as a parameter", "Schwarz (1978)"),
    Column("label", "", "the value of the moderator in words: -1 SD, 16th percentile, the number, the category; the stretch of a line"),
    Column("against", "", "the level whose slope is subtracted in a difference of slopes", "Dawson & Richter (2006)"),
    Column("turning_point", "as the focal variable", "where the curve turns at that value of the moderator", "Haans et al. (2016)"),
    Column("estimate_without", "outcome per unit", "the same coefficient in the model without squares", "Ganzach (1997)"),
    Column("std_error_without", "as the estimate", "its standard error, under the same kind of covariance"),
    Column("df_without", "", "its degrees of freedom"),
    Column("p_value_without", "", "its two-sided p"),
    Column("conf_low_without", "as the estimate", "lower end of its interval"),
    Column("conf_high_without", "as the estimate", "upper end of its interval"),
    Column("at", "as the moderator", "value of the moderator; missing for categories"),
    Column(
        "support",
        "",
        "whether the focal value lies within the observed range (over two variables: the point within the convex hull of the cases)",
    ),
    Column("value", "as the focal variable", "value of the focal variable; of a mark, the number that its colour, size or width shows"),
    Column("low", "as the moderator", "lower limit of a region, minus infinity for the first", "Johnson & Neyman (1936)"),
    Column("high", "as the moderator", "upper limit of a region, infinity for the last", "Johnson & Neyman (1936)"),
    Column("significant", "", "whether the slope differs from zero in the region", "Bauer & Curran (2005)"),
    Column("sign", "", "sign of the slope in a significant region, 0 elsewhere"),
    Column("share", "share of the cases", "cases in the region, or on one side of the extremum or the break"),
    Column("delta_low", "as the focal variable", "lower end of the delta interval of the turning point"),
    Column("delta_high", "as the focal variable", "upper end of the delta interval of the turning point"),
    Column("fieller_low", "as the focal variable", "first limit of the Fieller set; kind says how to read it", "Fieller (1954)"),
    Column("fieller_high", "as the focal variable", "second limit of the Fieller set; kind says how to read it", "Fieller (1954)"),
    Column("kind", "", "which of a closed set of words describes the result"),
    Column("curvature", "", "U or inverted U"),
    Column(
        "inside",
        "",
        "whether the turning point lies within the observed range; of a point on a line, whether it lies among the cases (within the "
        "convex hull of focal variable and moderator, for a category within the range of its own cases)",
    ),
    Column("share_below", "share of the cases", "cases below the turning point"),
    Column("end", "", "of a window: first moment after it, UTC; of a U test: which end, low, high or overall", "Lind & Mehlum (2010)"),
    Column("other", "", "the second coefficient of a covariance"),
    Column("covariance", "product of the two units", "covariance of two coefficients"),
    Column("null", "as the estimate", "the value that an estimate is tested against"),
    Column("bias", "as the estimate", "mean over the bootstrap samples less the estimate", "Efron & Tibshirani (1993)"),
    Column("p_with_ties", "0 to 1", "p_value with the draws counted that have just the observed statistic", "Roodman et al. (2019)"),
    Column("clusters", "clusters", "groups of rows that the bootstrap draws by"),
    Column("enumerated", "true or false", "whether every sign pattern was gone through instead of drawn"),
    Column("weights", "text", "weights of the wild bootstrap: rademacher or webb", "Webb (2023)"),
    Column("std_error_low", "as the estimate", "smallest standard error that any covariance of the printed coefficients could give"),
    Column("std_error_high", "as the estimate", "largest standard error that any of them could give"),
    Column("p_low", "", "p that goes with the smallest standard error"),
    Column("p_high", "", "p that goes with the largest standard error"),
    Column("verdict", "", "whether the slope differs from zero: yes and no hold for any covariance, not known depends on it"),
    Column("beta", "SD per SD", "standardised coefficient"),
    Column("rounding_low", "SD per SD", "safe lower limit of beta over all correlations that round to the printed ones", "Higham (2002)"),
    Column("rounding_high", "SD per SD", "safe upper limit of beta over all correlations that round to the printed ones", "Higham (2002)"),
    Column("sign_settled", "true or false", "whether all those correlations give the coefficient the same sign"),
    Column("significance_settled", "true or false", "whether they all agree that the coefficient does, or does not, differ from zero"),
    Column("share_larger", "share", "permutations whose statistic is at least the observed one, which is one of them"),
    Column("share_smaller", "share", "permutations whose statistic is at most the observed one, which is one of them"),
    Column("dyads", "dyads", "pairs of people used: ordered ones where the networks have a direction"),
    Column(
        "expected", "as the estimate", "mean of the estimate without autocorrelation, given the terms of the model", "Cliff & Ord (1981)"
    ),
    Column("p_permutation", "", "two-sided p of the estimate among those of permuted residuals", "Freedman & Lane (1983)"),
    # endogeneity
    Column("ols_estimate", "as the estimate", "least-squares estimate of the same coefficient on the same rows; missing for a correction"),
    Column("partial_r2", "share", "partial R2 of the term with the outcome, given the other terms", "Cinelli & Hazlett (2020)"),
    Column(
        "robustness",
        "share",
        "partial R2 with term and outcome that an omitted variable needs to take away the estimate, or the share of it asked for",
        "Cinelli & Hazlett (2020)",
    ),
    Column("robustness_alpha", "share", "the same for its significance at the level asked for", "Cinelli & Hazlett (2020)"),
    Column(
        "itcv",
        "-1 to 1",
        "product of an omitted variable's correlations with the term and the outcome at which the test changes",
        "Frank (2000)",
    ),
    Column("rir", "cases", "cases that would have to be replaced for the test to change", "Frank et al. (2013)"),
    Column("rir_share", "share", "rir over the cases, before rounding", "Frank et al. (2013)"),
    Column("delta", "", "selection on the omitted variable over that on the covariates at which the coefficient is zero", "Oster (2019)"),
    Column("adjusted_estimate", "as the estimate", "coefficient when both selections are alike (delta = 1)", "Oster (2019)"),
    Column("r2_max", "share", "R2 that the model is taken to reach with the omitted variable", "Oster (2019)"),
    Column("covariate", "", "the term or variable that an omitted variable is compared with"),
    Column("times", "", "how many times as strong as the covariate the omitted variable is"),
    Column("r2_term", "share", "partial R2 of the omitted variable with the term", "Cinelli & Hazlett (2020)"),
    Column("r2_outcome", "share", "partial R2 of the omitted variable with the outcome", "Cinelli & Hazlett (2020)"),
    # variance inflation
    Column("centred", "", "variance inflation with every number less its mean"),
    Column("raw", "", "variance inflation with the numbers as they came"),
    # mediation and power
    Column("effect", "", "a, b, c' and c: paths of a mediation; indirect: their product; index of moderated mediation; difference of two"),
    Column("sobel_z", "", "indirect effect over its delta standard error, by normal theory", "Sobel (1982)"),
    Column("sobel_p", "", "two-sided p of sobel_z by the normal distribution", "Sobel (1982)"),
    Column("n", "cases", "sample size"),
    Column("power", "0 to 1", "share of simulated samples in which the test rejects"),
    Column("mc_error", "0 to 1", "Monte Carlo standard error of that share"),
    Column("detectable", "as the estimate", "smallest coefficient that the test detects with the power asked for", "Bloom (1995)"),
    Column("slope_difference", "outcome per unit", "the same as a difference of slopes between -1 SD and +1 SD of the second variable"),
    # may the interaction be believed?
    Column("bin", "", "bin of the moderator, right-closed, the lowest value included; or its value", "Hainmueller et al. (2019)"),
    Column("bin_low", "as the moderator", "lower limit of the bin"),
    Column("bin_high", "as the moderator", "upper limit of the bin"),
    Column("cases", "cases", "cases in the bin"),
    Column("focal_low", "as the focal variable", "smallest value of the focal variable among the cases of the bin"),
    Column("focal_high", "as the focal variable", "largest value of the focal variable among the cases of the bin"),
    Column("share_outside", "share of the range", "part of the whole observed range of the focal variable that no case of the bin reaches"),
    Column("linear", "as the estimate", "slope the model's straight line gives at the same value of the moderator"),
    Column("row", "", "row of the data, counted from 1"),
    Column("cluster_number", "", "number of a cluster in the order of first appearance, counted from 1"),
    Column(
        "change",
        "",
        "of a case or cluster: estimate less the one without it; of two specifications: what differs (none, sign, significance, both)",
        "Belsley et al. (1980); Kalnins (2022)",
    ),
    Column("dfbetas", "standard errors", "the change over a standard error", "Belsley et al. (1980)"),
    Column("cook", "", "Cook's distance: the change of all coefficients at once", "Cook (1977)"),
    Column("leverage", "0 to 1", "diagonal of the hat matrix; summed over a cluster"),
    Column("studentized", "", "residual over its standard error with the case left out"),
    Column(
        "centred_proportion",
        "0 to 1",
        "share of the coefficient's variance in the largest condition index, centred",
        "Belsley et al. (1980)",
    ),
    Column("raw_proportion", "0 to 1", "the same with the numbers as they came", "Belsley et al. (1980)"),
    Column("distribution", "", "distribution of the statistic when the null holds: chi-square or F"),
    Column("hypothesis", "", "name or number of a hypothesis"),
    Column("p_adjusted", "", "p-value adjusted for the number of hypotheses", "Holm (1979)"),
    Column("partial_r_squared", "share", "part of the variance left by all other terms that the entry explains"),
    Column("partial_low", "share", "lower end of its interval; missing unless the covariance is classical", "Steiger (2004)"),
    Column("partial_high", "share", "upper end of its interval; missing unless the covariance is classical", "Steiger (2004)"),
    Column("f_squared", "", "delta R2 over 1 - R2", "Cohen (1988)"),
    Column("f_squared_low", "", "lower end of its interval; missing unless the covariance is classical", "Steiger (2004)"),
    Column("f_squared_high", "", "upper end of its interval; missing unless the covariance is classical", "Steiger (2004)"),
    Column("standardized", "SD of the outcome", "coefficient with z-scores formed before products", "Friedrich (1982)"),
    Column("standardized_low", "SD of the outcome", "lower end of its interval"),
    Column("standardized_high", "SD of the outcome", "upper end of its interval"),
    Column("block", "", "name of a group of terms"),
    Column("r_squared_share", "share", "mean over all orders of entry of what the block adds to R2", "Lindeman et al. (1980)"),
    Column("alone", "share", "R2 of the block alone"),
    Column("after_others", "share", "what the block adds to R2 after all others"),
    Column(
        "partial_residual",
        "as the outcome",
        "what the model gives at the case's own two variables, plus its residual",
        "Fox & Weisberg (2018)",
    ),
)

GLOSSARY: dict[str, Column] = {column.name: column for column in (*_NETWORK, *_STATISTICS)}


def describe(name: str) -> Column:
    """The glossary entry of a column, families such as `total_ties_{function}` included.

    Raises
    ------
    DataError
        When no entry fits, with the closest name.

    Examples
    --------
    >>> describe("total_ties_marketing").unit
    'ties'
    """
    if name in GLOSSARY:
        return GLOSSARY[name]
    for pattern, column in GLOSSARY.items():
        head, brace, _ = pattern.partition("{")
        if brace and name.startswith(head) and len(name) > len(head):
            return column
    raise DataError.missing_column(name, GLOSSARY, where="the glossary")
