# Weighted fits with clusters of unequal size, their CR2 tests, and joint tests of slopes. Run here: Rscript make.R
suppressMessages({library(sandwich); library(clubSandwich); library(lmerTest); library(jsonlite)})
set.seed(811)
sizes <- c(31, 22, 17, 14, 11, 9, 8, 7, 5, 4, 3, 2); n <- sum(sizes)
data <- data.frame(team = rep(seq_along(sizes), sizes), year = sample(1999:2022, n, TRUE), g = sample(c("east", "north", "west"), n, TRUE))
data$x <- round(rgamma(n, 2, 0.4) + 0.5 * rnorm(12)[data$team], 5)
data$w <- round(runif(n, 0.2, 5), 4)
data$y <- round(1 + 0.7 * data$x - 0.04 * data$x^2 + 0.02 * data$x * (data$year - 2010) + 0.3 * (data$g == "west") * data$x +
  0.6 * rnorm(12)[data$team] + rnorm(n) / sqrt(data$w), 5)
write.csv(data, "data.csv", row.names = FALSE)
data$xc <- data$x - mean(data$x); data$zc <- data$year - mean(data$year)
formula <- y ~ xc + zc + g + I(xc^2) + xc:zc + xc:g + I(xc^2):zc
heavy <- lm(formula, data, weights = w); plain <- lm(formula, data)
# CR2 of a weighted fit: that of the rows multiplied by sqrt(w), unbiased when the errors have variance 1 / w (independent of one another)
root <- sqrt(data$w); X <- model.matrix(heavy) * root
moved <- lm(I(data$y * root) ~ 0 + X)
V <- vcovCR(moved, cluster = data$team, type = "CR2")
# clubSandwich's own adjustment takes another root of the same working model
other <- vcovCR(heavy, cluster = data$team, type = "CR2", target = 1 / data$w, inverse_var = FALSE)
V1 <- vcovCR(plain, cluster = data$team, type = "CR2")
names_of <- names(coef(heavy))
tests <- function(fit, V) {
  t <- coef_test(fit, V, test = "Satterthwaite"); ci <- conf_int(fit, V, test = "Satterthwaite")
  list(terms = names_of, estimate = t$beta, std_error = t$SE, statistic = t$tstat, df = t$df_Satt, p_value = t$p_Satt, conf_low = ci$CI_L, conf_high = ci$CI_U)
}
joint <- function(fit, V, terms) {
  w <- Wald_test(fit, constraints = constrain_zero(match(terms, names_of)), vcov = V, test = "HTZ")
  list(statistic = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p_value = w$p_val)
}
slopes <- c("xc:gnorth", "xc:gwest"); curve <- c("xc:zc", "zc:I(xc^2)")
mixed <- lmer(update(formula, . ~ . + (1 | team)), data, REML = TRUE, control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
contest <- function(terms) { a <- contestMD(mixed, diag(length(names_of))[match(terms, names(fixef(mixed))), ]); list(statistic = a[["F value"]], df1 = a$NumDF, df2 = a$DenDF, p_value = a[["Pr(>F)"]]) }
write_json(list(versions = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich")), lmerTest = as.character(packageVersion("lmerTest"))),
  weighted = tests(moved, V), other = tests(heavy, other),
  weighted_slopes = joint(moved, V, slopes), weighted_curve = joint(moved, V, curve),
  slopes = joint(plain, V1, slopes), curve = joint(plain, V1, curve),
  mixed_slopes = contest(slopes), mixed_curve = contest(curve)), "expected.json", digits = NA, auto_unbox = TRUE)
