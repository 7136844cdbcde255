# Golden values of confirmatory factor analysis of continuous items.  Run from inside this folder:
#   Rscript make.R
# Reads bfi.csv and HolzingerSwineford1939.csv, writes expected.json and session.txt.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
options(digits = 15, warn = 2)

H <- read.csv("HolzingerSwineford1939.csv")
B <- read.csv("bfi.csv")
x <- paste0("x", 1:9); N <- paste0("N", 1:5); EN <- c(paste0("E", 1:5), N)
N_complete <- B[complete.cases(B[N]), N]
three <- "visual =~ x1 + x2 + x3\n textual =~ x4 + x5 + x6\n speed =~ x7 + x8 + x9\n"
one <- "f =~ N1 + N2 + N3 + N4 + N5"

# every number of a table by the name of its row: "lhs op rhs", with " (g)" in several groups
rows <- function(t, column) {
  group <- if (!is.null(t$group)) paste0(" (", t$group, ")") else ""
  keep <- !t$op %in% c("==", ":=")
  setNames(as.list(t[[column]][keep]), paste0(trimws(paste(t$lhs, t$op, t$rhs)), group)[keep])
}
slope <- function(f) {                    # of the free parameters, equal ones taken together
  g <- as.numeric(lavTech(f, "gradient"))
  if (f@Model@eq.constraints) g <- g %*% f@Model@eq.constraints.K
  g
}
# lavaan's own search, then BFGS from there to the limit of the arithmetic; slope() says whether it got there
fitted_twice <- function(...) cfa(..., start = cfa(...), optim.method = "BFGS",
  optim.force.converged = TRUE, control = list(reltol = 1e-16, maxit = 5000))
known <- function(l) l[sapply(l, function(v) is.numeric(v) && is.finite(v))]
dump <- function(f, std = TRUE) {
  steep <- max(abs(slope(f))); worst <<- max(worst, steep); stopifnot(steep < 1e-6)
  p <- parameterEstimates(f, remove.system.eq = FALSE)
  out <- list(fit = known(as.list(fitMeasures(f))), estimate = rows(p, "est"), se = known(rows(p, "se")))
  if (std) { s <- standardizedSolution(f); out$std <- rows(s, "est.std"); out$std_se <- known(rows(s, "se")) }
  out
}
go <- function(model, data, ...) fitted_twice(model, data, meanstructure = TRUE, ...)
out <- list(); worst <- 0               # the steepest gradient where lavaan stopped

# ---------------------------------------------------------------- one group
out$N_ML <- dump(go(one, N_complete, std.lv = TRUE))
out$N_MLM <- dump(go(one, N_complete, std.lv = TRUE, estimator = "MLM"))
MLR <- go(one, N_complete, std.lv = TRUE, estimator = "MLR")
out$N_MLR <- dump(MLR)
out$N_MLR_marker <- dump(go(one, N_complete, estimator = "MLR"))
f <- go(paste(one, "\n N1 ~~ N2"), N_complete, std.lv = TRUE, estimator = "MLR")
out$N_MLR_residual_covariance <- dump(f)
out$N_ML_equal_loadings <- dump(go("f =~ a*N1 + a*N2 + b*N3 + b*N4 + N5", N_complete, std.lv = TRUE))
HS <- go(three, H, std.lv = TRUE)
out$HS_ML <- dump(HS)
out$HS_MLR <- dump(go(three, H, std.lv = TRUE, estimator = "MLR"))
out$HS_second_order <- dump(go(paste0(three, "g =~ visual + textual + speed"), H, std.lv = TRUE, estimator = "MLR"))
out$HS_orthogonal <- dump(go(three, H, std.lv = TRUE, orthogonal = TRUE, estimator = "MLM"))
# two group factors: with a third the model has a Heywood case
bifactor <- paste0("g =~ ", paste(x, collapse = " + "), "\n textual =~ x4 + x5 + x6\n speed =~ x7 + x8 + x9\n")
out$HS_bifactor <- dump(go(bifactor, H, std.lv = TRUE, orthogonal = TRUE, estimator = "MLR"))

# ---------------------------------------------------------------- several groups
levels <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
               strict = c("loadings", "intercepts", "residuals"))
fits <- lapply(levels, function(e) go(three, H, std.lv = TRUE, estimator = "MLR", group = "school", group.equal = e))
for (level in names(fits)) out[[paste0("school_", level)]] <- dump(fits[[level]])
partial <- go(three, H, std.lv = TRUE, estimator = "MLR", group = "school", group.equal = levels$scalar,
              group.partial = c("x3 ~ 1", "x7 ~ 1"))
out$school_partial <- dump(partial)
out$groups <- I(as.character(lavInspect(partial, "group.label")))

# ---------------------------------------------------------------- nested models
compare <- function(..., method, A.method = "delta") {
  t <- as.data.frame(lavTestLRT(..., method = method, A.method = A.method))
  list(chisq_difference = t[["Chisq diff"]][2], df_difference = t[["Df diff"]][2], p = t[["Pr(>Chisq)"]][2])
}
plain <- lapply(levels, function(e) go(three, H, std.lv = TRUE, group = "school", group.equal = e))
pairs <- list(c("configural", "metric"), c("metric", "scalar"), c("scalar", "strict"))
out$nested <- list()
for (pair in pairs) {
  m1 <- fits[[pair[1]]]; m0 <- fits[[pair[2]]]
  p <- as.data.frame(lavTestLRT(plain[[pair[1]]], plain[[pair[2]]]))
  out$nested[[paste(pair, collapse = "_")]] <- list(
    plain = list(chisq_difference = p[["Chisq diff"]][2], df_difference = p[["Df diff"]][2], p = p[["Pr(>Chisq)"]][2]),
    satorra_bentler_2001 = compare(m1, m0, method = "satorra.bentler.2001"),
    satorra_2000 = compare(m1, m0, method = "satorra.2000"))
}
# the 2010 method needs the restricted model's estimates to be possible values of the larger one's parameters
two_equal <- go("f =~ a*N1 + a*N2 + b*N3 + b*N4 + N5", N_complete, std.lv = TRUE, estimator = "MLR")
two_equal_MLM <- go("f =~ a*N1 + a*N2 + b*N3 + b*N4 + N5", N_complete, std.lv = TRUE, estimator = "MLM")
MLM <- go(one, N_complete, std.lv = TRUE, estimator = "MLM")
methods <- function(m1, m0) list(
  satorra_bentler_2001 = compare(m1, m0, method = "satorra.bentler.2001"),
  satorra_bentler_2010 = compare(m1, m0, method = "satorra.bentler.2010"),
  satorra_2000 = compare(m1, m0, method = "satorra.2000"),
  satorra_2000_exact = compare(m1, m0, method = "satorra.2000", A.method = "exact"))
out$nested$N_MLR <- methods(MLR, two_equal)
out$nested$N_MLM <- methods(MLM, two_equal_MLM)

# ---------------------------------------------------------------- modification, residuals, scores
changes <- function(f) { m <- modindices(f); list(mi = rows(m, "mi"), epc = rows(m, "epc"), sepc = rows(m, "sepc.all")) }
out$modification <- list(HS_ML = changes(HS), N_MLR = changes(MLR))
some <- c(1, 50, 301)
out$scores <- list(rows = I(some),
  regression = unname(lavPredict(HS, method = "regression")[some, ]),
  bartlett = unname(lavPredict(HS, method = "Bartlett")[some, ]))
usrmr <- function(f) as.list(setNames(lavResiduals(f, type = "cor.bentler")$summary["cov"][[1]],
  rownames(lavResiduals(f, type = "cor.bentler")$summary)))
out$usrmr <- list(HS_ML = usrmr(HS), N_MLR = usrmr(MLR))

notes <- list(
  fit = "fitMeasures(), those that are finite numbers. meanstructure = TRUE everywhere; likelihood normal (divisor N).",
  estimate = "parameterEstimates(), est by 'lhs op rhs', in several groups with the group's number in parentheses; se the same; std and std_se from standardizedSolution().",
  tight = "after lavaan's own search BFGS is run to reltol = 1e-16; the largest element of any gradient at the end is below 1e-6.",
  N = "bfi N1-N5, complete rows. N_MLR_marker has the first loading fixed at 1, the others have unit factor variance.",
  HS = "HolzingerSwineford1939 x1-x9, three factors; second order: g on visual, textual, speed, all (residual) variances 1; bifactor: g on all nine, textual and speed besides, all factors orthogonal.",
  school = "the same in two groups by school (order in 'groups'), factor variances 1 in the first group and free in the second where loadings are equal, factor means 0 and free likewise where intercepts are equal. partial: scalar with the intercepts of x3 and x7 free.",
  nested = "lavTestLRT() of the MLR fits by method; plain: of ML fits.",
  modification = "modindices(): expected information; sepc = sepc.all.",
  scores = "lavPredict() of HS_ML for the rows named (counted from 1).",
  usrmr = "lavResiduals(type = 'cor.bentler')$summary, column cov.")
write_json(c(list(notes = notes), out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
cat("steepest gradient:", format(worst), "\n")
writeLines(c(capture.output(sessionInfo()), "", paste("lavaan", packageVersion("lavaan"))), "session.txt")
