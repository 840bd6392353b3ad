# Expected values for tests/test_slope_differences.py, test_slope_region.py, test_curve_moderation.py, test_two_lines.py
# and test_specifications.py: Rscript make.R, run in this folder. R is needed for making them only.
suppressPackageStartupMessages({library(emmeans); library(car); library(sandwich); library(lmtest); library(mgcv); library(jsonlite)})
set.seed(20)
n <- 180
d <- data.frame(x = round(rnorm(n, 3, 1), 3), z = round(rnorm(n, -1, 2), 3), w = round(rnorm(n), 3),
                g = sample(c("north", "east", "south", "west"), n, TRUE))
shift <- c(east = 0, north = .5, south = -.4, west = .9)[d$g]
d$y <- round(1 + .5 * d$x + .3 * d$z + shift * d$x + .25 * d$x * d$z + .2 * d$x * d$z * d$w + rnorm(n), 3)
d$v <- round(2 + 1.2 * d$x - .5 * d$x^2 + .3 * d$z + .2 * d$x * d$z + .12 * d$x^2 * d$z + .3 * d$w + rnorm(n), 3)
d$u <- round(2 * log(d$x - min(d$x) + .3) + .3 * d$w + rnorm(n, 0, .6), 3)
write.csv(d, "data.csv", row.names = FALSE)
out <- list(versions = list(R = R.version.string, emmeans = as.character(packageVersion("emmeans")), car = as.character(packageVersion("car")),
  sandwich = as.character(packageVersion("sandwich")), lmtest = as.character(packageVersion("lmtest")), mgcv = as.character(packageVersion("mgcv"))))

tab <- function(s) { s <- as.data.frame(s); list(label = as.character(s[[1]]), estimate = s[[grep("trend$|^estimate$|^emmean$", names(s))[1]]],
  std_error = s$SE, df = s$df, conf_low = s$lower.CL, conf_high = s$upper.CL, statistic = s$t.ratio, p_value = s$p.value) }

# slopes per category, their differences, the joint test
for (kind in c("classical", "HC3")) {
  m <- lm(y ~ x * g + z, d)
  V <- if (kind == "HC3") vcovHC(m, "HC3") else vcov(m)
  tr <- emtrends(m, ~ g, var = "x", vcov. = V)
  pr <- pairs(tr, adjust = "none")
  out[[paste0("categories_", kind)]] <- list(slopes = tab(summary(tr, infer = c(TRUE, TRUE))),
    pairs = tab(summary(pr, infer = c(TRUE, TRUE), adjust = "none")),
    joint = { h <- linearHypothesis(m, c("x:gnorth = 0", "x:gsouth = 0", "x:gwest = 0"), vcov. = V); list(f = h$F[2], df1 = h$Df[2], df2 = h$Res.Df[2], p = h$`Pr(>F)`[2]) },
    means = tab(summary(emmeans(m, ~ g, at = list(x = 2.5, z = .5), vcov. = V), infer = c(TRUE, TRUE))))
  jt <- joint_tests(tr)
  out[[paste0("categories_", kind)]]$joint_emmeans <- list(f = jt$F.ratio, df1 = jt$df1, df2 = jt$df2, p = jt$p.value)
  # north against east (the base) at values of x: the contrast of category means
  em <- emmeans(m, ~ g, at = list(x = 1), vcov. = V)
  diffs <- lapply(c(1, 3, 5), function(at) tab(summary(contrast(emmeans(m, ~ g, at = list(x = at), vcov. = V), "trt.vs.ctrl", ref = 1), infer = c(TRUE, TRUE), adjust = "none")))
  out[[paste0("categories_", kind)]]$against_base <- list(x = c(1, 3, 5), tables = diffs)

  # three-way: the four slopes and the six differences of Dawson and Richter
  m3 <- lm(y ~ x * z * w, d)
  V3 <- if (kind == "HC3") vcovHC(m3, "HC3") else vcov(m3)
  at <- list(z = mean(d$z) + c(-1, 1) * sd(d$z), w = mean(d$w) + c(-1, 1) * sd(d$w))
  t3 <- emtrends(m3, ~ w * z, var = "x", at = at, vcov. = V3)
  out[[paste0("three_way_", kind)]] <- list(slopes = tab(summary(t3, infer = c(TRUE, TRUE))),
    pairs = tab(summary(pairs(t3, adjust = "none"), infer = c(TRUE, TRUE), adjust = "none")))

  # the slope over x and z, both x^2 and xz in the model
  m2 <- lm(v ~ x + I(x^2) + z + x:z + w, d)
  V2 <- if (kind == "HC3") vcovHC(m2, "HC3") else vcov(m2)
  grid <- expand.grid(x = seq(min(d$x), max(d$x), length.out = 5), z = seq(min(d$z), max(d$z), length.out = 4))
  L <- cbind(0, 1, 2 * grid$x, 0, 0, grid$z)
  h <- apply(L, 1, function(row) { l <- linearHypothesis(m2, row, 0, vcov. = V2); c(attr(l, "value")[1], sqrt(attr(l, "vcov")[1]), l$`Pr(>F)`[2]) })
  # emtrends is left out here: its forward difference quotient is off by the square times its step
  out[[paste0("map_", kind)]] <- list(x = grid$x, z = grid$z, estimate = h[1, ], std_error = h[2, ], p_value = h[3, ])

  # a moderated curve
  mq <- lm(v ~ x + I(x^2) + z + x:z + I(x^2):z + w, d)
  Vq <- if (kind == "HC3") vcovHC(mq, "HC3") else vcov(mq)
  names(mq$coefficients) -> nm
  pn <- c("b0", "b1", "b2", "b5", "b6", "b3", "b4")
  dm <- function(g) { r <- deltaMethod(setNames(coef(mq), pn), g, vcov. = matrix(Vq, 7, dimnames = list(pn, pn))); c(r$Estimate, r$SE) }
  zs <- mean(d$z) + c(-1, 0, 1) * sd(d$z)
  out[[paste0("curve_", kind)]] <- list(z = zs, df = mq$df.residual,
    shift = sapply(zs, function(z) dm(sprintf("(b1*b4 - b2*b3)/(2*(b2 + b4*(%.17g))^2)", z))),
    turning = sapply(zs, function(z) dm(sprintf("-(b1 + b3*(%.17g))/(2*(b2 + b4*(%.17g)))", z, z))),
    flip = dm("-b2/b4"),
    b4 = { r <- coeftest(mq, vcov. = Vq)["I(x^2):z", ]; unname(r) },
    joint = { l <- linearHypothesis(mq, c("x:z = 0", "I(x^2):z = 0"), vcov. = Vq); list(f = l$F[2], p = l$`Pr(>F)`[2]) })

  # without the product of the square
  mh <- lm(v ~ x + I(x^2) + z + x:z + w, d)
  Vh <- if (kind == "HC3") vcovHC(mh, "HC3") else vcov(mh)
  ph <- c("b0", "b1", "b2", "b5", "b6", "b3")
  r <- deltaMethod(setNames(coef(mh), ph), "-b3/(2*b2)", vcov. = matrix(Vh, 6, dimnames = list(ph, ph)))
  out[[paste0("curve_", kind)]]$shift_without <- c(r$Estimate, r$SE)
}

# percentiles
out$percentiles <- list(type7 = unname(quantile(d$z, c(.16, .5, .84), type = 7)), type6 = unname(quantile(d$z, c(.16, .5, .84), type = 6)))

# two lines at a given break, with a number and a category as controls
two <- function(outcome, at, kind) {
  e <- d; e$low <- ifelse(e$x <= at, e$x - at, 0); e$high <- ifelse(e$x > at, e$x - at, 0); e$up <- as.numeric(e$x > at)
  m <- lm(reformulate(c("low", "high", "up", "w", "g"), outcome), e)
  ct <- coeftest(m, vcov. = if (kind == "classical") vcov(m) else vcovHC(m, kind))
  ci <- coefci(m, vcov. = if (kind == "classical") vcov(m) else vcovHC(m, kind))
  list(outcome = outcome, at = at, kind = kind, estimate = unname(ct[2:3, 1]), std_error = unname(ct[2:3, 2]), statistic = unname(ct[2:3, 3]), p_value = unname(ct[2:3, 4]),
       conf_low = unname(ci[2:3, 1]), conf_high = unname(ci[2:3, 2]), df = m$df.residual)
}
out$two_lines <- list(two("v", 2.5, "HC3"), two("v", 3.2, "classical"), two("u", 4, "HC3"))

# the flexible fit: a restricted cubic spline with five knots, beside the GAM of the original
library(splines)
knots <- quantile(d$x, c(.05, .275, .5, .725, .95))
ms <- lm(u ~ ns(x, knots = knots[2:4], Boundary.knots = knots[c(1, 5)]) + w, d)
pt <- predict(ms, data.frame(x = d$x, w = mean(d$w)), se.fit = TRUE)
out$spline <- list(knots = unname(knots), fit = unname(pt$fit), se = unname(pt$se.fit))

# with and without quadratics
pair <- function(kind) {
  a <- lm(v ~ x * z + I(x^2) + I(z^2) + w, d); b <- lm(v ~ x * z + w, d)
  f <- function(m) { r <- coeftest(m, vcov. = if (kind == "HC3") vcovHC(m, "HC3") else vcov(m))["x:z", ]; c(unname(r), summary(m)$r.squared) }
  list(with = f(a), without = f(b))
}
out$specifications <- list(classical = pair("classical"), HC3 = pair("HC3"))
# the slope of x along z at a value of w, for the floodlight: p by emtrends, the bounds by uniroot on |t| less its critical value
m3 <- lm(y ~ x * z * w, d)
for (kind in c("classical", "HC3")) {
  V3 <- if (kind == "HC3") vcovHC(m3, "HC3") else vcov(m3)
  z <- seq(min(d$z), max(d$z), length.out = 9)
  s <- as.data.frame(summary(emtrends(m3, ~ z, var = "x", at = list(z = z, w = 0.5), vcov. = V3), infer = c(TRUE, TRUE)))
  margin <- function(at) { L <- c(0, 1, 0, 0, at, .5, 0, .5 * at); abs(sum(L * coef(m3))) / sqrt(drop(L %*% V3 %*% L)) - qt(.975, m3$df.residual) }
  fine <- seq(min(d$z), max(d$z), length.out = 400)
  sign <- sapply(fine, margin) > 0
  bounds <- sapply(which(diff(sign) != 0), function(i) uniroot(margin, fine[c(i, i + 1)], tol = 1e-13)$root)
  out[[paste0("floodlight_", kind)]] <- list(z = z, estimate = s$x.trend, std_error = s$SE, p_value = s$p.value, bounds = I(bounds))
}
write_json(out, "expected.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
