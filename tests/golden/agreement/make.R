# Golden values of agreement.  Run from inside this folder:  Rscript make.R
# Reads the csv files of the folder, writes expected.json and session.txt.
# What is computed twice is asserted to agree; the script stops otherwise.
suppressPackageStartupMessages({library(psych); library(lme4); library(jsonlite)})
options(digits = 15, warn = 2)
read <- function(f) as.matrix(read.csv(f))
SF <- read("shrout_fleiss.csv"); K <- read("krippendorff.csv"); AIBS <- read("aibs.csv")
EPI <- read("epi.csv"); SAI <- read("sai.csv")
E <- EPI[complete.cases(EPI[, c("e1", "e2")]), c("e1", "e2")]
N <- EPI[complete.cases(EPI[, c("n1", "n2")]), c("n1", "n2")]
NEG <- cbind(c(1, 5, 2, 6, 3, 4, 7), c(6, 2, 7, 3, 5, 1, 2), c(4, 4, 1, 5, 7, 6, 1))  # people agree less than by chance

agree <- function(what, a, b, tol) {
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a - b) / pmax(abs(a), abs(b), 1e-300))
  if (!(d <= tol)) stop(what, ": disagreement ", format(d))
}
near <- function(what, x, printed, digits) if (any(abs(x - printed) > 0.5001 * 10^-digits)) stop(what, ": ", paste(x, collapse = " "))
FORMS <- c("ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)")

# ---------------------------------------------------------------- complete ratings: mean squares
squares <- function(X) {
  a <- anova(lm(c(X) ~ factor(c(row(X))) + factor(c(col(X)))))
  list(n = nrow(X), r = ncol(X), target = a[1, 3], rater = a[2, 3], error = a[3, 3],
       within = sum(a[2:3, 2]) / sum(a[2:3, 1]))
}
by_anova <- function(X, level = .95) {
  r <- psych::ICC(X, lmer = FALSE, alpha = 1 - level)$results
  s <- squares(X); n <- s$n; k <- s$r; lo <- (1 - level) / 2; hi <- 1 - lo
  agree("ICC(A,1) from its formula", r$ICC[2], (s$target - s$error) / (s$target + (k - 1) * s$error + k / n * (s$rater - s$error)), 1e-10)
  # Graybill and Wang: independent mean squares with positive coefficients
  part <- c(s$rater, s$error); share <- c(1, n - 1) / n; df <- c(k - 1, (n - 1) * (k - 1))
  v <- sum(share * part)
  low <- v - sqrt(sum(((1 - df / qchisq(hi, df)) * share * part)^2))
  high <- v + sqrt(sum(((df / qchisq(lo, df) - 1) * share * part)^2))
  list(forms = I(FORMS), value = r$ICC, low = r[["lower bound"]], high = r[["upper bound"]], mean_squares = s,
       sem_agreement = sqrt(c(v, low, high)),
       sem_consistency = sqrt(s$error * c(1, df[2] / qchisq(c(hi, lo), df[2]))),
       sdc_factor = 1.96 * sqrt(2))
}
balanced <- list(shrout_fleiss = by_anova(SF), epi_e = by_anova(E), epi_n = by_anova(N), negative = by_anova(NEG),
                 shrout_fleiss_90 = by_anova(SF, .90))
stopifnot(min(balanced$negative$value) < 0)
near("Shrout and Fleiss (1979)", balanced$shrout_fleiss$value, c(.17, .29, .71, .44, .62, .91), 2)

# ---------------------------------------------------------------- incomplete ratings: REML with lme4
long <- function(X) { d <- data.frame(y = c(X), id = factor(c(row(X))), occ = factor(c(col(X)))); droplevels(d[!is.na(d$y), ]) }
CONTROL <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 1e5), calc.derivs = FALSE)
fitted <- function(X, two) {
  f <- if (two) y ~ 1 + (1 | id) + (1 | occ) else y ~ 1 + (1 | id)
  lmer(f, long(X), REML = TRUE, control = CONTROL)
}
# criterion of standard deviations relative to the error's, from lme4's own function; logs and squares apart
pieces <- function(fit) {
  fun <- as.function(fit); env <- environment(fun); df <- nobs(fit) - 1
  function(theta) {
    d <- fun(theta); logs <- env$pp$ldL2() + env$pp$ldRX2(); squares <- env$pp$sqrL(1) + env$resp$wrss()
    agree("criterion from its pieces", d, logs + df * (1 + log(2 * pi * squares / df)), 1e-9)
    c(logs = logs, squares = squares, df = df, profiled = d)
  }
}
# lme4 stops within 1e-6 of the optimum: go on with Newton's method, derivatives by extrapolated differences
slope <- function(f, x, h = .02) { A <- sapply(h / 2^(0:3), function(e) (f(x + e) - f(x - e)) / (2 * e)); for (m in 1:3) A <- (4^m * A[-1] - A[-length(A)]) / (4^m - 1); A }
refined <- function(f, theta) {           # f of log standard deviations; a component at 0 stays there
  free <- which(theta > 1e-6); l <- log(theta[free]); at <- function(l) { t <- theta; t[-free] <- 0; t[free] <- exp(l); f(t)[["profiled"]] }
  gradient <- function(l) sapply(seq_along(l), function(j) slope(function(v) { m <- l; m[j] <- v; at(m) }, l[j]))
  for (i in 1:6) { G <- gradient(l); H <- sapply(seq_along(l), function(j) { u <- w <- l; u[j] <- u[j] + 1e-3; w[j] <- w[j] - 1e-3; (gradient(u) - gradient(w)) / 2e-3 }); l <- l - c(solve(H, G)) }
  stopifnot(max(abs(gradient(l))) < 1e-8); t <- theta; t[-free] <- 0; t[free] <- exp(l); t
}
inner <- function(f) { o <- optimize(f, c(-24, 14), tol = 1e-9); s <- sapply(seq(-22, 12, .5), f); at <- seq(-22, 12, .5)[which.min(s)]; min(o$objective, optimize(f, at + c(-1, 1), tol = 1e-9)$objective) }
ends <- function(f, value, best, from, to, level = .95) {
  over <- function(x) f(x) - best - qchisq(level, 1)
  low <- if (over(from) > 0) uniroot(over, c(from, value), tol = 1e-11)$root else from
  c(low, uniroot(over, c(value, to), tol = 1e-11)$root)
}
by_reml <- function(X, error = FALSE) {
  two <- fitted(X, TRUE); one <- fitted(X, FALSE); p2 <- pieces(two); p1 <- pieces(one); names2 <- names(getME(two, "theta"))
  variances <- function(p, fit) { t <- refined(p, unname(getME(fit, "theta"))); q <- p(t); e <- q[["squares"]] / q[["df"]]
    v <- as.data.frame(VarCorr(fit))$vcov; agree("lme4's own estimates", c(t^2 * e, e) + sum(v), v + sum(v), 1e-5); c(t^2 * e, e) }
  s <- variances(p2, two); e <- s[3]; a <- s[if (startsWith(names2[1], "id")) 1 else 2]; b <- s[if (startsWith(names2[1], "id")) 2 else 1]; v1 <- variances(p1, one)
  th <- function(x, y) if (startsWith(names2[1], "id")) c(x, y) else c(y, x)
  rho <- c(one_way = v1[1] / sum(v1), agreement = a / (a + b + e), consistency = a / (a + e))
  f <- list(one_way = function(r) p1(sqrt(r / (1 - r)))[["profiled"]],
            agreement = function(r) inner(function(l) p2(th(sqrt(r / (1 - r) * (1 + exp(l))), exp(l / 2)))[["profiled"]]),
            consistency = function(r) inner(function(l) p2(th(sqrt(r / (1 - r)), exp(l / 2)))[["profiled"]]))
  interval <- lapply(names(f), function(n) ends(f[[n]], rho[[n]], if (n == "one_way") REMLcrit(one) else REMLcrit(two), 0, 1 - 1e-6))
  names(interval) <- names(f)
  out <- list(n = sum(rowSums(!is.na(X)) > 0), ratings = sum(!is.na(X)), target = a, rater = b, error = e, mean = fixef(two)[[1]],
       criterion = REMLcrit(two), one_way = list(target = v1[1], error = v1[2], criterion = REMLcrit(one)),
       single = as.list(rho), interval = interval)
  if (error) {
    at_error <- function(share) function(variance) {
      d <- function(l) { q <- p2(th(exp(l[1] / 2), exp(l[2] / 2))); s2 <- variance / (if (share) 1 + exp(l[2]) else 1)
                         q[["logs"]] + q[["df"]] * log(2 * pi * s2) + q[["squares"]] / s2 }
      start <- log(c(a, b) / e); o <- optim(start, d, control = list(reltol = 1e-13, maxit = 2000)); optim(o$par, d, control = list(reltol = 1e-15, maxit = 2000))$value
    }
    out$sem_agreement <- sqrt(c(b + e, ends(at_error(TRUE), b + e, REMLcrit(two), (b + e) * .3, (b + e) * 50)))
    out$sem_consistency <- sqrt(c(e, ends(at_error(FALSE), e, REMLcrit(two), e * .3, e * 10)))
  }
  out
}
reml <- list(shrout_fleiss = by_reml(SF, error = TRUE), sai = by_reml(SAI), aibs = by_reml(AIBS))
# psych's own version of the same, where its rebuilt mean squares mean the same (ICC2, ICC3 and their means)
lmer_psych <- suppressMessages(psych::ICC(SF, lmer = TRUE))$results
agree("psych::ICC(lmer = TRUE)", lmer_psych$ICC[c(1, 2, 3)], unlist(reml$shrout_fleiss$single), 1e-4)
sai_psych <- suppressMessages(psych::ICC(SAI, lmer = TRUE))$results
agree("psych::ICC(lmer = TRUE), incomplete", sai_psych$ICC[2:3], unlist(reml$sai$single)[2:3], 1e-4)

# ---------------------------------------------------------------- kappa of two raters
W <- list(identity = function(c) diag(c), linear = function(c) 1 - abs(outer(1:c, 1:c, "-")) / (c - 1),
          quadratic = function(c) 1 - outer(1:c, 1:c, "-")^2 / (c - 1)^2)
cut4 <- function(x) matrix(findInterval(x, c(30, 34, 40)), ncol = ncol(x))        # 0 .. 3
NB <- cut4(N)
kappa_of <- function(X, c) {
  T <- table(factor(X[, 1], 0:(c - 1)), factor(X[, 2], 0:(c - 1))); P <- unclass(matrix(T, c)) / sum(T); z <- qnorm(.975)
  q <- psych::cohen.kappa(T); l <- psych::cohen.kappa(T, w = W$linear(c)); theirs <- c(q$kappa, l$weighted.kappa, q$weighted.kappa)
  one <- function(w, theirs) {          # Fleiss, Cohen and Everitt (1969), and the same by differences
    f <- function(p) { pe <- sum(w * outer(rowSums(p), colSums(p))); (sum(w * p) - pe) / (1 - pe) }
    agree("kappa of psych", f(P), theirs, 1e-10)
    row <- c(w %*% colSums(P)); col <- c(rowSums(P) %*% w); po <- sum(w * P); pe <- sum(w * outer(rowSums(P), colSums(P)))
    v <- (sum(P * (w * (1 - pe) - outer(row, col, "+") * (1 - po))^2) - (po * pe - 2 * pe + po)^2) / (sum(T) * (1 - pe)^4)
    g <- sapply(seq_along(P), function(i) { d <- 0 * P; d[i] <- 1e-5; (f((P + d) / sum(P + d)) - f((P - d) / sum(P - d))) / 2e-5 })
    agree("error of kappa against differences", v, (sum(P * g^2) - sum(P * g)^2) / sum(T), 1e-6)
    f(P) + c(0, -z, z) * sqrt(v)
  }
  out <- c(list(n = sum(T)), Map(function(name, theirs) one(W[[name]](c), theirs), names(W), theirs))
  agree("unweighted interval of psych", out$identity[2:3], q$confid[1, c(1, 3)], 1e-10)
  out
}
PRINTED <- cbind(rep(0:2, c(13, 27, 60)), c(rep(0, 13), rep(1:2, c(20, 7)), rep(1:2, c(4, 56))))  # a printed 3 x 3 table of 100 people
kappa <- list(epi_n = kappa_of(NB, 4), printed = kappa_of(PRINTED, 3))
near("irrCAC, kappa2.table", kappa$printed$identity[1], 0.7964094, 7)

# ---------------------------------------------------------------- Fleiss and Gwet, one target at a time
beyond_chance <- function(X, c, weights, gwet, level = .95) {
  X <- X[rowSums(!is.na(X)) > 0, , drop = FALSE]; n <- nrow(X); w <- W[[weights]](c)
  a <- rep(NA_real_, n); share <- matrix(0, n, c)
  for (i in 1:n) { x <- X[i, !is.na(X[i, ])] + 1; m <- length(x)
    for (k in x) share[i, k] <- share[i, k] + 1 / m
    if (m > 1) { s <- 0; for (g in 1:m) for (h in 1:m) if (g != h) s <- s + w[x[g], x[h]]; a[i] <- s / (m * (m - 1)) } }
  p <- colMeans(share); chance <- function(p) if (gwet) sum(w) / (c * (c - 1)) * sum(p * (1 - p)) else c(t(p) %*% w %*% p)
  pe <- chance(p); pa <- mean(a, na.rm = TRUE); value <- (pa - pe) / (1 - pe); two <- !is.na(a); n2 <- sum(two)
  # pe of one target (Gwet 2008): half the derivative of pe in the direction of the target's shares
  half <- sapply(1:c, function(k) { d <- rep(0, c); d[k] <- 1e-4; (chance(p + d) - chance(p - d)) / 2e-4 / 2 })
  if (gwet) half <- sum(w) / (c * (c - 1)) * (1 - p)
  mean_half <- sum(p * half)
  star <- n / n2 * ifelse(two, a - pe, 0) / (1 - pe) - 2 * (1 - value) * (c(share %*% half) - mean_half) / (1 - pe)
  se <- sqrt(sum((star - value)^2) / (n * (n - 1)))
  if (all(two)) {                                     # the infinitesimal jackknife, by differences
    f <- function(v) { q <- colSums(v * share); A <- sum(v * a); (A - chance(q)) / (1 - chance(q)) }
    u <- sapply(1:n, function(i) { h <- 1e-4; one <- rep(0, n); one[i] <- 1; b <- rep(1 / n, n); (f((1 - h) * b + h * one) - f((1 + h) * b - h * one)) / (2 * h) })
    agree("linearised error against differences", se, sqrt(sum(u^2) / (n * (n - 1))), 1e-5)
  }
  c(value, se, value + qt(c((1 - level) / 2, (1 + level) / 2), n - 1) * se)
}
BANDS <- matrix(findInterval(SAI, c(32, 40, 50)), ncol = 4)                       # 0 .. 3, with gaps
both <- function(X, c) lapply(setNames(nm = names(W)), function(w) list(fleiss = beyond_chance(X, c, w, FALSE), gwet = beyond_chance(X, c, w, TRUE)))
several <- list(krippendorff = both(K - 1, 5), epi_n = both(NB, 4), sai = both(BANDS, 4), printed = both(PRINTED, 3))
near("irrCAC, scott2.table (whose variance of a table has the divisor n, not n - 1)",
     several$printed$identity$fleiss[1:2] * c(1, sqrt(99 / 100)), c(0.7962397, 0.05905473), 7)

# ---------------------------------------------------------------- Krippendorff, from coincidence matrices
krippendorff <- function(X, metric) {
  v <- sort(unique(X[!is.na(X)])); c <- length(v); o <- matrix(0, c, c)
  for (i in 1:nrow(X)) { x <- match(X[i, !is.na(X[i, ])], v); m <- length(x)
    if (m > 1) for (g in 1:m) for (h in 1:m) if (g != h) o[x[g], x[h]] <- o[x[g], x[h]] + 1 / (m - 1) }
  n <- rowSums(o); d <- matrix(0, c, c)
  for (g in 1:c) for (h in 1:c) d[g, h] <- switch(metric, nominal = g != h, interval = (v[g] - v[h])^2,
    ratio = if (g == h) 0 else ((v[g] - v[h]) / (v[g] + v[h]))^2, ordinal = (sum(n[min(g, h):max(g, h)]) - (n[g] + n[h]) / 2)^2)
  1 - (sum(n) - 1) * sum(o * d) / sum(outer(n, n) * d)
}
METRICS <- setNames(nm = c("nominal", "ordinal", "interval", "ratio"))
of <- function(X) lapply(METRICS, function(m) krippendorff(X, m))
alpha <- list(krippendorff = of(K), sai_bands = of(BANDS), sai = of(SAI))
near("Krippendorff (2011)", unlist(alpha$krippendorff), c(.743, .815, .849, .797), 3)

# ---------------------------------------------------------------- limits of agreement
limits <- function(X, level = .95) {
  d <- X[, 2] - X[, 1]; n <- length(d); s <- sd(d); m <- mean(d); p <- c((1 - level) / 2, (1 + level) / 2); z <- 1.96
  half <- qt(p[2], n - 1) * s * sqrt(1 / n + z^2 / (2 * (n - 1))); lower <- m - z * s; upper <- m + z * s
  cdf <- function(q) integrate(function(u) pnorm(q * u - z * sqrt(n)) * 2 * u * (n - 1) * dchisq(u^2 * (n - 1), n - 1),
                               max(0, 1 - 12 / sqrt(2 * n)), 1 + 12 / sqrt(2 * n), rel.tol = 1e-12, subdivisions = 2000)$value
  t <- sapply(p, function(q) uniroot(function(x) cdf(x) - q, z * sqrt(n) * c(.3, 6), tol = 1e-13)$root)
  if (z * sqrt(n) < 37) agree("noncentral t", t, suppressWarnings(qt(p, n - 1, z * sqrt(n))), 1e-6)  # qt says it is not precise
  list(n = n, sd = s, bias = c(m, m + qt(p, n - 1) * s / sqrt(n)),
       approximate = list(lower = c(lower, lower - half, lower + half), upper = c(upper, upper - half, upper + half)),
       exact = list(lower = c(lower, m - rev(t) * s / sqrt(n)), upper = c(upper, m + t * s / sqrt(n))))
}
loa <- list(epi_e = limits(E), epi_n_200 = limits(N[1:200, ]), shrout_fleiss_90 = limits(SF[, c(1, 4)], .90))

notes <- list(
  data = "shrout_fleiss.csv: 6 targets x 4 judges (Shrout and Fleiss 1979); krippendorff.csv: 12 units x 4 observers (Krippendorff 2011); aibs.csv: 72 applications x 3 reviewers, whose columns are not the same reviewers; epi.csv: Extraversion (e) and Neuroticism (n) sums at two occasions; sai.csv: state anxiety sums at up to four occasions.",
  balanced = "psych::ICC(lmer = FALSE), forms in the order of 'forms'. epi_e, epi_n: rows with both occasions. negative: made up in make.R, in 'made'. mean_squares: anova(lm). sem_*: value, low, high; agreement with Graybill and Wang's interval, consistency with chi-square's. sdc_factor: sdc = sdc_factor * sem.",
  reml = "lme4::lmer, REML, y ~ 1 + (1 | id) + (1 | occasion); one_way without the occasion. single: ICC of single ratings. interval: profile of the REML criterion computed from lme4's deviance function, 95 %. sem_*: value, low, high by profile.",
  psych = "psych::ICC(lmer = TRUE) agrees with ICC2 and ICC3 to its optimiser's 1e-4; its ICC1 of incomplete ratings is rebuilt from the two-way model, and is not the one-way model's.",
  kappa = "psych::cohen.kappa, value, low, high at 95 %; the ends of weighted kappa by the formula of Fleiss, Cohen and Everitt, checked by differences (psych 2.2.9 takes a row sum for a column sum there, and its weighted interval is wrong unless the table is symmetric). epi_n: categories of findInterval(x, c(30, 34, 40)). printed: 3 x 3 table of the irrCAC overview.",
  several = "Fleiss' kappa and Gwet's AC from their formulas (Gwet 2008), one target at a time; value, se, low, high (t, n - 1 df). krippendorff: categories x - 1 of 5; sai: findInterval(x, c(32, 40, 50)) of sai.csv.",
  alpha = "Krippendorff's alpha from coincidence matrices. sai_bands as in 'several'.",
  limits = "differences second minus first; value, low, high. approximate: Bland and Altman 1999 with t; exact: noncentral t by integration. shrout_fleiss_90: judges 1 and 4 at 90 %; epi_n_200: the first 200 complete rows.")
write_json(list(notes = notes, made = NEG, balanced = balanced, reml = reml, kappa = kappa, several = several, alpha = alpha, limits = loa),
           "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("psych", "lme4", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
