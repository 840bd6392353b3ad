# Correlations with their p (cor.test) and the change in R2 of nested models (anova), on mtcars. Run from the repository's root.
library(jsonlite)
cars <- read.csv("tests/data/mtcars.csv")
names <- c("mpg", "wt", "hp")
pairs <- combn(names, 2, simplify = FALSE)
tests <- lapply(pairs, function(pair) {
  found <- cor.test(cars[[pair[1]]], cars[[pair[2]]])
  list(a = pair[1], b = pair[2], r = unname(found$estimate), p = found$p.value, df = unname(found$parameter))
})
models <- list(lm(mpg ~ wt, cars), lm(mpg ~ wt + hp, cars), lm(mpg ~ wt + hp + I(wt^2) + I(hp^2), cars))
steps <- lapply(2:3, function(i) {
  compared <- anova(models[[i - 1]], models[[i]])
  list(
    delta = summary(models[[i]])$r.squared - summary(models[[i - 1]])$r.squared,
    f = compared$F[2], df1 = compared$Df[2], df2 = compared$Res.Df[2], p = compared$`Pr(>F)`[2]
  )
})
out <- list(versions = list(R = as.character(getRversion())), names = names, correlations = tests, steps = steps)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "tests/oracles/tables/expected.json")
