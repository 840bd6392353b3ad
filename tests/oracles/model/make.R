# Makes data.csv and expected.json: weighted and unweighted moderated regressions, steps, standardised solutions, in R.
# Run in this folder: Rscript make.R
library(sandwich); library(lmtest); library(car); library(jsonlite)
set.seed(20)
n <- 96
d <- data.frame(
  ties = rpois(n, 5), strength = round(rgamma(n, 2, 1), 3), tenure = round(runif(n, 0, 20), 2),
  region = sample(c("north", "south", "west"), n, TRUE), lead = rbinom(n, 1, .4), team = sample(1:18, n, TRUE),
  precision = round(runif(n, .2, 4), 3)
)
d$growth <- round(2 - d$ties + .1 * d$ties^2 + d$strength * (1 - .3 * d$ties) + (d$region == "west") + rnorm(n) / sqrt(d$precision), 4)
d$quota <- round(50 + .4 * d$tenure + d$ties * (.5 + .2 * d$lead) + rnorm(n), 4)
d$quota[c(4, 50)] <- NA
d$tenure[9] <- NA
write.csv(d, "data.csv", row.names = FALSE, na = "")

table_of <- function(m, V = vcov(m), df = df.residual(m)) {
  b <- coef(m); se <- sqrt(diag(V)); t <- b / se
  list(estimate = unname(b), std_error = unname(se), statistic = unname(t), p_value = unname(2 * pt(-abs(t), df)),
       conf_low = unname(b - qt(.975, df) * se), conf_high = unname(b + qt(.975, df) * se), df = df)
}
whole <- function(m) {
  s <- summary(m)
  list(n = nobs(m), r_squared = s$r.squared, adj_r_squared = s$adj.r.squared, sigma = s$sigma, aic = AIC(m), bic = BIC(m),
       f = unname(s$fstatistic), p = unname(pf(s$fstatistic[1], s$fstatistic[2], s$fstatistic[3], lower.tail = FALSE)),
       residuals = unname(residuals(m)), fitted = unname(fitted(m)), leverage = unname(hatvalues(m)))
}
steps_of <- function(models, V) lapply(seq_along(models), function(i) {
  m <- models[[i]]; small <- if (i > 1) models[[i - 1]] else update(m, . ~ 1)
  s <- summary(m); r0 <- summary(small)$r.squared
  w <- waldtest(small, m, vcov = V, test = "F")
  list(r_squared = s$r.squared, adj_r_squared = s$adj.r.squared, delta_r_squared = s$r.squared - r0,
       f2 = (s$r.squared - r0) / (1 - s$r.squared), f_change = w$F[2], df1 = w$Df[2], df2 = w$Res.Df[2], p_change = w$`Pr(>F)`[2],
       aic = AIC(m), bic = BIC(m))
})
# the slope of ties at values of strength, ties held at its mean (unweighted), with L'VL
slopes_of <- function(m, V, at, held) {
  L <- t(sapply(at, function(z) { v <- setNames(numeric(length(coef(m))), names(coef(m))); v["ties"] <- 1; v["I(ties^2)"] <- 2 * held; v["ties:strength"] <- z; v }))
  list(at = at, estimate = drop(L %*% coef(m)), std_error = sqrt(diag(L %*% V %*% t(L))))
}

k <- d[!is.na(d$tenure), ]
full <- growth ~ tenure + region + ties + strength + ties:strength + I(ties^2)
out <- list(versions = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")), car = as.character(packageVersion("car")),
                            lmtest = as.character(packageVersion("lmtest"))))
out$terms <- c("(Intercept)", "tenure", "region[south]", "region[west]", "ties", "strength", "ties^2", "ties:strength")
for (name in c("weighted", "unweighted")) {
  k$w <- if (name == "weighted") k$precision else 1
  m <- lm(full, k, weights = w)
  blocks <- list(growth ~ tenure + region, growth ~ tenure + region + ties + strength, growth ~ tenure + region + ties + strength + I(ties^2), full)
  models <- lapply(blocks, function(f) lm(f, k, weights = w))
  robust <- list(classical = vcov(m))
  for (type in c("HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5")) robust[[type]] <- vcovHC(m, type = type)
  G <- length(unique(k$team))
  CR0 <- vcovCL(m, k$team, type = "HC0", cadjust = FALSE); CR1 <- vcovCL(m, k$team, type = "HC1", cadjust = TRUE)
  at <- c(mean(k$strength) - sd(k$strength), mean(k$strength), mean(k$strength) + sd(k$strength))
  waldF <- function(V) { b <- coef(m)[-1]; unname(drop(t(b) %*% solve(V[-1, -1], b)) / length(b)) }
  out[[name]] <- list(
    whole = whole(m), tables = c(lapply(robust, function(V) table_of(m, V)), list(CR0 = table_of(m, CR0, G - 1), CR1 = table_of(m, CR1, G - 1))),
    wald = list(HC3 = waldF(robust$HC3), CR1 = waldF(CR1)),
    vif_raw = unname(1 / (1 - sapply(2:ncol(model.matrix(m)), function(j) {
      X <- model.matrix(m); summary(lm(X[, j] ~ X[, -c(1, j)], weights = k$w))$r.squared }))),
    slopes = list(classical = slopes_of(m, vcov(m), at, mean(k$ties)), HC3 = slopes_of(m, robust$HC3, at, mean(k$ties)), CR1 = slopes_of(m, CR1, at, mean(k$ties))),
    steps = list(classical = steps_of(models, NULL), HC3 = steps_of(models, function(x) vcovHC(x, type = "HC3")), CR1 = steps_of(models, function(x) vcovCL(x, k$team, type = "HC1")))
  )
  if (name == "unweighted") out$car_vif <- unname(vif(lm(growth ~ tenure + ties + strength, k)))
  if (name == "weighted") out$car_vif_weighted <- unname(vif(lm(growth ~ tenure + ties + strength, k, weights = precision)))
}
# standardised: z-scores first; region stays dummies; lead as it is, then as a z-score
z <- k
for (v in c("growth", "ties", "strength", "tenure")) z[[v]] <- drop(scale(z[[v]]))
ms <- lm(growth ~ tenure + region + lead + ties + strength + lead:ties + ties:strength + I(ties^2), z)
out$standardised <- list(terms = c("(Intercept)", "tenure", "region[south]", "region[west]", "lead", "ties", "strength", "lead:ties", "ties:strength", "ties^2"))
pick <- function(m) { V <- vcovHC(m, type = "HC3"); o <- table_of(m, V); o$names <- names(coef(m)); o }
out$standardised$kept <- pick(ms)
z$lead <- drop(scale(z$lead))
out$standardised$binary <- pick(update(ms, data = z))
mw <- lm(growth ~ ties * strength, z, weights = precision)
out$standardised$weighted <- pick(mw)
# several outcomes: one common sample, and each its own
c2 <- na.omit(d)
o <- function(y, data) { m <- lm(reformulate("tenure + ties * lead", y), data); c(table_of(m, vcovHC(m, type = "HC3")), n = nobs(m)) }
out$outcomes <- list(common = list(growth = o("growth", c2), quota = o("quota", c2)), own = list(growth = o("growth", d), quota = o("quota", d)))
# the little table of the docstrings
small <- lm(c(1, 2, 2, 5) ~ c(0, 1, 2, 4)); out$small <- c(AIC(small), BIC(small))
write_json(out, "expected.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
