# Golden values of confirmatory factor analysis of ordinal items.  Run from inside this folder:
#   Rscript make.R
# Reads bfi.csv, writes expected.json and session.txt.
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})
options(digits = 15, warn = 2)

B <- read.csv("bfi.csv")
for (v in c("E1", "E2")) B[[v]] <- 7 - B[[v]]            # declared limits 1..6
N <- paste0("N", 1:5); E <- paste0("E", 1:5)
N_complete <- B[complete.cases(B[N]), N]
EN_complete <- B[complete.cases(B[c(E, N)]), c(E, N)]
E_groups <- B[complete.cases(B[c(E, "gender")]), c(E, "gender")]
E_groups$gender <- as.character(E_groups$gender)
one <- "f =~ N1 + N2 + N3 + N4 + N5"
two <- "e =~ E1 + E2 + E3 + E4 + E5\n n =~ N1 + N2 + N3 + N4 + N5"

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
go <- function(model, data, ...) fitted_twice(model, data, ordered = TRUE, ...)
out <- list(); worst <- 0               # the steepest gradient where lavaan stopped

# ---------------------------------------------------------------- one group
W <- go(one, N_complete, std.lv = TRUE)
out$N_WLSMV <- dump(W)
out$N_ULSMV <- dump(go(one, N_complete, std.lv = TRUE, estimator = "ULSMV"))
everybody <- B[rowSums(!is.na(B[N])) > 0, N]
out$N_pairwise <- dump(go(one, everybody, std.lv = TRUE, missing = "pairwise"))
out$N_marker <- dump(go(one, N_complete))
out$N_theta <- dump(go(one, N_complete, std.lv = TRUE, parameterization = "theta"))
out$N_satterthwaite <- dump(go(one, N_complete, std.lv = TRUE, estimator = "DWLS", se = "robust.sem", test = "mean.var.adjusted"))
out$N_residual_covariance <- dump(go(paste(one, "\n N1 ~~ N2"), N_complete, std.lv = TRUE))
out$N_equal_loadings <- dump(go("f =~ a*N1 + a*N2 + b*N3 + b*N4 + N5", N_complete, std.lv = TRUE))
EN <- go(two, EN_complete, std.lv = TRUE)
out$EN_WLSMV <- dump(EN)
s <- lavInspect(W, "sampstat")
out$N_sample <- list(n = nrow(N_complete), thresholds = unname(c(s$th)), correlation = unname(unclass(s$cov)),
  gamma = unname(unclass(lavInspect(W, "gamma"))))

# ---------------------------------------------------------------- two groups, after Wu and Estabrook (2016)
f_E <- "f =~ E1 + E2 + E3 + E4 + E5"
levels <- list(configural = "", thresholds = "thresholds", loadings = c("thresholds", "loadings"),
  intercepts = c("thresholds", "loadings", "intercepts"))
fits <- lapply(levels, function(e) {
  syntax <- as.character(measEq.syntax(f_E, data = E_groups, ordered = E, parameterization = "delta",
    ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = "gender", group.equal = e))
  fitted_twice(syntax, E_groups, ordered = E, group = "gender", parameterization = "delta")
})
for (level in names(fits)) out[[paste0("gender_", level)]] <- dump(fits[[level]])
theta <- lapply(list(thresholds = "thresholds", strict = c("thresholds", "loadings", "intercepts", "residuals")), function(e) {
  syntax <- as.character(measEq.syntax(f_E, data = E_groups, ordered = E, parameterization = "theta",
    ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = "gender", group.equal = e))
  fitted_twice(syntax, E_groups, ordered = E, group = "gender", parameterization = "theta")
})
for (level in names(theta)) out[[paste0("gender_theta_", level)]] <- dump(theta[[level]])
out$groups <- I(as.character(lavInspect(fits[[1]], "group.label")))

# ---------------------------------------------------------------- nested models
compare <- function(..., method = "satorra.2000", A.method = "delta", scaled.shifted = TRUE) {
  t <- as.data.frame(lavTestLRT(..., method = method, A.method = A.method, scaled.shifted = scaled.shifted))
  list(chisq_difference = t[["Chisq diff"]][2], df_difference = t[["Df diff"]][2], p = t[["Pr(>Chisq)"]][2])
}
out$nested <- list()
for (pair in list(c("configural", "loadings"), c("configural", "thresholds"), c("thresholds", "loadings"), c("loadings", "intercepts"))) {
  m1 <- fits[[pair[1]]]; m0 <- fits[[pair[2]]]
  out$nested[[paste(pair, collapse = "_")]] <- list(
    satorra_2000 = compare(m1, m0),
    satorra_2000_satterthwaite = compare(m1, m0, scaled.shifted = FALSE))
}
equal <- go("f =~ a*N1 + a*N2 + b*N3 + b*N4 + N5", N_complete, std.lv = TRUE)
out$nested$N <- list(
  satorra_2000 = compare(W, equal),
  satorra_2000_exact = compare(W, equal, A.method = "exact"),
  satorra_2000_satterthwaite = compare(W, equal, scaled.shifted = FALSE))

# ---------------------------------------------------------------- modification, residuals, scores
changes <- function(f) { m <- modindices(f); list(mi = rows(m, "mi"), epc = rows(m, "epc"), sepc = rows(m, "sepc.all")) }
out$modification <- list(N_WLSMV = changes(W), EN_WLSMV = changes(EN))
usrmr <- function(f) { r <- lavResiduals(f)$summary; as.list(setNames(r["cor"][[1]], rownames(r))) }
out$usrmr <- list(N_WLSMV = usrmr(W), EN_WLSMV = usrmr(EN))
some <- N_complete[1:300, ]; first <- 1:12          # lavaan wants every option among the new answers
scores <- lavPredict(W, newdata = some, method = "EBM", optim.method = "nlminb")
out$scores <- list(answers = unname(as.matrix(some[first, ])), ebm = unname(c(scores[first])))

notes <- list(
  fit = "fitMeasures(), those that are finite numbers. E1 and E2 are reversed (7 - x).",
  estimate = "parameterEstimates(), est by 'lhs op rhs', in several groups with the group's number in parentheses; se the same; std and std_se from standardizedSolution().",
  tight = "after lavaan's own search BFGS is run to reltol = 1e-16; the largest element of any gradient at the end is below 1e-6.",
  N_pairwise = "missing = 'pairwise', everybody who answered any of the five items.",
  N_sample = "thresholds item by item, polychoric correlations and the asymptotic covariance of sqrt(n) times thresholds and correlations.",
  gender = "bfi E1-E5 in two groups by gender (order in 'groups'), delta parameterisation, identified after Wu and Estabrook (2016) by semTools::measEq.syntax; gender_theta: theta parameterisation.",
  robust = "cfi.robust and its kin are missing where thresholds are constrained (lavaan does not give them).",
  nested = "lavTestLRT() with method satorra.2000; A.method delta, or exact where said; scaled and shifted, or with Satterthwaite's degrees of freedom where said.",
  modification = "modindices(): expected information; sepc = sepc.all.",
  usrmr = "lavResiduals()$summary, column cor.",
  scores = "lavPredict(method = 'EBM') of N_WLSMV for twelve rows of answers, each by nlminb to its rel.tol 1e-8.")
write_json(c(list(notes = notes), out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
cat("steepest gradient:", format(worst), "\n")
writeLines(c(capture.output(sessionInfo()), "", paste("lavaan", packageVersion("lavaan")), paste("semTools", packageVersion("semTools"))), "session.txt")
