"""Works behind the numbers: one list, so that a result can say what to cite."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

REFERENCES = {
    "aiken_west_1991": "Aiken, L. S. & West, S. G. (1991), Multiple Regression: Testing and Interpreting Interactions",
    "bauer_curran_2005": "Bauer, D. J. & Curran, P. J. (2005), Multivariate Behavioral Research 40, 373-400",
    "bell_mccaffrey_2002": "Bell, R. M. & McCaffrey, D. F. (2002), Survey Methodology 28, 169-181",
    "cameron_miller_2015": "Cameron, A. C. & Miller, D. L. (2015), Journal of Human Resources 50, 317-372",
    "claro_ramos_2018": "Claro, D. P. & Ramos, C. (2018), Journal of Personal Selling & Sales Management 38(2)",
    "cohen_1988": "Cohen, J. (1988), Statistical Power Analysis for the Behavioral Sciences, 2nd ed.",
    "cohen_et_al_2003": "Cohen, J., Cohen, P., West, S. G. & Aiken, L. S. (2003), Applied Multiple Regression, 3rd ed.",
    "cribari_neto_2004": "Cribari-Neto, F. (2004), Computational Statistics & Data Analysis 45, 215-233",
    "cribari_neto_da_silva_2011": "Cribari-Neto, F. & da Silva, W. B. (2011), AStA Advances in Statistical Analysis 95, 129-146",
    "cribari_neto_et_al_2007": "Cribari-Neto, F., Souza, T. C. & Vasconcellos, K. L. P. (2007), Communications in Statistics 36, 1877-1888",
    "dawson_richter_2006": "Dawson, J. F. & Richter, A. W. (2006), Journal of Applied Psychology 91, 917-926",
    "esarey_sumner_2018": "Esarey, J. & Sumner, J. L. (2018), Comparative Political Studies 51, 1144-1176",
    "fieller_1954": "Fieller, E. C. (1954), Journal of the Royal Statistical Society B 16, 175-185",
    "ganzach_1997": "Ganzach, Y. (1997), Psychological Methods 2, 235-247",
    "haans_et_al_2016": "Haans, R. F. J., Pieters, C. & He, Z.-L. (2016), Strategic Management Journal 37, 1177-1195",
    "johnson_neyman_1936": "Johnson, P. O. & Neyman, J. (1936), Statistical Research Memoirs 1, 57-93",
    "kalnins_2022": "Kalnins, A. (2022), Organizational Research Methods 25",
    "liang_zeger_1986": "Liang, K.-Y. & Zeger, S. L. (1986), Biometrika 73, 13-22",
    "lind_mehlum_2010": "Lind, J. T. & Mehlum, H. (2010), Oxford Bulletin of Economics and Statistics 72, 109-118",
    "mackinnon_white_1985": "MacKinnon, J. G. & White, H. (1985), Journal of Econometrics 29, 305-325",
    "mccabe_et_al_2018": "McCabe, C. J., Kim, D. S. & King, K. M. (2018), Adv. in Methods & Practices in Psychological Science 1, 147-165",
    "simonsohn_2018": "Simonsohn, U. (2018), Advances in Methods and Practices in Psychological Science 1, 538-555",
    "white_1980": "White, H. (1980), Econometrica 48, 817-838",
    "working_hotelling_1929": "Working, H. & Hotelling, H. (1929), Journal of the American Statistical Association 24, 73-85",
}


def cited(keys: Iterable[str]) -> str:
    """One line that names the software and the works, in the order given, each once.

    Examples
    --------
    >>> cited(["white_1980"]).split("; ")[1]
    'White, H. (1980), Econometrica 48, 817-838'
    """
    return "; ".join([f"tienet {version('tienet')}", *(REFERENCES[key] for key in dict.fromkeys(keys))])
