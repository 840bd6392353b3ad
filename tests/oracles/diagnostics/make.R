# Rscript make.R, in this folder: expected.json from data.csv.
library(jsonlite); library(sandwich); library(lmtest)
data <- read.csv("data.csv"); data$region <- factor(data$region)
xc <- data$x - mean(data$x); zc <- data$z - mean(data$z)
main <- lm(y ~ w + region + x * z, data)
out <- list()

# binning estimator, in the parametrisation of Hainmueller, Mummolo & Xu (2019), eq. 4
edges <- quantile(data$z, c(0, 1/3, 2/3, 1))
data$bin <- cut(data$z, edges, include.lowest = TRUE, labels = FALSE)
medians <- tapply(data$z, data$bin, median)
data$G <- factor(data$bin); data$zz <- data$z - medians[data$bin]
binned <- lm(y ~ 0 + G + G:x + G:zz + G:x:zz + w + region, data)
nested <- lm(y ~ w + region + x * z + G + G:x + G:z + G:x:z, data)
stopifnot(abs(deviance(binned) - deviance(nested)) < 1e-8)
kinds <- list(classical = function(m) vcov(m), HC3 = function(m) vcovHC(m, "HC3"),
              CR1 = function(m) vcovCL(m, data$group, type = "HC1", cadjust = TRUE))
out$linearity <- lapply(names(kinds), function(kind) {
  V <- kinds[[kind]](binned); at <- paste0("G", 1:3, ":x")
  kept <- !is.na(coef(nested)); W <- kinds[[kind]](nested); b <- coef(nested)[kept]
  added <- grep("G", names(b)); chi <- drop(b[added] %*% solve(W[added, added], b[added]))
  df <- if (kind == "CR1") 19 else df.residual(binned)
  t <- coef(binned)[at] / sqrt(diag(V)[at])
  list(kind = kind, at = as.numeric(medians), estimate = unname(coef(binned)[at]), std_error = unname(sqrt(diag(V)[at])), df = df,
       p_value = unname(2 * pt(-abs(t), df)), chi_square = chi, df1 = length(added), p = pf(chi / length(added), length(added), df, lower.tail = FALSE))
})

# influence
i <- influence.measures(main)
out$influence <- list(term = "x:z", dfbetas = unname(i$infmat[, "dfb.x:z"]), cook = unname(cooks.distance(main)), leverage = unname(hatvalues(main)),
  studentized = unname(rstudent(main)), dfbeta = unname(dfbeta(main)[, "x:z"]), cook_cluster =
  unname(sapply(0:19, function(g) { d <- coef(main) - coef(update(main, subset = data$group != g)); drop(t(d) %*% solve(vcov(main)) %*% d) / length(d) })),
  without_cluster = unname(sapply(0:19, function(g) coef(update(main, subset = data$group != g))["x:z"])))

# collinearity: singular values of unit-length columns
belsley <- function(X) { s <- svd(sweep(X, 2, sqrt(colSums(X^2)), "/")); phi <- sweep(s$v^2, 2, s$d^2, "/")
  list(index = s$d[1] / s$d, proportions = t(phi / rowSums(phi))) }
d <- model.matrix(~ w + region, data); wc <- data$w - mean(data$w)
out$collinearity <- list(raw = belsley(model.matrix(main)), centred = belsley(cbind(1, wc, d[, 3:4], xc, zc, xc * zc)))

# assumptions
pack <- function(test) list(statistic = unname(test$statistic), df = unname(test$parameter), p_value = unname(test$p.value))
fit <- fitted(main)
out$bptest <- list(koenker = pack(bptest(main)), original = pack(bptest(main, studentize = FALSE)), white = pack(bptest(main, ~ fit + I(fit^2))))
out$reset <- list(`2,3` = pack(resettest(main, power = 2:3)), `2` = pack(resettest(main, power = 2)), `3` = pack(resettest(main, power = 3)))
wide <- update(main, . ~ . + I(fit^2) + I(fit^3))
robust <- waldtest(main, wide, vcov = vcovHC(wide, "HC3"))
out$reset$HC3 <- list(statistic = robust$F[2], df = c(2, df.residual(wide)), p_value = robust$`Pr(>F)`[2])

# several hypotheses
p <- c(.001, .04, .03, .5, NA, .012, .04, .9, 1e-12)
out$adjust <- c(list(p = p), lapply(c(holm = "holm", bh = "BH", bonferroni = "bonferroni", hochberg = "hochberg", by = "BY"), function(m) p.adjust(p, m)))

# sizes
s <- summary(main); df <- df.residual(main); n <- nrow(data); t <- s$coefficients[-1, 3]
limits <- function(F, q) sapply(c(.975, .025), function(tail) { miss <- function(l) pf(F, q, df, ncp = l) - tail
  if (miss(0) <= 0) 0 else uniroot(miss, c(0, 1000), tol = 1e-12)$root / n })
nine <- anova(lm(y ~ w + x * z, data), main)
z_data <- data.frame(y = c(scale(data$y)), w = c(scale(data$w)), x = c(scale(data$x)), z = c(scale(data$z)), region = data$region)
zfit <- lm(y ~ w + region + x * z, z_data)
out$sizes <- list(term = names(t), f_squared = unname(t^2 / df), partial = unname(t^2 / (t^2 + df)), delta = unname(t^2 * (1 - s$r.squared) / df),
  limits = unname(t(sapply(t^2, limits, q = 1))), region_f_squared = nine$F[2] * 2 / df, region_limits = limits(nine$F[2], 2),
  standardized = unname(coef(zfit)[-1]), standardized_low = unname(confint(zfit)[-1, 1]))

# shares of R2: all orders of entry, one after the other
blocks <- list(w = "w", region = "region", x = c("x"), z = c("z", "I(xc*zc)"))
r2 <- function(names) if (!length(names)) 0 else summary(lm(reformulate(unlist(blocks[names]), "y"), data))$r.squared
orders <- expand.grid(rep(list(names(blocks)), 4), stringsAsFactors = FALSE); orders <- orders[apply(orders, 1, function(o) !anyDuplicated(o)), ]
share <- sapply(names(blocks), function(b) mean(apply(orders, 1, function(o) { k <- match(b, o); r2(o[seq_len(k)]) - r2(o[seq_len(k - 1)]) })))
out$shares <- list(block = names(share), share = unname(share), alone = unname(sapply(names(blocks), r2)))

# partial residuals of a model without products
additive <- lm(y ~ w + region + x + z, data)
out$partial <- list(x = unname(residuals(additive, "partial")[, "x"]), z = unname(residuals(additive, "partial")[, "z"]))
# kernel-weighted regression at one value of the moderator
h <- 0.8; at <- 2.5; k <- exp(-.5 * ((data$z - at) / h)^2)
local <- lm(y ~ x * z, data, weights = k)
row <- c(0, 1, 0, at)
X <- model.matrix(local); bread <- solve(t(X) %*% (k * X)); V <- bread %*% t(X) %*% ((k * residuals(local))^2 * X) %*% bread
out$local <- list(at = at, h = h, slope = drop(row %*% coef(local)), std_error = sqrt(drop(row %*% V %*% row)))
out$versions <- list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")), lmtest = as.character(packageVersion("lmtest")))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "expected.json")
