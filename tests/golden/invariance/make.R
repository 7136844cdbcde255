# Golden values of measurement invariance.  Run from inside this folder:
#   Rscript make.R
# Reads bfi.csv and HolzingerSwineford1939.csv, writes mixed.csv, occasions.csv, expected.json and
# session.txt.
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})
options(digits = 15, warn = 2)

# ---------------------------------------------------------------- simulated answers
set.seed(20); n <- 1500
cut_at <- function(y, at) findInterval(y, at)
site <- rep(c("north", "south"), each = n / 2); south <- site == "south"
f <- rnorm(n) * ifelse(south, 1.2, 1) + 0.5 * south
Y <- sapply(1:6, function(i) 0.8 * f + 0.6 * rnorm(n)); Y[, 3] <- Y[, 3] + 0.25 * south
at <- list(c(-.5, .6), c(-1, -.4, .7), c(-.9, -.1, .8), .9, -.7, c(-.2, .9))
mixed <- data.frame(site, sapply(1:6, function(i) cut_at(Y[, i], at[[i]])))
names(mixed) <- c("site", paste0("y", 1:6))
write.csv(mixed, "mixed.csv", row.names = FALSE, quote = FALSE)
m <- 600; F1 <- rnorm(m); F2 <- 0.3 + 0.7 * F1 + 0.6 * rnorm(m); own <- matrix(rnorm(m * 5), m)
wave <- function(f, shift) sapply(1:5, function(i) cut_at(c(.9, .8, .7, .8, .6)[i] * f + 0.35 * own[, i] +
  0.5 * rnorm(m) + shift * (i == 4), list(c(-.8, .1, 1), c(-.6, .2, 1.1), c(-1, 0, .9), c(-.7, .1, .8), c(-.9, 0, 1))[[i]]))
occasions <- data.frame(pid = 1:m, wave(F1, 0), wave(F2, .3))
names(occasions) <- c("pid", paste0("a", 1:5), paste0("b", 1:5))
write.csv(occasions, "occasions.csv", row.names = FALSE, quote = FALSE)

# ---------------------------------------------------------------- fitting
B <- read.csv("bfi.csv"); for (v in c("E1", "E2")) B[[v]] <- 7 - B[[v]]
B <- B[complete.cases(B), ]; B$gender <- as.character(B$gender)
H <- read.csv("HolzingerSwineford1939.csv")
steps_of <- function(kinds) { s <- Reduce(c, kinds, accumulate = TRUE); setNames(c(list(""), s), c("configural", kinds)) }
ordinal <- steps_of(c("thresholds", "loadings", "intercepts", "residuals"))
continuous <- steps_of(c("loadings", "intercepts", "residuals", "means"))
worst <- 0
slope <- function(f) {
  g <- as.numeric(lavTech(f, "gradient"))
  if (f@Model@eq.constraints) g <- g %*% f@Model@eq.constraints.K
  max(abs(g))
}
# lavaan's own search and, where that stopped early, BFGS from there to the limit of the arithmetic
twice <- function(...) {
  f <- cfa(...)
  if (slope(f) > 1e-8) f <- cfa(..., start = f, optim.method = "BFGS", optim.force.converged = TRUE,
    control = list(reltol = 1e-16, maxit = 5000))
  worst <<- max(worst, slope(f)); stopifnot(slope(f) < 1e-6); f
}
kept <- c("chisq", "df", "chisq.scaled", "cfi", "cfi.scaled", "cfi.robust", "rmsea", "rmsea.scaled", "rmsea.robust", "srmr")
sequence <- function(fits, ...) {
  levels <- lapply(fits, function(f) { v <- as.list(fitMeasures(f)); v <- v[names(v) %in% kept]; v[sapply(v, function(x) is.finite(x))] })
  differences <- lapply(seq_along(fits)[-1], function(i) {
    t <- as.data.frame(lavTestLRT(fits[[i - 1]], fits[[i]], ...))
    list(chisq = t[["Chisq diff"]][2], df = t[["Df diff"]][2], p = t[["Pr(>Chisq)"]][2])
  })
  list(levels = levels, differences = setNames(differences, names(fits)[-1]))
}
means <- function(f, factors) {
  p <- parameterEstimates(f); p <- p[p$lhs %in% factors & p$op == "~1", ]
  list(factor = I(p$lhs), est = I(p$est), se = I(p$se))
}
quietly <- function(expression) { old <- options(warn = 1); on.exit(options(old)); suppressWarnings(expression) }
groups <- function(model, data, by, items, partial = "") lapply(names(ordinal), function(level) {
  MODEL <<- model; DATA <<- data; ITEMS <<- items; BY <<- by; EQUAL <<- ordinal[[level]]; PARTIAL <<- partial
  PARAMETERS <<- if (level == "residuals") "theta" else "delta"
  syntax <- as.character(quietly(measEq.syntax(MODEL, data = DATA, ordered = ITEMS, parameterization = PARAMETERS,
    ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = BY, group.equal = EQUAL, group.partial = PARTIAL)))
  twice(syntax, data, ordered = items, group = by, parameterization = PARAMETERS)
})
named <- function(l) setNames(l, names(ordinal))
two_step <- list(method = "satorra.2000", A.method = "delta", scaled.shifted = TRUE)
robust <- function(fits) do.call(sequence, c(list(fits), two_step))
out <- list(); E <- paste0("E", 1:5); f_E <- paste("f =~", paste(E, collapse = " + "))

# ---------------------------------------------------------------- ordinal groups
gender <- named(groups(f_E, B, "gender", E))
out$gender <- robust(gender)
out$gender$groups <- I(as.character(lavInspect(gender[[1]], "group.label")))
out$gender$means <- means(gender$intercepts, "f")
released <- c("f =~ E3", "E1 | t2", "E4 ~ 1")
out$gender_partial <- robust(named(groups(f_E, B, "gender", E, released)))
jump <- function(method) { t <- as.data.frame(lavTestLRT(gender$configural, gender$intercepts, method = method)); t[["Chisq diff"]][2] }
out$gender$jump <- list(satorra_2000 = jump("satorra.2000"), satorra_bentler_2001 = jump("satorra.bentler.2001"),
  naive = unname(fitMeasures(gender$intercepts, "chisq.scaled") - fitMeasures(gender$configural, "chisq.scaled")))
three <- mixed[c("site", "y1", "y6", "y2", "y3")]
few <- function(model, data, items, levels) { f <- groups(model, data, "site", items); robust(named(f)[levels]) }
out$three_options <- few("f =~ y1 + y6 + y2 + y3", transform(three, y2 = pmin(y2, 2), y3 = pmin(y3, 2)), c("y1", "y6", "y2", "y3"),
  c("configural", "loadings", "intercepts", "residuals"))
every <- paste0("y", 1:6); f_y <- paste("f =~", paste(every, collapse = " + "))
fits <- named(groups(f_y, mixed, "site", every))
out$mixed <- robust(fits[c("configural", "thresholds")])
last <- robust(fits[c("thresholds", "intercepts", "residuals")])
out$mixed$levels <- c(out$mixed$levels, last$levels[-1]); out$mixed$differences <- c(out$mixed$differences, last$differences)

# ---------------------------------------------------------------- continuous groups
h <- "visual =~ x1 + x2 + x3\n textual =~ x4 + x5 + x6\n speed =~ x7 + x8 + x9"
school <- function(estimator, partial = "") lapply(continuous, function(e) twice(h, H, group = "school", group.equal = e,
  group.partial = partial, estimator = estimator, meanstructure = TRUE))
for (estimator in c("ML", "MLR")) {
  fits <- school(estimator); out[[paste0("school_", estimator)]] <- sequence(fits)
  if (estimator == "MLR") {
    out$school_MLR$groups <- I(as.character(lavInspect(fits[[1]], "group.label")))
    out$school_MLR$means <- means(fits$intercepts, c("visual", "textual", "speed"))
    always <- as.data.frame(lavTestLRT(fits$configural, fits$loadings, method = "satorra.bentler.2010"))
    out$school_MLR$satorra_bentler_2010 <- always[["Chisq diff"]][2]
  }
}
out$school_partial <- sequence(school("MLR", c("x3 ~ 1", "x7 ~ 1")))

# ---------------------------------------------------------------- occasions
a <- paste0("a", 1:5); b <- paste0("b", 1:5)
w <- paste("f1 =~", paste(a, collapse = " + "), "\n f2 =~", paste(b, collapse = " + "))
long <- function(data, ordered, steps, ...) lapply(steps, function(e) {
  DATA <<- data; EQUAL <<- e; ITEMS <<- if (ordered) c(a, b) else character()
  PARAMETERS <<- if (ordered && "residuals" %in% e) "theta" else "delta"
  given <- list(w, data = data, ID.fac = "std.lv", longFacNames = list(f = c("f1", "f2")), long.equal = e, meanstructure = TRUE)
  if (ordered) given <- c(given, list(ordered = c(a, b), parameterization = PARAMETERS, ID.cat = "Wu.Estabrook.2016"))
  syntax <- as.character(quietly(do.call(measEq.syntax, given)))
  if (ordered) twice(syntax, data, ordered = c(a, b), parameterization = PARAMETERS) else twice(syntax, data, estimator = "MLR", meanstructure = TRUE, ...)
})
fits <- long(occasions, TRUE, ordinal)
out$occasions <- robust(fits); out$occasions$means <- means(fits$intercepts, c("f1", "f2"))
out$occasions_MLR <- sequence(long(occasions, FALSE, continuous[1:4]))
lost <- occasions; lost[lost$pid > 400, b] <- NA; lost[lost$pid <= 30, a] <- NA
out$occasions_fiml <- sequence(long(lost, FALSE, continuous[1:4], missing = "fiml"))

notes <- list(
  levels = "fitMeasures() of each level, each with the equalities of those before it; differences: lavTestLRT() against the level before, by satorra.2000 (A.method delta, scaled and shifted) for ordinal items, lavaan's choice otherwise.",
  tight = "where lavaan's own search stops early, BFGS is run on to reltol = 1e-16; the largest element of any gradient at the end is below 1e-6.",
  gender = "bfi E1-E5, E1 and E2 reversed, complete answers, by gender; identified after Wu and Estabrook (2016) by semTools::measEq.syntax, delta parameterisation, theta at the level 'residuals'. means: of the factor at 'intercepts'. jump: configural against intercepts: by two methods, and the difference of the scaled statistics, which is no chi-square.",
  gender_partial = "the same with f =~ E3, E1 | t2 and E4 ~ 1 released.",
  three_options = "mixed.csv, y1 y6 y2 y3 with three options each (the highest of y2 and y3 merged).",
  mixed = "mixed.csv: y1 and y6 have three options, y2 and y3 four, y4 and y5 two. 'loadings' is left out: there semTools holds loadings of two-option items equal on scales fixed at 1, which is another model under each parameterisation.",
  school = "HolzingerSwineford1939, three factors by school; satorra_bentler_2010: configural against loadings; school_partial releases x3 ~ 1 and x7 ~ 1.",
  occasions = "occasions.csv: a1-a5 and b1-b5 are the same items at two occasions; residual covariances of each item across occasions.",
  occasions_fiml = "the same, MLR with full information: people 401 and on have no second occasion, 1 to 30 no first.")
write_json(c(list(notes = notes), out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
cat("steepest gradient:", format(worst), "\n")
writeLines(c(capture.output(sessionInfo()), "", paste("lavaan", packageVersion("lavaan")), paste("semTools", packageVersion("semTools"))), "session.txt")
