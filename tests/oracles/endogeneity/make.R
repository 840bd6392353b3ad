# Two-stage least squares from AER::ivreg, with robust covariances from sandwich. Writes data.csv and instruments.json.
suppressMessages({library(AER); library(sandwich); library(jsonlite)})
set.seed(20)
n <- 240
team <- sample(1:24, n, TRUE)
iv1 <- rnorm(n); iv2 <- rnorm(n); iv3 <- rnorm(n); w <- rnorm(n, 3, 2)
u <- rnorm(n) + rnorm(24, 0, 0.5)[team]
x <- 5 + iv1 + 0.7 * iv2 + 0.3 * w + u + rnorm(n)
x2 <- 1 + 0.8 * iv3 - 0.4 * iv1 + 0.5 * u + rnorm(n)
g <- sample(c("a", "b", "c"), n, TRUE)
y <- 2 + 0.5 * x - 0.3 * x2 + 0.2 * x * w + 0.4 * w + (g == "b") - u + rnorm(n) * (1 + 0.3 * abs(w))
d <- data.frame(y, x, x2, w, g, iv1, iv2, iv3, team)
d <- as.data.frame(lapply(d, function(v) if (is.numeric(v)) signif(v, 8) else v))
write.csv(d, "data.csv", row.names = FALSE)
d$xc <- d$x - mean(d$x); d$wc <- d$w - mean(d$w); d$i1 <- d$iv1 - mean(d$iv1); d$i2 <- d$iv2 - mean(d$iv2)
models <- list(
  exact = y ~ x + w | iv1 + w,
  over = y ~ x + w + g | iv1 + iv2 + w + g,
  two = y ~ x + x2 + w | iv1 + iv2 + iv3 + w,
  product = y ~ xc * wc | i1 * wc + i2 * wc,
  square = y ~ xc + I(xc^2) + w | i1 + i2 + I(i1^2) + I(i2^2) + w)
kinds <- list(
  classical = function(m) vcov(m), HC0 = function(m) vcovHC(m, "HC0"), HC1 = function(m) vcovHC(m, "HC1"),
  HC2 = function(m) vcovHC(m, "HC2"), HC3 = function(m) vcovHC(m, "HC3"),
  CR0 = function(m) vcovCL(m, d$team, type = "HC0", cadjust = FALSE), CR1 = function(m) vcovCL(m, d$team, type = "HC1"))
one <- function(f) {
  m <- ivreg(f, data = d); k <- length(coef(m))
  errors <- lapply(kinds, function(v) unname(sqrt(diag(v(m)))))
  tests <- summary(m, diagnostics = TRUE)$diagnostics
  half <- qt(.975, n - k) * errors$classical
  list(terms = names(coef(m)), estimate = unname(coef(m)), errors = errors, df = n - k, sigma = summary(m)$sigma,
       p = unname(2 * pt(-abs(coef(m) / errors$classical), n - k)), low = unname(coef(m) - half), high = unname(coef(m) + half),
       tests = rownames(tests), df1 = unname(tests[, "df1"]), df2 = unname(tests[, "df2"]),
       statistic = unname(tests[, "statistic"]), p_tests = unname(tests[, "p-value"]))
}
versions <- list(R = as.character(getRversion()), AER = as.character(packageVersion("AER")), sandwich = as.character(packageVersion("sandwich")))
write_json(list(versions = versions, models = lapply(models, one)), "instruments.json", digits = NA, auto_unbox = TRUE, pretty = TRUE, na = "null")
