# Rscript make.R > expected.json: models of R's mtcars with everything a table could print, and regressions on exact moments.
library(jsonlite)
describe <- function(fit) {
  V <- vcov(fit)
  list(terms = names(coef(fit)), coef = unname(coef(fit)), vcov = unname(V), se = unname(sqrt(diag(V))), df = df.residual(fit))
}
lincom <- function(fit, rows, level = 0.95) {
  est <- drop(rows %*% coef(fit)); se <- sqrt(diag(rows %*% vcov(fit) %*% t(rows))); df <- df.residual(fit); q <- qt(1 - (1 - level) / 2, df)
  list(estimate = est, std_error = se, statistic = est / se, p_value = 2 * pt(-abs(est / se), df), conf_low = est - q * se, conf_high = est + q * se)
}
moments <- function(d) list(names = names(d), cor = unname(cor(d)), mean = unname(colMeans(d)), sd = unname(sapply(d, sd)), n = nrow(d))
linear <- function(fit, d) {
  s <- summary(fit); co <- s$coefficients
  z <- as.data.frame(scale(d)); beta <- coef(lm(formula(fit), z))
  list(estimate = unname(co[, 1]), std_error = unname(co[, 2]), statistic = unname(co[, 3]), p_value = unname(co[, 4]),
       beta = unname(beta[-1]), r_squared = s$r.squared, adj_r_squared = s$adj.r.squared, df = df.residual(fit),
       conf = unname(confint(fit)), f = unname(s$fstatistic[1]))
}
wt <- mean(mtcars$wt) + c(-1, 0, 1) * sd(mtcars$wt)
raw <- lm(mpg ~ hp * wt, mtcars)
cc <- transform(mtcars, hp = hp - mean(hp), wt = wt - mean(wt))
centred <- lm(mpg ~ hp * wt, cc)
square <- lm(mpg ~ hp + I(hp^2) + wt, mtcars)
plain <- mtcars[, c("mpg", "hp", "wt", "qsec")]
product <- data.frame(mpg = cc$mpg, hp = cc$hp, wt = cc$wt, product = cc$hp * cc$wt)
three <- lm(mpg ~ hp + wt + qsec, plain)
anova2 <- anova(lm(mpg ~ hp, plain), three)
set.seed(1)
R <- matrix(c(1, .32, .18, .32, 1, .25, .18, .25, 1), 3, dimnames = list(c("y", "a", "b"), c("y", "a", "b")))
s <- c(1.3, 0.9, 2.1); m <- c(4.2, 3.1, 10)
drawn <- as.data.frame(MASS::mvrnorm(85, m, diag(s) %*% R %*% diag(s), empirical = TRUE)); names(drawn) <- c("y", "a", "b")
new <- expand.grid(hp = c(100, 200), wt = wt[c(1, 3)])
pr <- predict(raw, new, interval = "confidence")
out <- list(
  versions = list(R = R.version.string, MASS = as.character(packageVersion("MASS"))),
  raw = c(describe(raw), list(slopes = lincom(raw, cbind(0, 1, 0, wt)))),
  centred = describe(centred), square = describe(square),
  predict = list(hp = new$hp, wt = new$wt, fit = unname(pr[, 1]), low = unname(pr[, 2]), high = unname(pr[, 3])),
  moments = moments(mtcars[, c("hp", "wt")]), wt_range = range(mtcars$wt),
  plain = c(moments(plain), linear(three, plain), list(step = list(f = anova2$F[2], p = anova2$`Pr(>F)`[2]),
            r_squared_first = summary(lm(mpg ~ hp, plain))$r.squared)),
  product = c(moments(product), describe(centred)),
  empirical = c(list(cor = unname(R), mean = m, sd = s, n = 85), linear(lm(y ~ a + b, drawn), drawn))
)
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE))
