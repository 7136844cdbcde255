# Golden values of the tables of a study.  Run from inside this folder:  Rscript make.R
# Reads people.csv, writes expected.json and session.txt.
# What is computed twice is asserted to agree; the script stops otherwise.
suppressPackageStartupMessages({library(psych); library(jsonlite)})
options(digits = 15, warn = 2)
people <- read.csv("people.csv")
rows <- c("y1", "y2"); columns <- c("x1", "x2", "x3")
agree <- function(what, a, b, tol = 1e-10) {
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  if (max(abs(a - b) / pmax(abs(a), abs(b), 1e-300)) > tol) stop(what)
}

frequencies <- lapply(columns, function(v) {
  x <- people[[v]]
  list(n = sum(!is.na(x)), missing = sum(is.na(x)), counts = as.integer(table(factor(x, levels = 1:6))))
})
names(frequencies) <- columns

descriptives <- lapply(names(people), function(v) {
  x <- people[[v]][!is.na(people[[v]])]; n <- length(x); m <- function(j) mean((x - mean(x))^j)
  g1 <- sqrt(n * (n - 1)) / (n - 2) * m(3) / m(2)^1.5
  g2 <- (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m(4) / m(2)^2 - 3) + 6)
  agree("skew", g1, psych::skew(x, type = 2)); agree("kurtosis", g2, psych::kurtosi(x, type = 2))
  list(n = n, missing = sum(is.na(people[[v]])), mean = mean(x), sd = sd(x), median = median(x),
       min = min(x), max = max(x), skew = psych::skew(x, type = 2), kurtosis = psych::kurtosi(x, type = 2))
})
names(descriptives) <- names(people)

correlate <- function(d, method) {
  found <- list()
  for (r in rows) for (k in columns) {
    both <- complete.cases(d[c(r, k)]); x <- d[[r]][both]; y <- d[[k]][both]; n <- length(x)
    if (method == "pearson") { t <- cor.test(x, y); ci <- as.numeric(t$conf.int)
    } else {
      t <- cor.test(x, y, method = method, exact = FALSE); e <- as.numeric(t$estimate)
      s <- if (method == "spearman") sqrt((1 + e^2 / 2) / (n - 3)) else sqrt(.437 / (n - 4))
      ci <- tanh(atanh(e) + c(-1, 1) * qnorm(.975) * s)          # Bonett and Wright 2000, by hand
    }
    agree("r", t$estimate, cor(x, y, method = method))
    found[[length(found) + 1]] <- list(row = r, column = k, n = n, r = as.numeric(t$estimate), low = ci[1], high = ci[2], p = t$p.value)
  }
  p <- sapply(found, `[[`, "p"); holm <- p.adjust(p, "holm"); bh <- p.adjust(p, "BH")
  lapply(seq_along(found), function(i) c(found[[i]], list(p_holm = holm[i], p_bh = bh[i])))
}
whole <- people[complete.cases(people), ]
correlations <- list(pearson_pairwise = correlate(people, "pearson"), pearson_listwise = correlate(whole, "pearson"),
  spearman_pairwise = correlate(people, "spearman"), kendall_pairwise = correlate(people, "kendall"))

regressions <- lapply(rows, function(y) {
  d <- people[c(y, columns)]; d <- d[complete.cases(d), ]
  m <- lm(reformulate(columns, y), d); s <- summary(m); ci <- confint(m)
  z <- coef(lm(reformulate(columns, y), as.data.frame(scale(d))))[-1]
  agree("beta", z, coef(m)[-1] * sapply(d[columns], sd) / sd(d[[y]]))
  vif <- sapply(columns, function(v) 1 / (1 - summary(lm(reformulate(setdiff(columns, v), v), d))$r.squared))
  agree("vif", vif, diag(solve(cor(d[columns]))))
  f <- s$fstatistic
  list(n = nrow(d), dropped = nrow(people) - nrow(d), r_squared = s$r.squared, adjusted_r_squared = s$adj.r.squared,
    f = f[[1]], df1 = f[[2]], df2 = f[[3]], p = pf(f[[1]], f[[2]], f[[3]], lower.tail = FALSE), residual_sd = s$sigma,
    coefficients = lapply(seq_along(coef(m)), function(i) list(predictor = c("(intercept)", columns)[i], B = coef(m)[[i]],
      se = s$coefficients[i, 2], low = ci[i, 1], high = ci[i, 2], t = s$coefficients[i, 3], p = s$coefficients[i, 4],
      beta = if (i > 1) z[[i - 1]] else NULL, vif = if (i > 1) vif[[i - 1]] else NULL)))
})
names(regressions) <- rows

notes <- list(frequencies = "table() of answers 1 to 6.", descriptives = "sd: divisor n - 1; skew, kurtosis: psych::skew, psych::kurtosi, type = 2 (adjusted G1, G2).",
  correlations = "cor.test, exact = FALSE, 95 %; Pearson's interval is cor.test's, Spearman's and Kendall's is Bonett and Wright's by hand. p_holm, p_bh: p.adjust over the six pairs.",
  regressions = "lm, complete rows of each outcome; beta from lm of scaled columns; vif from the R squared of each predictor on the others.")
write_json(list(notes = notes, frequencies = frequencies, descriptives = descriptives, correlations = correlations, regressions = regressions),
  "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("psych", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
