# Golden values of reliability from factor models of ordinal and of missing answers.  Run from inside
# this folder:  Rscript make.R
# Reads bfi.csv, ability16.csv and skewed.csv, writes expected.json and session.txt.
suppressPackageStartupMessages({library(lavaan); library(semTools); library(psych); library(pbivnorm); library(jsonlite)})
options(digits = 15, warn = 2, mc.cores = 1)

B <- read.csv("bfi.csv")
for (v in c("E1", "E2", "A1")) B[[v]] <- 7 - B[[v]]       # declared limits 1..6
S <- read.csv("skewed.csv")[paste0("s", c(1:4, 6, 7, 8))]
sets <- list(bfi_N = B[paste0("N", 1:5)], bfi_E = B[paste0("E", 1:5)], bfi_A = B[paste0("A", 1:5)],
             ability = read.csv("ability16.csv"), skewed = S[rowSums(!is.na(S)) > 0, ])

worst <- list()
agree <- function(kind, a, b, tol) {
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a / b - 1)); worst[[kind]] <<- max(d, worst[[kind]])
  if (!(d <= tol)) stop(kind, ": disagreement ", format(d), " is more than ", format(tol))
}
quietly <- function(expr, ...) withCallingHandlers(suppressMessages(expr), warning = function(w) {
  # the only ones let through: data that were chosen for empty cells, deprecation, and psych's remarks
  if (grepl("had 0 or NA entries|not meaningful with one factor|some cases are empty|cells were adjusted|equal number of response|deprecated|The .reliability.|not positive definite|bivariate tables have empty|empty cells", conditionMessage(w))) invokeRestart("muffleWarning")
})
# lavaan's own search, then BFGS from there to the limit of the arithmetic
fitted_twice <- function(...) {
  f <- quietly(cfa(..., start = quietly(cfa(...)), optim.method = "BFGS", optim.force.converged = TRUE,
                   control = list(reltol = 1e-16, maxit = 5000)))
  stopifnot(lavInspect(f, "converged"), max(abs(lavTech(f, "gradient"))) < 1e-6)
  f
}
# Green and Yang's equation 21 by another road: sums of pbivnorm, with the values of the options
covariance <- function(r, a, b, sa, sb) {
  both <- outer(seq_along(a), seq_along(b), Vectorize(function(i, j)
    if (r == 1) pnorm(min(a[i], b[j])) else pbivnorm(a[i], b[j], r)))
  sum(outer(sa, sb) * (both - outer(pnorm(a), pnorm(b))))
}
green_yang <- function(lambda, tau, R, values, model) {
  k <- length(lambda); steps <- lapply(values, diff); top <- bottom <- 0
  for (i in 1:k) for (j in 1:k) {
    up <- covariance(lambda[i] * lambda[j], tau[[i]], tau[[j]], steps[[i]], steps[[j]])
    down <- if (i == j) covariance(1, tau[[i]], tau[[j]], steps[[i]], steps[[j]])
            else if (model) up else covariance(R[i, j], tau[[i]], tau[[j]], steps[[i]], steps[[j]])
    top <- top + up; bottom <- bottom + down
  }
  top / bottom
}

out <- list()
for (name in names(sets)) {
  D <- sets[[name]]; complete <- D[complete.cases(D), ]; items <- names(D)
  model <- paste("f =~", paste(items, collapse = " + "))
  w <- fitted_twice(model, complete, std.lv = TRUE, ordered = TRUE, estimator = "WLSMV")
  lambda <- as.numeric(lavInspect(w, "est")$lambda)
  R <- unclass(lavInspect(w, "sampstat")$cov); th <- lavInspect(w, "est")$tau
  tau <- lapply(items, function(v) as.numeric(th[sub("\\|t[0-9]+$", "", rownames(th)) == v, 1]))
  ones <- lapply(tau, function(t) 0:length(t))
  odd <- lapply(tau, function(t) cumsum(0:length(t)))     # values 0, 1, 3, 6, ...
  one <- list(n = nrow(complete), loadings = lambda,
    omega_categorical = as.numeric(quietly(compRelSEM(w))),
    omega_categorical_model = as.numeric(quietly(compRelSEM(w, obs.var = FALSE))),
    omega_latent_response = as.numeric(quietly(compRelSEM(w, ord.scale = FALSE))),
    alpha_ordinal = as.numeric(quietly(semTools::reliability(w))["alpha.ord", 1]))
  agree("Green and Yang", green_yang(lambda, tau, R, ones, FALSE), one$omega_categorical, 1e-8)
  agree("Green and Yang, model", green_yang(lambda, tau, R, ones, TRUE), one$omega_categorical_model, 1e-8)
  k <- length(items)
  agree("ordinal alpha", k / (k - 1) * (1 - k / sum(R)), one$alpha_ordinal, 1e-12)
  agree("latent", sum(lambda)^2 / sum(R), one$omega_latent_response, 1e-12)
  one$unequal <- list(omega_categorical = green_yang(lambda, tau, R, odd, FALSE),
                      omega_categorical_model = green_yang(lambda, tau, R, odd, TRUE))
  rho <- quietly(psych::polychoric(complete, correct = 0))$rho
  one$omega_total_minres_polychoric <- quietly(psych::omega(rho, nfactors = 1, n.obs = nrow(complete), plot = FALSE, flip = FALSE))$omega.tot
  by_poly <- quietly(psych::omega(complete, nfactors = 1, poly = TRUE, plot = FALSE, flip = FALSE))$omega.tot
  # of items with different numbers of options poly = TRUE fills empty cells, and is another number
  if (name == "skewed") stopifnot(abs(by_poly - one$omega_total_minres_polychoric) > 1e-3)
  else agree("psych, poly", by_poly, one$omega_total_minres_polychoric, 1e-10)
  f <- fitted_twice(model, D, std.lv = TRUE, missing = "fiml")
  one$n_fiml <- nobs(f)
  one$omega_total_fiml <- as.numeric(quietly(compRelSEM(f)))
  one$omega_total_fiml_model <- as.numeric(quietly(compRelSEM(f, obs.var = FALSE)))
  l <- lavInspect(f, "est")$lambda; th <- diag(lavInspect(f, "est")$theta)
  agree("full information, model", sum(l)^2 / (sum(l)^2 + sum(th)), one$omega_total_fiml_model, 1e-10)
  r <- quietly(cfa(model, D, std.lv = TRUE, missing = "fiml", estimator = "MLR", start = f))
  free <- coef(r); V <- vcov(r)
  load <- grep("=~", names(free)); rest <- which(names(free) %in% paste0(items, "~~", items))
  common <- sum(free[load])^2; left <- sum(free[rest])
  g <- numeric(length(free)); g[load] <- 2 * sum(free[load]) * left / (common + left)^2; g[rest] <- -common / (common + left)^2
  one$omega_total_fiml_model_se <- sqrt(as.numeric(t(g) %*% V %*% g))
  m <- fitted_twice(model, complete, std.lv = TRUE, meanstructure = TRUE)
  one$ave <- mean(lavInspect(m, "std")$lambda^2)
  out[[name]] <- one
}
notes <- list(
  data = "bfi: E1, E2 and A1 are reversed (7 - x). ability: 16 items, right or wrong. skewed: s1-s4, s6-s8; s7 has two and s8 three options; rows without any answer left out.",
  n = "complete people, of whom everything is but what says fiml; n_fiml: everybody who answered anything.",
  omega_categorical = "semTools::compRelSEM of one factor by lavaan WLSMV (Green and Yang 2009, eq. 21), denominator by polychoric correlations; _model: obs.var = FALSE; omega_latent_response: ord.scale = FALSE. make.R sums pbivnorm as well and stops where that differs by more than 1e-8.",
  loadings = "standardized, of that model; after lavaan's own search BFGS is run to reltol = 1e-16.",
  alpha_ordinal = "semTools::reliability, alpha.ord.",
  unequal = "the same equation, by pbivnorm, of options whose values are 0, 1, 3, 6, 10, 15.",
  omega_total_minres_polychoric = "psych::omega(nfactors = 1, flip = FALSE) of psych::polychoric(correct = 0), complete people. It is what poly = TRUE gives where all items have one number of options; else psych fills empty cells.",
  omega_total_fiml = "semTools::compRelSEM of one factor by lavaan ML with missing = 'fiml'; _model: obs.var = FALSE; _se: delta method with the sandwich (MLR) covariance matrix of the estimates, observed information.",
  ave = "mean of squared standardized loadings, one factor by ML, complete people.")
write_json(c(list(notes = notes), out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
cat("largest disagreements:", paste(names(worst), format(unlist(worst), digits = 2), collapse = ", "), "\n")
writeLines(c(capture.output(sessionInfo()), "", paste(c("lavaan", "semTools", "psych", "pbivnorm"), sapply(c("lavaan", "semTools", "psych", "pbivnorm"), function(p) as.character(packageVersion(p))))), "session.txt")
