# Random intercepts by lme4 and lmerTest: writes data.csv and expected.json beside this file.
#   Rscript make.R    (Debian: r-base, r-cran-lme4, r-cran-lmertest, r-cran-jsonlite)
suppressMessages({library(lmerTest); library(jsonlite)})
set.seed(11)
sizes <- c(2, 3, 3, 4, 5, 6, 7, 8, 9, 12, 15, 1, 20)
u <- rnorm(length(sizes), 0, 0.8)
unit <- rep(seq_along(sizes), sizes); n <- length(unit)
d <- data.frame(unit = paste0("u", unit), x = rnorm(n, 5, 2), z = rnorm(n) + 0.3 * u[unit], s = rnorm(length(sizes))[unit])
d$y <- 1 + 0.5 * (d$x - 5) + 0.3 * d$z + 0.25 * (d$x - 5) * d$z + 0.4 * d$s + u[unit] + rnorm(n)
d$x <- round(d$x, 5); d$z <- round(d$z, 5); d$s <- round(d$s, 5); d$y <- round(d$y, 5)
d$flat <- round(0.5 * d$x + rnorm(n), 5)
d$flat <- round(d$flat - ave(d$flat, d$unit) + mean(d$flat) + 0.02 * d$x, 5)
d$north <- rep(c("no", "yes"), length.out = n)
write.csv(d, "data.csv", row.names = FALSE)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5), calc.derivs = FALSE)
one <- function(f, reml) {
  fit <- suppressMessages(lmer(f, d, REML = reml, control = tight))
  s <- coef(summary(fit)); v <- as.data.frame(VarCorr(fit))$vcov
  ci <- cbind(s[, 1] - qt(.975, s[, 3]) * s[, 2], s[, 1] + qt(.975, s[, 3]) * s[, 2])
  list(formula = deparse(f), terms = rownames(s), estimate = unname(s[, 1]), std_error = unname(s[, 2]), df = unname(s[, 3]),
       statistic = unname(s[, 4]), p_value = unname(s[, 5]), conf_low = unname(ci[, 1]), conf_high = unname(ci[, 2]),
       unit = v[1], residual = v[2], loglik = as.numeric(logLik(fit)))
}
d$xc <- d$x - mean(d$x); d$zc <- d$z - mean(d$z)
slope <- function(reml) {
  fit <- lmer(y ~ xc * zc + s + (1 | unit), d, REML = reml, control = tight)
  lapply(list(-sd(d$z), 0, sd(d$z)), function(w) { k <- contest1D(fit, c(0, 1, 0, 0, w)); c(k[["Estimate"]], k[["Std. Error"]], k[["df"]], k[["Pr(>|t|)"]]) })
}
f <- y ~ x * z + s + (1 | unit); h <- y ~ x + north + (1 | unit); flat <- flat ~ x + z + (1 | unit)
write_json(list(versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), lmerTest = as.character(packageVersion("lmerTest"))),
  fits = list(reml = one(f, TRUE), ml = one(f, FALSE), category = one(h, TRUE), flat = one(flat, TRUE), flat_ml = one(flat, FALSE)),
  slopes = slope(TRUE), slopes_ml = slope(FALSE)), "expected.json", digits = 16, auto_unbox = TRUE)
