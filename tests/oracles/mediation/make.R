# Paths by lm, products and their delta errors by lavaan, bootstrap intervals by boot: writes expected.json beside this file.
#   Rscript make.R    (Debian: r-base, r-cran-lavaan, r-cran-boot, r-cran-jsonlite)
suppressMessages({library(lavaan); library(boot); library(jsonlite)})
set.seed(5)
n <- 140
d <- data.frame(x = rnorm(n, 3, 2), w = rnorm(n, -1, 1.5), t = rexp(n), g = rbinom(n, 1, 0.4))
d$m <- 0.5 * d$x + 0.3 * (d$x - 3) * d$w + 0.2 * d$t + rnorm(n)
d$y <- 0.4 * d$m + 0.2 * d$x + 0.25 * d$m * d$g - 0.3 * d$t + (0.7 + 0.3 * abs(d$w)) * rnorm(n)
d <- round(d, 6)
write.csv(d, "data.csv", row.names = FALSE)
coefs <- function(f) { s <- summary(lm(f, d))$coefficients; setNames(lapply(rownames(s), function(r) unname(s[r, ])), rownames(s)) }
simple <- sem("m ~ a*x + t\n y ~ b*m + cp*x + t\n ab := a*b\n total := cp + a*b", d, fixed.x = TRUE)
est <- parameterEstimates(simple)
est <- est[est$label != "", c("label", "est", "se")]
d$xw <- d$x * d$w
first <- sem(sprintf("m ~ a1*x + w + a3*xw + t\n y ~ b*m + cp*x + t\n low := (a1 + a3*%.15f)*b\n mid := (a1 + a3*%.15f)*b\n high := (a1 + a3*%.15f)*b\n index := a3*b",
  mean(d$w) - sd(d$w), mean(d$w), mean(d$w) + sd(d$w)), d, fixed.x = TRUE)
est1 <- parameterEstimates(first); est1 <- est1[est1$label != "", c("label", "est", "se")]
d$mg <- d$m * d$g
ab <- function(data, i) { e <- data[i, ]; coef(lm(m ~ x + t, e))["x"] * coef(lm(y ~ x + m + t, e))["m"] }
set.seed(1); b <- boot(d, ab, 20000)
ci <- boot.ci(b, type = c("perc", "bca"), L = empinf(data = d, statistic = ab, type = "jack", stype = "i"))
write_json(list(
  versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan")), boot = as.character(packageVersion("boot"))),
  a = coefs(m ~ x + t), bc = coefs(y ~ x + m + t), c = coefs(y ~ x + t),
  a_w = coefs(m ~ x * w + t), bc_g = coefs(y ~ x + m * g + t),
  simple = est, first = est1,
  sd = sd(b$t), percentile = ci$percent[4:5], bca = ci$bca[4:5]), "expected.json", digits = 16, auto_unbox = TRUE)
