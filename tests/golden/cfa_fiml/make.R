# Golden values of factor models of answers some of which are missing.  Run from inside this folder:
#   Rscript make.R
# Reads bfi.csv and HolzingerSwineford1939_missing.csv, writes expected.json and session.txt.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
options(digits = 15, warn = 2)
H <- read.csv("HolzingerSwineford1939_missing.csv")
H <- H[rowSums(!is.na(H[paste0("x", 1:9)])) > 0, ]          # lavaan would leave them out with a warning
B <- read.csv("bfi.csv"); N <- paste0("N", 1:5); B <- B[rowSums(!is.na(B[N])) > 0, N]
three <- "visual =~ x1 + x2 + x3\n textual =~ x4 + x5 + x6\n speed =~ x7 + x8 + x9\n"

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
known <- function(l) l[sapply(l, function(v) is.numeric(v) && is.finite(v))]
dump <- function(f) {
  steep <- max(abs(slope(f))); worst <<- max(worst, steep); stopifnot(steep < 1e-6)
  p <- parameterEstimates(f, remove.system.eq = FALSE); s <- standardizedSolution(f)
  list(fit = known(as.list(fitMeasures(f))), estimate = rows(p, "est"), se = known(rows(p, "se")),
       std = rows(s, "est.std"), std_se = known(rows(s, "se")))
}
# the saturated model by EM to a tighter tolerance than lavaan's own
go <- function(model, data, ...) cfa(model, data, missing = "fiml", std.lv = TRUE,
  em.h1.tol = 1e-12, em.h1.iter.max = 5000,
  start = cfa(model, data, missing = "fiml", std.lv = TRUE, se = "none", test = "none", ...),
  optim.method = "BFGS", optim.force.converged = TRUE, control = list(reltol = 1e-16, maxit = 5000), ...)
out <- list(); worst <- 0               # the steepest gradient where lavaan stopped

HS <- go(three, H)
out$HS_ML <- dump(HS)
out$HS_MLR <- dump(go(three, H, estimator = "MLR"))
out$N_ML <- dump(go("f =~ N1 + N2 + N3 + N4 + N5", B))
out$N_MLR <- dump(go("f =~ N1 + N2 + N3 + N4 + N5", B, estimator = "MLR"))
scalar <- go(three, H, estimator = "MLR", group = "school", group.equal = c("loadings", "intercepts"))
out$school_scalar <- dump(scalar)
out$groups <- I(as.character(lavInspect(scalar, "group.label")))
s <- lavInspect(HS, "h1")
out$saturated <- list(mean = unname(c(s$mean)), cov = unname(unclass(s$cov)))
some <- c(1, 3, 20, 300)
out$scores <- list(rows = I(some), regression = unname(lavPredict(HS)[some, ]),
  bartlett = unname(lavPredict(HS, method = "Bartlett")[some, ]))
left <- function(f) {
  r <- lavResiduals(f, type = "cor.bentler"); t <- r$summary; z <- unclass(r$cov.z)
  list(usrmr = as.list(setNames(t[["cov"]], rownames(t)))[c("usrmr", "usrmr.se", "usrmr.ci.lower", "usrmr.ci.upper")],
    residual = unname(unclass(r$cov)), z = unname(z))
}
out$residuals <- list(HS_ML = left(HS), HS_MLR = left(go(three, H, estimator = "MLR")))
m <- modindices(HS); out$modification <- list(mi = rows(m, "mi"), epc = rows(m, "epc"))

notes <- list(
  fit = "fitMeasures(), those that are finite numbers; missing = 'fiml'.",
  estimate = "parameterEstimates(), est by 'lhs op rhs', in several groups with the group's number in parentheses; se the same; std and std_se from standardizedSolution().",
  tight = "after lavaan's own search BFGS is run to reltol = 1e-16; the largest element of any gradient at the end is below 1e-6. The saturated model is run to em.h1.tol = 1e-12.",
  data = "HS: Holzinger and Swineford's nine tests with answers taken out (see README.md), rows without any answer dropped; N: bfi N1-N5 as they are, the same.",
  saturated = "means and covariances of the unrestricted model.",
  scores = "lavPredict() of HS_ML for the rows named, counted from 1 after rows without answers were dropped.",
  residuals = "lavResiduals(type = 'cor.bentler'): usrmr from its summary, residual and z of each pair of items (order x1-x9).",
  modification = "modindices() of HS_ML.")
write_json(c(list(notes = notes), out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
cat("steepest gradient:", format(worst), "\n")
writeLines(c(capture.output(sessionInfo()), "", paste("lavaan", packageVersion("lavaan"))), "session.txt")
