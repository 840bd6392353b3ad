# Expected covariances, t tests and joint tests. Run here: Rscript make.R (writes data.csv, panel.csv and expected.json).
suppressMessages({library(sandwich); library(clubSandwich); library(lmtest); library(jsonlite)})
set.seed(20)
n <- 120; G <- 10
team <- sample(rep(1:G, times = c(30, 22, 16, 12, 10, 9, 8, 6, 4, 3)))
month <- sample(1:7, n, TRUE)
x <- rnorm(n, 5) + rnorm(G)[team]; z <- rgamma(n, 2) + 0.5 * rnorm(G)[team]; w <- rnorm(n)
y <- 1 + 0.4 * x - 0.3 * z + 0.25 * (x - 5) * z - 0.1 * (x - 5)^2 + rnorm(G)[team] + 0.3 * month + rnorm(n) * (1 + 0.3 * abs(z))
only <- as.numeric(team == 10)          # one team alone decides this column
data <- round(data.frame(y, x, z, w, only), 6); data$team <- team; data$month <- month
write.csv(data, "data.csv", row.names = FALSE)
xc <- data$x - mean(data$x); zc <- data$z - mean(data$z)
fit <- lm(y ~ w + x + z + I(x^2) + x:z, transform(data, x = xc, z = zc))
lonely <- lm(y ~ w + only, data)
C <- diag(6)
table_of <- function(fit, V, df) {
  t <- coeftest(fit, vcov. = V, df = df); ci <- coefci(fit, vcov. = V, df = df)
  list(matrix = unname(V), estimate = unname(t[, 1]), std_error = unname(t[, 2]), statistic = unname(t[, 3]), p_value = unname(t[, 4]),
       conf_low = unname(ci[, 1]), conf_high = unname(ci[, 2]), df = df)
}
clubbed <- function(fit, kind) {
  V <- vcovCR(fit, cluster = data$team, type = kind)
  t <- coef_test(fit, V, test = if (kind == "CR2") "Satterthwaite" else "naive-t"); ci <- conf_int(fit, V, test = if (kind == "CR2") "Satterthwaite" else "naive-t")
  list(matrix = unname(as.matrix(unclass(V)[seq_along(coef(fit)), seq_along(coef(fit))])), estimate = t$beta, std_error = t$SE, statistic = t$tstat,
       df = if (kind == "CR2") t$df_Satt else rep(G - 1, nrow(t)), p_value = if (kind == "CR2") t$p_Satt else t$p_t,
       conf_low = ci$CI_L, conf_high = ci$CI_U)
}
hc <- list(classical = table_of(fit, vcov(fit), df.residual(fit)))
for (kind in c("HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5")) hc[[kind]] <- table_of(fit, vcovHC(fit, type = kind), df.residual(fit))
cr <- list(); for (kind in c("CR0", "CR1S", "CR1", "CR1p", "CR2", "CR3")) cr[[kind]] <- clubbed(fit, kind)
alone <- list(CR2 = clubbed(lonely, "CR2"))
V2 <- vcovCR(fit, cluster = data$team, type = "CR2")
joint <- function(fit, V, which, test) {
  w <- Wald_test(fit, constraints = constrain_zero(which), vcov = V, test = test)
  list(statistic = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p_value = w$p_val)
}
htz <- list(); for (which in list(6, c(5, 6), c(3, 4, 5), 2:6)) htz[[paste(which, collapse = ",")]] <- joint(fit, V2, which, "HTZ")
nested <- lm(y ~ w + x + z, data)
htz$main <- joint(nested, vcovCR(nested, cluster = data$team, type = "CR2"), 3:4, "HTZ")
naive <- joint(fit, vcovCR(fit, cluster = data$team, type = "CR1S"), c(5, 6), "Naive-F")
# slopes of x at fixed values of z and of x: rows over (1, w, x, z, x^2, x:z), centred
at <- seq(-3, 12, length.out = 31)
rows <- cbind(0, 0, 1, 0, 0, at - mean(data$z))
slopes <- linear_contrast(fit, V2, contrasts = rows, test = "Satterthwaite")
curve <- linear_contrast(fit, V2, contrasts = cbind(0, 0, 1, 0, 2 * (at - mean(data$x)), 0), test = "Satterthwaite")
rows_of <- function(l) list(at = at, estimate = l$Est, std_error = l$SE, df = l$df, conf_low = l$CI_L, conf_high = l$CI_U)
two <- list(); small <- lm(y ~ w + x, data)   # the covariance of the larger model is indefinite here
two$CR1 <- table_of(small, vcovCL(small, cluster = data[c("team", "month")], type = "HC1", multi0 = FALSE), 6)
two$CR0 <- table_of(small, vcovCL(small, cluster = data[c("team", "month")], type = "HC0", cadjust = FALSE, multi0 = FALSE), 6)
two$indefinite <- list(matrix = unname(vcovCL(fit, cluster = data[c("team", "month")], type = "HC1", multi0 = FALSE)))
# firms seen for some years, both with effects of their own in x and y, as in the simulations of Petersen (2009)
set.seed(21)
panel <- expand.grid(firm = 1:40, year = 1:10)
effects <- function() rnorm(40)[panel$firm] + 0.6 * rnorm(10)[panel$year] + rnorm(400)
panel$x <- round(effects(), 4); panel$y <- round(panel$x + effects(), 4)
write.csv(panel, "panel.csv", row.names = FALSE)
m <- lm(y ~ x, panel)
se <- function(V) unname(sqrt(diag(V)))
panel_errors <- list(
  estimate = unname(coef(m)), classical = se(vcov(m)), white = se(vcovHC(m, "HC1")),
  firm = se(vcovCL(m, ~firm, type = "HC1")), year = se(vcovCL(m, ~year, type = "HC1")),
  both = se(vcovCL(m, ~ firm + year, type = "HC1")), both0 = se(vcovCL(m, ~ firm + year, type = "HC0", cadjust = FALSE)),
  both_multi0 = se(vcovCL(m, ~ firm + year, type = "HC1", multi0 = TRUE)))
write_json(list(versions = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
    clubSandwich = as.character(packageVersion("clubSandwich")), lmtest = as.character(packageVersion("lmtest"))),
  hc = hc, cr = cr, alone = alone, htz = htz, naive = naive, slopes = rows_of(slopes), curve = rows_of(curve), two_way = two,
  panel = panel_errors), "expected.json", digits = NA, auto_unbox = TRUE)
