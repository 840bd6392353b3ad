# Makes expected.json: Rscript make.R (needs sna, spdep, spatialreg, jsonlite). Data are rounded first, so that the file holds them exactly.
suppressPackageStartupMessages({library(sna); library(spdep); library(spatialreg); library(jsonlite)})
set.seed(20)
num <- function(m) round(m, 4)
square <- function(n) { m <- num(matrix(rnorm(n * n), n, n)); diag(m) <- 0; m }
even <- function(m) { m[upper.tri(m)] <- t(m)[upper.tri(m)]; m }
reps <- 20000

regression <- function(y, x, mode, hyp, reps) {
  found <- netlm(y, x, mode = mode, nullhyp = hyp, reps = reps)
  list(estimate = unname(found$coefficients), statistic = unname(found$tstat), p = found$pgreqabs, larger = found$pgreq,
       smaller = found$pleeq, df = found$df.residual, reps = reps)
}
n <- 15
people <- rnorm(n)
x <- list(square(n), num(square(n) + outer(people, people, "+")), num(1 * (square(n) > 0.3)))
y <- num(0.25 * x[[1]] + 0.15 * x[[2]] + square(n) + outer(people, rnorm(n), "+")); diag(y) <- 0
directed <- list(y = y, x = x, dsp = regression(y, x, "digraph", "qapspp", reps), qapy = regression(y, x, "digraph", "qapy", reps))
gaps <- y; gaps[2, 5] <- NA; gaps[9, 3] <- NA; gaps[7, 8] <- NA
holes <- list(y = gaps, fit = regression(gaps, x, "digraph", "qapy", 10)[c("estimate", "statistic", "df")])
xe <- lapply(x, even); ye <- even(y)
undirected <- list(y = ye, x = xe, dsp = regression(ye, xe, "graph", "qapspp", reps))

correlation <- function(a, b, mode) {
  both <- array(0, c(2, nrow(a), nrow(a))); both[1, , ] <- a; both[2, , ] <- b
  found <- qaptest(both, function(dat, g1, g2) gcor(dat, g1 = g1, g2 = g2, mode = mode), g1 = 1, g2 = 2, reps = 20000)
  list(estimate = found$testval, larger = found$pgreq, smaller = found$pleeq, p = mean(abs(found$dist) >= abs(found$testval)), reps = 20000)
}
qap <- list(directed = correlation(y, x[[2]], "digraph"), undirected = correlation(ye, xe[[2]], "graph"))

# Autocorrelation: 60 people, two of them without ties, undirected and directed.
n <- 60
A <- 1 * (matrix(runif(n * n), n, n) < 0.05); diag(A) <- 0; A[c(7, 31), ] <- 0; A[, c(7, 31)] <- 0
B <- A + t(A)
graphs <- list(undirected = B, directed = A)
# spdep leaves cases without neighbours out of n in the moments of I, though their residuals are in e'e; so these have a tie each.
C <- A; for (i in which(rowSums(C) == 0)) C[i, i %% n + 1] <- 1
full <- list(undirected = 1 * (C + t(C) > 0), directed = C)
X <- cbind(num(rnorm(n, 5, 2)), num(rnorm(n)))
normal <- function(W) { s <- rowSums(W); W / ifelse(s > 0, s, 1) }
yl <- num(as.vector(solve(diag(n) - 0.45 * normal(B), 1 + 0.5 * X[, 1] - 0.4 * X[, 2] + rnorm(n))))
data <- data.frame(y = yl, a = X[, 1], b = X[, 2])
ols <- lm(y ~ a + b, data)
sar <- function(W, model) {
  lw <- mat2listw(W, style = "M")
  found <- if (model == "lag") lagsarlm(y ~ a + b, data, lw, method = "eigen", zero.policy = TRUE, control = list(tol.opt = 1e-15, fdHess = FALSE))
           else errorsarlm(y ~ a + b, data, lw, method = "eigen", zero.policy = TRUE, control = list(tol.opt = 1e-15, fdHess = FALSE))
  rho <- if (model == "lag") found$rho else found$lambda
  se <- if (model == "lag") found$rho.se else found$lambda.se
  l <- if (model == "lag") lnam(yl, cbind(1, X), W1 = W, tol = 1e-14, control = list(reltol = 1e-14))
       else lnam(yl, cbind(1, X), W2 = W, tol = 1e-14, control = list(reltol = 1e-14))
  list(estimate = unname(c(rho, found$coefficients)), std_error = unname(c(se, found$rest.se)), sigma2 = unname(found$s2),
       log_likelihood = as.numeric(found$LL), lr = unname(as.numeric(LR1.Sarlm(found)$statistic)), lr_p = unname(as.numeric(LR1.Sarlm(found)$p.value)),
       lnam = list(estimate = unname(c(if (model == "lag") l$rho1 else l$rho2, l$beta)),
                   std_error = unname(c(if (model == "lag") l$rho1.se else l$rho2.se, l$beta.se)), sigma = as.numeric(l$sigma)))
}
test <- function(W) {
  found <- lm.morantest(ols, mat2listw(W, style = "M"), alternative = "two.sided", zero.policy = TRUE)
  list(estimate = unname(found$estimate[1]), expected = unname(found$estimate[2]), variance = unname(found$estimate[3]),
       statistic = as.numeric(found$statistic), p = as.numeric(found$p.value))
}
autocorrelation <- list(data = as.list(data), graphs = graphs, full = full, raw = list(), normalised = list())
for (name in names(graphs)) {
  W <- graphs[[name]]
  autocorrelation$normalised[[name]] <- list(lag = sar(normal(W), "lag"), error = sar(normal(W), "error"), moran = test(normal(full[[name]])))
  autocorrelation$raw[[name]] <- list(lag = sar(W, "lag"), moran = test(full[[name]]), isolates = test(W)$estimate)
}
mc <- moran.mc(residuals(lm(y ~ 1, data)), mat2listw(normal(B), style = "M"), nsim = 50000, zero.policy = TRUE, alternative = "greater")
autocorrelation$mc <- list(estimate = unname(mc$statistic), p_greater = mc$p.value, mean = mean(mc$res[1:50000]), sd = sd(mc$res[1:50000]), reps = 50000)

versions <- c(R = as.character(getRversion()), sapply(c("sna", "spdep", "spatialreg"), function(p) as.character(packageVersion(p))))
write(toJSON(list(directed = directed, holes = holes, undirected = undirected, qap = qap, autocorrelation = autocorrelation,
                  versions = as.list(versions)), digits = NA, auto_unbox = TRUE, na = "null"), "expected.json")
