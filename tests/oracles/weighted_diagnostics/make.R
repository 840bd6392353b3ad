# Diagnostics of a weighted fit. Run here: Rscript make.R
suppressMessages({library(sandwich); library(car); library(lmtest); library(jsonlite)})
set.seed(4127)
n <- 140
data <- data.frame(team = sample(1:18, n, TRUE), x = round(rgamma(n, 2, 0.5), 4), z = round(rnorm(n, 3, 1.5), 4), s = round(runif(n), 4),
  w = round(exp(rnorm(n, 0, 0.8)), 4))
data$y <- round(1 + 0.6 * data$x - 0.3 * data$z + 0.25 * data$x * data$z - 0.04 * data$x^2 + 0.5 * data$s +
  0.5 * rnorm(18)[data$team] + rnorm(n) * (0.5 + 0.2 * data$x) / sqrt(data$w), 4)
write.csv(data, "data.csv", row.names = FALSE)
data$xc <- data$x - mean(data$x); data$zc <- data$z - mean(data$z); data$xz <- data$xc * data$zc
fit <- lm(y ~ s + xc + zc + xz, data, weights = w)
inf <- influence.measures(fit)$infmat
influence <- list(change = dfbeta(fit)[, "xz"], dfbetas = dfbetas(fit)[, "xz"], cook = cooks.distance(fit), leverage = hatvalues(fit),
  studentized = rstudent(fit), estimate = sapply(seq_len(n), function(i) coef(update(fit, data = data[-i, ]))[["xz"]]))
stopifnot(all.equal(unname(inf[, "hat"]), unname(influence$leverage)))
clusters <- sapply(unique(data$team), function(g) coef(update(fit, data = data[data$team != g, ]))[["xz"]])
# variances as the weights say: car's score test takes Pearson residuals; Koenker's form is n R2 of the same regression
u <- residuals(fit, type = "pearson")^2
aux <- lm(u ~ s + xc + zc + xz, data); g <- fitted(fit); white <- lm(u ~ g + I(g^2))
score <- ncvTest(fit, ~ s + xc + zc + xz)
pagan <- list(original = score$ChiSquare, original_p = score$p, studentised = n * summary(aux)$r.squared,
  fitted = n * summary(white)$r.squared, df = score$Df)
data$f2 <- g^2; data$f3 <- g^3
more <- update(fit, . ~ . + f2 + f3, data = data)
plain <- anova(fit, more)
robust <- waldtest(fit, more, vcov = function(m) vcovHC(m, type = "HC3"), test = "F")
reset <- list(classical = list(f = plain$F[2], df2 = plain$Res.Df[2], p = plain$`Pr(>F)`[2]),
  HC3 = list(f = robust$F[2], df2 = robust$Res.Df[2], p = robust$`Pr(>F)`[2]))
drop <- drop1(fit, test = "F")
F1 <- drop$`F value`[-1]; rss <- deviance(fit)
zs <- function(v) (v - mean(v)) / sd(v)
beta <- lm(zs(y) ~ zs(s) + zs(x) * zs(z), data, weights = w)
effects <- list(f_squared_of_terms = F1 / df.residual(fit), delta = F1 / df.residual(fit) * (1 - summary(fit)$r.squared),
  standardized = unname(coef(beta)[-1]), low = unname(confint(beta)[-1, 1]), high = unname(confint(beta)[-1, 2]))
r2 <- function(rhs) summary(lm(as.formula(paste("y ~", rhs)), data, weights = w))$r.squared
a <- r2("s"); b <- r2("xc + zc + xz"); whole <- summary(fit)$r.squared
shares <- list(share = c((a + whole - b) / 2, (b + whole - a) / 2), alone = c(a, b), after = c(whole - b, whole - a))
columns <- cbind(1, data$s - mean(data$s), data$xc, data$zc, data$xz) * sqrt(data$w)
d <- svd(apply(columns, 2, function(v) v / sqrt(sum(v^2))))$d
collinear <- list(vif = unname(vif(fit)), index = d[1] / d)
# bins: a regression of its own in each, with the further term in common; the slope at the median of each bin
edges <- quantile(data$z, c(0, 1/3, 2/3, 1)); data$bin <- cut(data$z, edges, include.lowest = TRUE)
at <- unname(tapply(data$z, data$bin, median)); data$away <- data$z - at[as.integer(data$bin)]
bins <- lm(y ~ 0 + s + bin + bin:x + bin:away + bin:x:away, data, weights = w)
V <- vcovHC(bins, type = "HC3"); place <- grep("^bin.*:x$", names(coef(bins)))
full <- lm(y ~ s + x * z * bin, data, weights = w)
wald <- waldtest(lm(y ~ s + x * z, data, weights = w), full, vcov = function(m) if (length(coef(m)) > 6) vcovHC(m, type = "HC3") else NULL, test = "F")
binned <- list(at = at, estimate = unname(coef(bins)[place]), std_error = unname(sqrt(diag(V))[place]), f = wald$F[2], df2 = wald$Res.Df[2])
# the smooth slope of a model without further terms: local regressions whose window multiplies the weights
h <- 1.2; grid <- seq(min(data$z), max(data$z), length.out = 5)
local <- sapply(grid, function(m) {
  k <- data$w * exp(-0.5 * ((data$z - m) / h)^2)
  f <- lm(y ~ x * I(z - m), data, weights = k)
  c(coef(f)[["x"]], sqrt(vcovHC(f, type = "HC0")["x", "x"]))
})
write_json(list(versions = list(R = R.version.string, car = as.character(packageVersion("car")), lmtest = as.character(packageVersion("lmtest")),
  sandwich = as.character(packageVersion("sandwich"))),
  influence = lapply(influence, unname), clusters = clusters, pagan = pagan, reset = reset, effects = effects, shares = shares, collinear = collinear,
  binned = binned, smooth = list(grid = grid, slope = local[1, ], std_error = local[2, ]),
  partial = unname(residuals(fit) + coef(fit)[["(Intercept)"]] + coef(fit)[["s"]] * mean(data$s) + coef(fit)[["xc"]] * data$xc +
    coef(fit)[["zc"]] * data$zc + coef(fit)[["xz"]] * data$xz)), "expected.json", digits = NA, auto_unbox = TRUE)
