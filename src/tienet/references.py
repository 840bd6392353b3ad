"""Works behind the numbers: one list, so that a result can say what to cite."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

REFERENCES = {
    "aiken_west_1991": "Aiken, L. S. & West, S. G. (1991), Multiple Regression: Testing and Interpreting Interactions",
    "bauer_curran_2005": "Bauer, D. J. & Curran, P. J. (2005), Multivariate Behavioral Research 40, 373-400",
    "becker_et_al_2022": "Becker, J.-M., Proksch, D. & Ringle, C. M. (2022), Journal of the Academy of Marketing Science 50, 46-66",
    "bell_mccaffrey_2002": "Bell, R. M. & McCaffrey, D. F. (2002), Survey Methodology 28, 169-181",
    "belsley_et_al_1980": "Belsley, D. A., Kuh, E. & Welsch, R. E. (1980), Regression Diagnostics",
    "benjamini_hochberg_1995": "Benjamini, Y. & Hochberg, Y. (1995), Journal of the Royal Statistical Society B 57, 289-300",
    "benjamini_yekutieli_2001": "Benjamini, Y. & Yekutieli, D. (2001), Annals of Statistics 29, 1165-1188",
    "breusch_pagan_1979": "Breusch, T. S. & Pagan, A. R. (1979), Econometrica 47, 1287-1294",
    "broderick_et_al_2020": "Broderick, T., Giordano, R. & Meager, R. (2020), arXiv 2011.14999",
    "cameron_gelbach_miller_2008": "Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2008), Review of Economics and Statistics 90, 414-427",
    "cameron_gelbach_miller_2011": "Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011), J. of Business & Economic Stat. 29, 238-249",
    "cameron_miller_2015": "Cameron, A. C. & Miller, D. L. (2015), Journal of Human Resources 50, 317-372",
    "cinelli_hazlett_2020": "Cinelli, C. & Hazlett, C. (2020), Journal of the Royal Statistical Society B 82, 39-67",
    "claro_ramos_2018": "Claro, D. P. & Ramos, C. (2018), Journal of Personal Selling & Sales Management 38(2)",
    "cliff_ord_1981": "Cliff, A. D. & Ord, J. K. (1981), Spatial Processes: Models and Applications",
    "cohen_1988": "Cohen, J. (1988), Statistical Power Analysis for the Behavioral Sciences, 2nd ed.",
    "cohen_et_al_2003": "Cohen, J., Cohen, P., West, S. G. & Aiken, L. S. (2003), Applied Multiple Regression, 3rd ed.",
    "cook_1977": "Cook, R. D. (1977), Technometrics 19, 15-18",
    "cribari_neto_2004": "Cribari-Neto, F. (2004), Computational Statistics & Data Analysis 45, 215-233",
    "cribari_neto_da_silva_2011": "Cribari-Neto, F. & da Silva, W. B. (2011), AStA Advances in Statistical Analysis 95, 129-146",
    "cribari_neto_et_al_2007": "Cribari-Neto, F., Souza, T. C. & Vasconcellos, K. L. P. (2007), Communications in Statistics 36, 1877-1888",
    "dawson_2014": "Dawson, J. F. (2014), Journal of Business and Psychology 29, 1-19",
    "dawson_richter_2006": "Dawson, J. F. & Richter, A. W. (2006), Journal of Applied Psychology 91, 917-926",
    "dekker_et_al_2007": "Dekker, D., Krackhardt, D. & Snijders, T. A. B. (2007), Psychometrika 72, 563-581",
    "dunn_1961": "Dunn, O. J. (1961), Journal of the American Statistical Association 56, 52-64",
    "echambadi_hess_2007": "Echambadi, R. & Hess, J. D. (2007), Marketing Science 26, 438-445",
    "efron_1987": "Efron, B. (1987), Journal of the American Statistical Association 82, 171-185",
    "efron_tibshirani_1993": "Efron, B. & Tibshirani, R. J. (1993), An Introduction to the Bootstrap",
    "esarey_sumner_2018": "Esarey, J. & Sumner, J. L. (2018), Comparative Political Studies 51, 1144-1176",
    "fieller_1954": "Fieller, E. C. (1954), Journal of the Royal Statistical Society B 16, 175-185",
    "fox_weisberg_2018": "Fox, J. & Weisberg, S. (2018), Journal of Statistical Software 87(9)",
    "frank_2000": "Frank, K. A. (2000), Sociological Methods & Research 29, 147-194",
    "frank_et_al_2013": "Frank, K. A., Maroulis, S., Duong, M. & Kelcey, B. (2013), Educational Evaluation & Policy Analysis 35, 437-460",
    "freedman_lane_1983": "Freedman, D. & Lane, D. (1983), Journal of Business & Economic Statistics 1, 292-298",
    "friedrich_1982": "Friedrich, R. J. (1982), American Journal of Political Science 26, 797-833",
    "ganzach_1997": "Ganzach, Y. (1997), Psychological Methods 2, 235-247",
    "groemping_2006": "Groemping, U. (2006), Journal of Statistical Software 17(1)",
    "haans_et_al_2016": "Haans, R. F. J., Pieters, C. & He, Z.-L. (2016), Strategic Management Journal 37, 1177-1195",
    "hainmueller_et_al_2019": "Hainmueller, J., Mummolo, J. & Xu, Y. (2019), Political Analysis 27, 163-192",
    "hausman_1978": "Hausman, J. A. (1978), Econometrica 46, 1251-1271",
    "higham_2002": "Higham, N. J. (2002), Accuracy and Stability of Numerical Algorithms, 2nd ed., section 7.2",
    "hochberg_1988": "Hochberg, Y. (1988), Biometrika 75, 800-802",
    "holm_1979": "Holm, S. (1979), Scandinavian Journal of Statistics 6, 65-70",
    "johnson_neyman_1936": "Johnson, P. O. & Neyman, J. (1936), Statistical Research Memoirs 1, 57-93",
    "kalnins_2022": "Kalnins, A. (2022), Organizational Research Methods 25",
    "koenker_1981": "Koenker, R. (1981), Journal of Econometrics 17, 107-112",
    "krackhardt_1988": "Krackhardt, D. (1988), Social Networks 10, 359-381",
    "leenders_2002": "Leenders, R. Th. A. J. (2002), Social Networks 24, 21-47",
    "liang_zeger_1986": "Liang, K.-Y. & Zeger, S. L. (1986), Biometrika 73, 13-22",
    "lind_mehlum_2010": "Lind, J. T. & Mehlum, H. (2010), Oxford Bulletin of Economics and Statistics 72, 109-118",
    "lindeman_et_al_1980": "Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980), Introduction to Bivariate and Multivariate Analysis",
    "mackinnon_white_1985": "MacKinnon, J. G. & White, H. (1985), Journal of Econometrics 29, 305-325",
    "mccabe_et_al_2018": "McCabe, C. J., Kim, D. S. & King, K. M. (2018), Adv. in Methods & Practices in Psychological Science 1, 147-165",
    "ord_1975": "Ord, K. (1975), Journal of the American Statistical Association 70, 120-126",
    "oster_2019": "Oster, E. (2019), Journal of Business & Economic Statistics 37, 187-204",
    "park_gupta_2012": "Park, S. & Gupta, S. (2012), Marketing Science 31, 567-586",
    "petersen_2009": "Petersen, M. A. (2009), Review of Financial Studies 22, 435-480",
    "petrin_train_2010": "Petrin, A. & Train, K. (2010), Journal of Marketing Research 47, 3-13",
    "phipson_smyth_2010": "Phipson, B. & Smyth, G. K. (2010), Statistical Applications in Genetics and Molecular Biology 9, article 39",
    "pustejovsky_tipton_2018": "Pustejovsky, J. E. & Tipton, E. (2018), Journal of Business & Economic Statistics 36, 672-683",
    "qian_et_al_2022": "Qian, Y., Xie, H. & Koschmann, A. (2022), NBER Working Paper 29978",
    "ramsey_1969": "Ramsey, J. B. (1969), Journal of the Royal Statistical Society B 31, 350-371",
    "roodman_et_al_2019": "Roodman, D., MacKinnon, J. G., Nielsen, M. O. & Webb, M. D. (2019), Stata Journal 19, 4-60",
    "sanderson_windmeijer_2016": "Sanderson, E. & Windmeijer, F. (2016), Journal of Econometrics 190, 212-221",
    "sargan_1958": "Sargan, J. D. (1958), Econometrica 26, 393-415",
    "simonsohn_2018": "Simonsohn, U. (2018), Advances in Methods and Practices in Psychological Science 1, 538-555",
    "steiger_2004": "Steiger, J. H. (2004), Psychological Methods 9, 164-182",
    "tipton_pustejovsky_2015": "Tipton, E. & Pustejovsky, J. E. (2015), Journal of Educational and Behavioral Statistics 40, 604-634",
    "webb_2023": "Webb, M. D. (2023), Canadian Journal of Economics 56, 839-858",
    "white_1980": "White, H. (1980), Econometrica 48, 817-838",
    "wooldridge_2010": "Wooldridge, J. M. (2010), Econometric Analysis of Cross Section and Panel Data, 2nd ed., chapter 5",
    "wooldridge_2015": "Wooldridge, J. M. (2015), Journal of Human Resources 50, 420-445",
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
