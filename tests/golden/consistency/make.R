# Golden values of coefficients of internal consistency.  Run from inside this folder:  Rscript make.R
# Reads cov_*.csv (covariance matrices, divisor n - 1), writes expected.json and session.txt.
# Closed forms are written out here and asserted against psych where psych has them; factor models
# are taken from the packages and once more minimised to the end, as the packages stop earlier.
suppressPackageStartupMessages({library(psych); library(lavaan); library(semTools); library(GPArotation); library(jsonlite)})
options(digits = 15, warn = 2)
quiet <- function(e) suppressWarnings(suppressMessages(e))

sets <- c("bfi_N", "bfi_A", "bfi_E", "bfi_C", "bfi_O", "ability16", "hs9", "three", "two")
groups <- list(hs9 = c(2, 3), ability16 = c(3, 4), bfi25 = 5, bfi_N = 2)
worst <- list()
agree <- function(kind, a, b, tol) {
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a - b)); worst[[kind]] <<- max(d, worst[[kind]])
  if (!(d <= tol)) stop(kind, ": disagreement ", format(d), " is more than ", format(tol))
}
matrix_of <- function(name) { C <- as.matrix(read.csv(paste0("cov_", name, ".csv"), check.names = FALSE)); rownames(C) <- colnames(C); C }

# ---------------------------------------------------------------- bounds, closed forms
signs <- function(k) as.matrix(cbind(1, expand.grid(rep(list(c(1, -1)), k - 1))))[-1, , drop = FALSE]
bounds <- function(C) {
  k <- ncol(C); V <- sum(C); off <- C; diag(off) <- 0
  l1 <- 1 - sum(diag(C)) / V
  S <- signs(k)
  list(lambda1 = l1, lambda2 = l1 + sqrt(k / (k - 1) * sum(off^2)) / V, lambda3 = k / (k - 1) * l1,
       lambda4 = max(1 - rowSums((S %*% C) * S) / V),
       lambda5 = l1 + 2 * sqrt(max(colSums(off^2))) / V, lambda6 = 1 - sum(1 / diag(solve(C))) / V)
}

# ---------------------------------------------------------------- split halves
horst <- function(r, k1, k2) {           # as printed in the algorithms of SPSS, "unequal length"
  k <- k1 + k2
  (-r^2 + sqrt(r^4 + 4 * r^2 * (1 - r^2) * k1 * k2 / k^2)) / (2 * (1 - r^2) * k1 * k2 / k^2)
}
one_split <- function(C, A) {
  B <- setdiff(seq_len(ncol(C)), A)
  a <- sum(C[A, A]); b <- sum(C[B, B]); ab <- sum(C[A, B]); r <- ab / sqrt(a * b); V <- sum(C)
  rulon <- 1 - (a + b - 2 * ab) / V      # 1 - variance of the difference / variance of the sum
  stopifnot(r > 0)
  if (length(A) == length(B)) agree("Horst against 2r/(1+r)", horst(r, length(A), length(B)), 2 * r / (1 + r), 1e-12)
  c(guttman = rulon, spearman_brown = horst(r, length(A), length(B)))
}
halves <- function(C) {
  k <- ncol(C)
  A <- utils::combn(k, k %/% 2); if (k %% 2 == 0) A <- A[, A[1, ] == 1, drop = FALSE]
  every <- apply(A, 2, function(a) one_split(C, a))
  summary <- function(x) list(min = min(x), mean = mean(x), max = max(x))
  list(splits = ncol(A), first_last = as.list(one_split(C, seq_len((k + 1) %/% 2))), odd_even = as.list(one_split(C, seq(1, k, 2))),
       guttman = summary(every["guttman", ]), spearman_brown = summary(every["spearman_brown", ]))
}

# ---------------------------------------------------------------- greatest lower bound, by its dual
# min tr(C X), X positive semidefinite with a diagonal of 1 or more: X = V V' with rows of length
# sqrt(1 + t^2).  Every such X gives a lower bound to the greatest lower bound.
glb_dual <- function(C) {
  k <- ncol(C); s <- mean(diag(C)); D <- C / s
  f <- function(p) { V <- matrix(p[1:(k * k)], k); t <- p[-(1:(k * k))]; V <- V / sqrt(rowSums(V^2)) * sqrt(1 + t^2); sum(D * tcrossprod(V)) }
  g <- function(p) {
    V <- matrix(p[1:(k * k)], k); t <- p[-(1:(k * k))]; n <- sqrt(rowSums(V^2)); U <- V / n; w <- sqrt(1 + t^2); X <- U * w
    G <- 2 * D %*% X; gu <- G * w; along <- rowSums(gu * U)
    c((gu - U * along) / n, rowSums(G * U) * t / w)
  }
  best <- Inf
  for (seed in 1:3) {
    set.seed(seed); p <- c(rnorm(k * k), rnorm(k) / 3)
    for (i in 1:6) { o <- optim(p, f, g, method = "BFGS", control = list(maxit = 5000, reltol = 1e-16)); p <- o$par }
    best <- min(best, o$value)
  }
  1 - best * s / sum(C)
}

# ---------------------------------------------------------------- one factor
ml_end <- function(C, l) {               # log|S| + tr(R S^-1), from lavaan's loadings to its end by Newton's method
  R <- cov2cor(C); k <- ncol(R); i <- 1:k
  g <- function(p) { S <- tcrossprod(p[i]) + diag(p[-i]); W <- solve(S); D <- W %*% (S - R) %*% W; c(2 * D %*% p[i], diag(D)) }
  p <- c(l, 1 - l^2)
  for (step in 1:8) {
    J <- sapply(seq_along(p), function(j) { h <- 1e-5; u <- w <- p; u[j] <- u[j] + h; w[j] <- w[j] - h; (g(u) - g(w)) / (2 * h) })
    p <- p - solve((J + t(J)) / 2, g(p))
  }
  stopifnot(max(abs(g(p))) < 1e-12, eigen((J + t(J)) / 2, TRUE)$values > 0, p[-i] > 0, abs(p[i]^2 + p[-i] - 1) < 1e-10)
  p[i] * sign(sum(p[i]))
}
ml_values <- function(l, raw, theta, V) list(
  omega_total_ml = sum(raw)^2 / V, omega_total_ml_model = sum(raw)^2 / (sum(raw)^2 + sum(theta)),
  composite_reliability = sum(l)^2 / (sum(l)^2 + sum(1 - l^2)), coefficient_h = 1 / (1 + 1 / sum(l^2 / (1 - l^2))))
ml_one <- function(C) {
  m <- paste("f =~", paste(colnames(C), collapse = " + "))
  fit <- cfa(m, sample.cov = C, sample.nobs = 1000, std.lv = TRUE)
  stopifnot(lavInspect(fit, "converged"), lavInspect(fit, "post.check"))
  s <- standardizedSolution(fit, se = FALSE); l <- s$est.std[s$op == "=~"]; l <- l * sign(sum(l))
  e <- lavInspect(fit, "est")
  first <- ml_values(l, e$lambda[, 1], diag(e$theta), sum(lavInspect(fit, "sampstat")$cov))
  agree("compRelSEM against its formulas", unlist(first[1:2]), c(compRelSEM(fit), compRelSEM(fit, obs.var = FALSE)), 1e-12)
  end <- ml_end(C, l); sd <- sqrt(diag(C))
  last <- ml_values(end, end * sd, (1 - end^2) * sd^2, sum(C))
  agree("lavaan against the same likelihood taken to its end", unlist(first), unlist(last), 1e-5)
  c(last, list(loadings = I(end), lavaan = first))
}
minres_one <- function(C) {              # psych, and the same function of the loadings minimised to the end
  R <- cov2cor(C); low <- lower.tri(R)
  p <- quiet(omega(R, nfactors = 1, flip = FALSE, plot = FALSE))
  f <- function(l) sum((R - tcrossprod(l))[low]^2)
  g <- function(l) { E <- R - tcrossprod(l); diag(E) <- 0; -2 * c(E %*% l) }
  l <- c(p$schmid$sl[, "g"])
  for (i in 1:20) { H <- 2 * (2 * tcrossprod(l) - R); diag(H) <- 2 * (sum(l^2) - l^2); l <- l - solve(H, g(l)) }   # Newton
  stopifnot(max(abs(g(l))) < 1e-12, eigen(H, TRUE)$values > 0, f(l) <= f(c(p$schmid$sl[, "g"])) + 1e-14)
  l <- l * sign(sum(l))
  list(psych = p$omega.tot, omega_total_minres = 1 - sum(1 - l^2) / sum(R), loadings = I(l))
}

# ---------------------------------------------------------------- Schmid-Leiman
minres_end <- function(R, m, psi) {      # BFGS from psych's uniquenesses, then Newton's method
  f <- function(p) { e <- eigen(R - diag(p), TRUE)$values; sum(e[-(1:m)]^2) / 2 }
  g <- function(p) { e <- eigen(R - diag(p), TRUE); -c(e$vectors[, -(1:m)]^2 %*% e$values[-(1:m)]) }
  for (i in 1:40) psi <- optim(psi, f, g, method = "BFGS", control = list(reltol = 1e-16, maxit = 2000))$par
  for (i in 1:5) { J <- sapply(seq_along(psi), function(j) { h <- 1e-5; u <- w <- psi; u[j] <- u[j] + h; w[j] <- w[j] - h; (g(u) - g(w)) / (2 * h) }); psi <- psi - solve((J + t(J)) / 2, g(psi)) }
  stopifnot(max(abs(g(psi))) < 1e-11, min(psi) > .005)
  e <- eigen(R - diag(psi), TRUE)
  list(psi = psi, L = e$vectors[, 1:m] %*% diag(sqrt(e$values[1:m])))
}
schmid_end <- function(C, m, from) {
  R <- cov2cor(C); e <- minres_end(R, m, from)
  start <- unclass(varimax(e$L)$loadings)
  o <- oblimin(start, eps = 1e-7, maxit = 5000)
  stopifnot(o$convergence)
  P <- o$Phi; L <- unclass(o$loadings)
  gam <- if (m == 2) sqrt(abs(P[1, 2])) * c(1, sign(P[1, 2])) else {
    f <- function(l) sum((P - tcrossprod(l))[lower.tri(P)]^2); l <- rep(.7, m); low <- eigen(P)$vectors[, 1]; l <- l * sign(low)
    l <- optim(l, f, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000))$par
    for (i in 1:30) { E <- P - tcrossprod(l); diag(E) <- 0; H <- 2 * (2 * tcrossprod(l) - P); diag(H) <- 2 * (sum(l^2) - l^2); l <- l + solve(H, 2 * c(E %*% l)) }
    l }
  stopifnot(all(abs(gam) < 1))
  g <- c(L %*% gam); g <- g * sign(sum(g))
  s <- L * rep(sqrt(1 - gam^2), each = nrow(L)); V <- sum(R); u <- sum(e$psi)
  list(omega_hierarchical = sum(g)^2 / V, omega_total_sl = 1 - u / V, omega_limit = sum(g)^2 / (V - u),
       explained_common_variance = sum(g^2) / (sum(g^2) + sum(s^2)), general = I(g), negative = I(rownames(R)[g < 0]), second_order = I(sort(abs(gam))))
}
schmid_one <- function(C, m) {
  R <- cov2cor(C)
  p <- quiet(omega(R, nfactors = m, flip = FALSE, plot = FALSE, sl = TRUE))
  end <- schmid_end(C, m, pmax(p$schmid$sl[, "u2"], .01))
  psych <- list(omega_hierarchical = p$omega_h, omega_total_sl = p$omega.tot, omega_limit = p$omega.lim, explained_common_variance = unname(p$ECV))
  agree("psych::omega against the same steps taken to their end", unlist(psych), unlist(end[names(psych)]), 1e-4)
  c(list(groups = m, psych = psych), end)
}

# ---------------------------------------------------------------- all
one <- function(name) {
  C <- matrix_of(name); R <- cov2cor(C); k <- ncol(C)
  out <- list(items = I(colnames(C)), raw = bounds(C), standardized = bounds(R), halves = halves(C), halves_standardized = halves(R),
              glb = glb_dual(C), glb_standardized = glb_dual(R))
  sp <- quiet(splitHalf(R, check.keys = FALSE, n.sample = 20000)); raw <- quiet(splitHalf(C, covar = TRUE, check.keys = FALSE, n.sample = 20000))
  agree("psych::splitHalf alpha and lambda 2", c(sp$alpha, sp$lambda2, raw$alpha, raw$lambda2),
        c(out$standardized$lambda3, out$standardized$lambda2, out$raw$lambda3, out$raw$lambda2), 1e-10)
  agree("psych::splitHalf lambda 6, correlations", sp$lambda6, out$standardized$lambda6, 1e-10)
  # of an odd number of items psych runs through the first half of all splits only
  if (k %% 2 == 0) { agree("psych::splitHalf min, mean, max", c(sp$minrb, sp$meanr, sp$maxrb, raw$minrb, raw$meanr, raw$maxrb), c(unlist(out$halves_standardized$guttman), unlist(out$halves$guttman)), 1e-10) }
  else { stopifnot(sp$minrb >= out$halves_standardized$guttman$min - 1e-12, sp$maxrb <= out$halves_standardized$guttman$max + 1e-12)
    out$psych_splitHalf <- list(min = sp$minrb, mean = sp$meanr, max = sp$maxrb) }
  if (k >= 5) { gu <- quiet(guttman(R))
    agree("psych::guttman", c(gu$lambda.1, gu$lambda.2, gu$lambda.3, gu$lambda.5, gu$lambda.6), unlist(out$standardized)[c(1, 2, 3, 5, 6)], 1e-10)
    out$psych_glb_fa <- quiet(glb.fa(R)$glb) }
  if (k >= 3) { out$ml <- ml_one(C); out$minres <- minres_one(C); agree("psych::omega(nfactors = 1) against minres to its end", out$minres$psych, out$minres$omega_total_minres, 1e-5) }
  out
}
out <- setNames(lapply(sets, one), sets)
hierarchical <- list()
for (n in names(groups)) for (m in groups[[n]]) hierarchical[[paste0(n, "_", m)]] <- c(list(set = n), schmid_one(matrix_of(n), m))
# psych's defaults: three factors, items reversed as it sees fit; of five items three factors are not determined
psych_default <- lapply(setNames(nm = c("bfi_N", "bfi_A", "bfi_E", "bfi_C", "bfi_O", "hs9", "ability16", "bfi25")), function(n) {
  p <- quiet(omega(cov2cor(matrix_of(n)), plot = FALSE)); list(omega_h = p$omega_h, omega_total = p$omega.tot, reversed = I(which(p$key < 0) - 1)) })
agree("alpha of all splits of an even number of items", out$ability16$halves$guttman$mean, out$ability16$raw$lambda3, 1e-12)

notes <- list(
  raw = "of the covariance matrix: Guttman's lambda 1 to 6; lambda4 over all splits into two parts, by all sign vectors.",
  standardized = "the same of the correlation matrix; lambda 1, 2, 3, 5 and 6 are psych::guttman's to 1e-10 (five items or more).",
  halves = "of the covariance matrix; halves as equal in length as can be. first_last: the first half has the middle item; odd_even: items 1, 3, ... . guttman = 1 - var(A - B)/var(A + B), psych::splitHalf's; spearman_brown: 2r/(1 + r), for unequal halves Horst's formula as SPSS prints it. min, mean, max: over all splits.",
  halves_standardized = "the same of the correlation matrix.",
  psych_splitHalf = "what psych::splitHalf prints of the correlations of an odd number of items: it runs through the first half of the splits only, so this is no golden value of ours.",
  glb = "greatest lower bound of the covariance (correlation) matrix by the dual problem, min tr(CX), X = VV' with rows of length 1 or more, BFGS from three starts; every such value is a lower bound to it. Good to about 1e-9.",
  psych_glb_fa = "psych::glb.fa of the correlations; another number.",
  ml = "one factor, ML. lavaan: lavaan::cfa; omega_total_ml = semTools::compRelSEM, omega_total_ml_model = the same with obs.var = FALSE, composite_reliability and coefficient_h: formulas of its standardized loadings. The rest: the same likelihood taken from there to its end by Newton's method.",
  minres = "psych = psych::omega(R, nfactors = 1, flip = FALSE)$omega.tot; omega_total_minres, loadings: the same least squares, taken to their minimum by Newton's method.",
  psych_default = "psych::omega(R): three group factors, items reversed where it sees fit (reversed: their places from 0). Of five items three factors are not determined: these values depend on where its search ends.",
  hierarchical = "psych: psych::omega(R, nfactors = groups, flip = FALSE). The rest: the same steps (minres, varimax, GPArotation::oblimin, second-order minres or, of two factors, the root of their correlation), each taken to its end. second_order is sorted, and without sign; negative: items with a negative general loading, where we give no coefficient.")
write_json(list(notes = notes, data_sets = out, hierarchical = hierarchical, psych_default = psych_default), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("psych", "lavaan", "semTools", "GPArotation", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
for (w in names(worst)) cat(sprintf("%-60s largest disagreement %.1e\n", w, worst[[w]]))
