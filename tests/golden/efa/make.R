# Golden values of exploratory factor analysis.  Run from inside this folder:  Rscript make.R
# Reads bfi.csv, writes expected.json and session.txt.
# Each solution is there twice: as psych gives it (its optimiser and rotations stop early), and
# taken to its end by the code below, which shares nothing with psych.  Both must agree.
suppressPackageStartupMessages({library(psych); library(GPArotation); library(jsonlite)})
options(digits = 15, warn = 2)

raw <- read.csv("bfi.csv")
X <- raw[complete.cases(raw), ]
R <- cor(X); n <- nrow(X); k <- ncol(X); m <- 5

agree <- function(what, a, b, tol) {
  d <- max(abs(as.numeric(a) - as.numeric(b)))
  cat(sprintf("%-46s %.1e\n", what, d))
  if (!(d <= tol)) stop(what, ": disagreement ", format(d), " is more than ", format(tol))
}

# ---------------------------------------------------------------- order and sign
# factors by variance explained, column sums positive
tidy <- function(L, Phi = diag(ncol(L))) {
  L <- unclass(L); Phi <- unclass(Phi); dimnames(L) <- dimnames(Phi) <- NULL
  s <- ifelse(colSums(L) < 0, -1, 1); o <- order(diag(Phi %*% t(L) %*% L), decreasing = TRUE)
  list(loadings = (L %*% diag(s, ncol(L)))[, o, drop = FALSE], phi = (Phi * outer(s, s))[o, o, drop = FALSE])
}

# ---------------------------------------------------------------- extraction to the end
uls <- function(p) { e <- eigen(R - diag(p), symmetric = TRUE, only.values = TRUE)$values[-(1:m)]; sum(e^2) / 2 }
uls_gradient <- function(p) { e <- eigen(R - diag(p), symmetric = TRUE); -c(e$vectors[, -(1:m)]^2 %*% e$values[-(1:m)]) }
mlf <- function(x) { e <- eigen(R / exp(outer(x, x, "+") / 2), symmetric = TRUE, only.values = TRUE)$values[-(1:m)]; sum(e - log(e) - 1) }
mlf_gradient <- function(x) { e <- eigen(R / exp(outer(x, x, "+") / 2), symmetric = TRUE); -c(e$vectors[, -(1:m)]^2 %*% (e$values[-(1:m)] - 1)) }
# Newton's method with a Hessian by central differences of the gradient
to_the_end <- function(x, gradient) {
  for (step in 1:50) {
    g <- gradient(x); if (max(abs(g)) < 1e-13) break
    H <- sapply(seq_along(x), function(j) { u <- w <- x; u[j] <- u[j] + 1e-5; w[j] <- w[j] - 1e-5; (gradient(u) - gradient(w)) / 2e-5 })
    x <- x - solve((H + t(H)) / 2, g)
  }
  stopifnot(max(abs(gradient(x))) < 1e-11)
  x
}
near <- nlminb(1 - smc(R), uls, uls_gradient, lower = .005, upper = 1)$par
psi <- to_the_end(near, uls_gradient); e <- eigen(R - diag(psi), symmetric = TRUE)
L_minres <- e$vectors[, 1:m] %*% diag(sqrt(e$values[1:m]))
logpsi <- to_the_end(nlminb(log(1 - smc(R)), mlf, mlf_gradient)$par, mlf_gradient); d <- exp(logpsi / 2)
e <- eigen(R / outer(d, d), symmetric = TRUE)
L_ml <- d * e$vectors[, 1:m] %*% diag(sqrt(e$values[1:m] - 1))
pa <- fa(R, m, n.obs = n, fm = "pa", rotate = "none", min.err = 1e-12, max.iter = 100000)
agree("principal axis to its end is minres", pa$communality, rowSums(L_minres^2), 1e-8)
F <- factanal(covmat = R, factors = m, n.obs = n, rotation = "none", control = list(opt = list(factr = 1)))
agree("stats::factanal, communalities", 1 - F$uniquenesses, rowSums(L_ml^2), 1e-5)
spss <- function(h) {                     # principal axis, stopped as SPSS does: no communality changes by .001
  repeat { S <- R; diag(S) <- h; e <- eigen(S, symmetric = TRUE); L <- e$vectors[, 1:m] %*% diag(sqrt(e$values[1:m]))
    if (max(abs(rowSums(L^2) - h)) < 1e-3) return(rowSums(L^2)); h <- rowSums(L^2) }
}

# ---------------------------------------------------------------- rotation to the end
promax4 <- function(V, target) { U <- qr.solve(V, target); U <- U %*% diag(sqrt(diag(solve(crossprod(U))))); list(loadings = V %*% U, Phi = solve(U) %*% t(solve(U))) }
# GPArotation stops where its criterion no longer changes in double precision; from there on by
# gradient steps of fixed length on the normalised columns, which need no criterion
quartimin_slope <- function(L) L * (rowSums(L^2) - L^2)
geomin_slope <- function(L) { Q <- L^2 + .01; 2 / ncol(L) * L / Q * exp(rowMeans(log(Q))) }
oblique <- function(f, slope, L, normalize = FALSE, ...) {
  w <- if (normalize) sqrt(rowSums(L^2)) else rep(1, nrow(L)); A <- L / w
  T <- f(A, eps = 1e-4, maxit = 20000, ...)$Th; a <- .25; last <- Inf
  for (step in 1:100000) {
    P <- A %*% t(solve(T)); G <- -t(t(P) %*% slope(P) %*% solve(T)); G <- G - T %*% diag(colSums(T * G))
    s <- sqrt(sum(G^2)); if (s < 1e-13) break
    if (s > last) a <- a / 2
    last <- s; T <- T - a * G; T <- T %*% diag(1 / sqrt(colSums(T^2)))
  }
  stopifnot(s < 1e-11)
  tidy(w * (A %*% t(solve(T))), t(T) %*% T)
}
# stats::varimax stops where its criterion no longer changes; from there on until its turn does not
varimax_end <- function(L, normalize = TRUE) {
  w <- if (normalize) sqrt(rowSums(L^2)) else rep(1, nrow(L)); A <- L / w; T <- varimax(L, normalize)$rotmat
  for (step in 1:5000) { P <- A %*% T; s <- svd(t(A) %*% (P^3 - P %*% diag(colMeans(P^2)))); T <- s$u %*% t(s$v) }
  w * (A %*% T)
}
rotations <- function(L) {
  h <- sqrt(rowSums(L^2)); V <- varimax_end(L); W <- V / h
  weighted <- promax4(W, sign(W) * abs(W)^4); weighted$loadings <- weighted$loadings * h
  list(varimax = tidy(V), varimax_raw = tidy(varimax_end(L, FALSE)),
       oblimin = oblique(oblimin, quartimin_slope, L), oblimin_kaiser = oblique(oblimin, quartimin_slope, L, TRUE),
       geomin = oblique(geominQ, geomin_slope, L, delta = .01),
       promax = tidy(weighted$loadings, weighted$Phi),
       promax_spss = { p <- promax4(V, sign(W) * abs(W)^4); tidy(p$loadings, p$Phi) })
}
ended <- list(minres = rotations(L_minres), ml = rotations(L_ml))

# ---------------------------------------------------------------- as psych gives it
as_psych <- function(fm, rotate, ...) { f <- fa(R, m, n.obs = n, fm = fm, rotate = rotate, ...)
  Phi <- if (is.null(f$Phi)) diag(m) else f$Phi; list(loadings = unname(unclass(f$loadings)), phi = unname(unclass(Phi)), communality = unname(f$communality)) }
given <- list()
for (fm in c("minres", "ml")) for (rotate in c("oblimin", "varimax", "promax")) {
  given[[fm]][[rotate]] <- as_psych(fm, rotate)
  agree(paste("psych", fm, rotate), given[[fm]][[rotate]]$loadings, ended[[fm]][[rotate]]$loadings, 5e-3)
  agree(paste("psych", fm, rotate, "Phi"), given[[fm]][[rotate]]$phi, ended[[fm]][[rotate]]$phi, 5e-3)
}
f <- fa(R, m, n.obs = n, fm = "ml", rotate = "none")
fit <- list(n = n, chisq = f$STATISTIC, df = f$dof, p = f$PVAL, rmsea = f$RMSEA[["RMSEA"]], rmsea_low = f$RMSEA[["lower"]],
            rmsea_high = f$RMSEA[["upper"]], tli = f$TLI, bic = f$BIC, rmsr = f$rms, crmsr = f$crms)
one <- fa(R[16:20, 16:20], 1, n.obs = n, fm = "ml")
fit_one <- list(n = n, chisq = one$STATISTIC, df = one$dof, p = one$PVAL, rmsea = one$RMSEA[["RMSEA"]], rmsea_low = one$RMSEA[["lower"]],
                rmsea_high = one$RMSEA[["upper"]], tli = one$TLI, bic = one$BIC, rmsr = one$rms, crmsr = one$crms)

p <- suppressMessages(fa(X[, 16:20], 1, cor = "poly", correct = 0, fm = "minres"))
polychoric <- list(items = colnames(X)[16:20], loadings = as.numeric(p$loadings))

# ---------------------------------------------------------------- how many factors
K <- KMO(R); B <- cortest.bartlett(R, n)
map_of <- function(power) sapply(0:(k - 2), function(q) {   # partial correlations by regression on component scores' loadings
  e <- eigen(R, symmetric = TRUE); A <- if (q) e$vectors[, 1:q, drop = FALSE] %*% diag(sqrt(e$values[1:q]), q) else matrix(0, k, 1)
  P <- cov2cor(R - A %*% t(A)); (sum(abs(P)^power) - k) / (k * (k - 1)) })
map2 <- map_of(2); agree("psych::vss map", vss(R, n = 20, n.obs = n, plot = FALSE, rotate = "none")$map, map2[2:21], 1e-10)
ekc <- function(l, n) { k <- length(l); r <- numeric(k); for (j in 1:k) r[j] <- max((1 + sqrt(k / n))^2 * (k - sum(l[seq_len(j - 1)])) / (k - j + 1), 1); r }
l <- eigen(R, symmetric = TRUE)$values; reference <- ekc(l, n)

# hull: convex hull by base R's chull on (parameters, fit), solutions worse than one with fewer factors dropped first
elbow <- function(df, f) {
  keep <- which(f > c(-Inf, cummax(f)[-length(f)])); x <- -df[keep]; y <- f[keep]
  on <- sort(chull(c(x, min(x), max(x)), c(y, min(y) - 1, min(y) - 1))); on <- on[on <= length(x)]; i <- keep[on]
  st <- rep(NA_real_, length(f))
  if (length(i) > 2) for (a in 2:(length(i) - 1)) st[i[a]] <- ((f[i[a]] - f[i[a - 1]]) / (df[i[a - 1]] - df[i[a]])) / ((f[i[a + 1]] - f[i[a]]) / (df[i[a]] - df[i[a + 1]]))
  list(df = df, fit = f, elbow = st, factors = which.max(st) - 1)
}
solve_for <- function(q, fm) { m <<- q
  if (fm == "ml") { x <- to_the_end(nlminb(log(1 - smc(R)), mlf, mlf_gradient)$par, mlf_gradient); d <- exp(x / 2); e <- eigen(R / outer(d, d), symmetric = TRUE)
    d * e$vectors[, 1:q, drop = FALSE] %*% diag(sqrt(e$values[1:q] - 1), q) }
  else { p <- to_the_end(nlminb(1 - smc(R), uls, uls_gradient, lower = .005, upper = 1)$par, uls_gradient); e <- eigen(R - diag(p), symmetric = TRUE)
    e$vectors[, 1:q, drop = FALSE] %*% diag(sqrt(e$values[1:q]), q) } }
most <- 7; df <- sapply(0:most, function(q) ((k - q)^2 - (k + q)) / 2)
caf <- c(1 - K$MSA, sapply(1:most, function(q) { L <- solve_for(q, "minres"); S <- R - L %*% t(L); diag(S) <- 1; 1 - KMO(S)$MSA }))
chi <- c(-(n - 1) * log(det(R)), sapply(1:most, function(q) { L <- solve_for(q, "ml"); S <- L %*% t(L); diag(S) <- 1; Q <- solve(S, R); (n - 1) * (sum(diag(Q)) - log(det(Q)) - k) }))
cfi <- 1 - pmax(chi - df, 0) / (chi[1] - df[1])
m <- 5

# parallel analysis: mean eigenvalues of normal answers, and the standard error of that mean
set.seed(20); draws <- replicate(2000, eigen(cor(matrix(rnorm(60 * 8), 60)), symmetric = TRUE, only.values = TRUE)$values)
normal <- list(n = 60, items = 8, mean = rowMeans(draws), se = apply(draws, 1, sd) / sqrt(2000), q95 = apply(draws, 1, quantile, .95))

notes <- list(
  data = "The 25 personality items of bfi.csv as answered, people with all 25; Pearson correlations; five factors. Factors in the order of the variance they explain (diagonal of Phi L'L), column sums positive. Loadings are [item, factor].",
  ended = "Loadings taken to the end: minres and ML by Newton's method in make.R (gradient below 1e-11); stats::varimax, from there iterated until nothing changes, 'varimax_raw' with normalize = FALSE; GPArotation 'oblimin' (gam 0) and 'geominQ' (delta .01), from there by gradient steps to a gradient below 1e-11, '_kaiser' of rows divided by the root of their communality; promax (power 4) by regression: 'promax' rows normalised throughout, as psych's rotate = 'promax'; 'promax_spss' only the target's rows normalised.",
  psych = "psych::fa(fm, rotate) as it is. Its optimiser and rotations stop at about 1e-5 to 1e-4 of the end.",
  spss = "communalities of principal axis factoring stopped when none changes by .001 or more.",
  fit = "psych::fa(fm = 'ml') of 25 items and 5 factors, fit_one of N1-N5 and one factor: STATISTIC, dof, PVAL, RMSEA with 90 % interval, TLI, BIC, rms, crms.",
  polychoric = "psych::fa(cor = 'poly', correct = 0, fm = 'minres'), N1-N5, one factor.",
  kmo = "psych::KMO: MSA, MSAi. bartlett: psych::cortest.bartlett (chisq, df; p underflows to 0).",
  map = "average partial correlations after 0 ... 23 components; squared: equals psych::vss(...)$map (1e-10); fourth: the same with the fourth power.",
  ekc = "reference eigenvalues of the empirical Kaiser criterion (Braeken & van Assen 2017), written out in make.R; also for 6 equal eigenvalues.",
  hull = "hull of 0 ... 7 factors: CAF (1 - KMO of the residual matrix with unit diagonal, minres) and CFI (ML, chi-square (n-1) F); hull by base R's chull; elbow is the scree test value, null off the hull and at its ends.",
  normal = "eigenvalues of correlation matrices of 60 normal answers to 8 items, 2,000 draws of R: means, their standard errors, 95th percentiles.")
out <- list(notes = notes, items = colnames(X), n = n, ended = ended, psych = given, spss_communality = unname(spss(unname(smc(R)))),
  fit = fit, fit_one = fit_one, polychoric = polychoric, kmo = list(overall = K$MSA, items = unname(K$MSAi)), bartlett = list(chisq = B$chisq, df = B$df),
  map = list(squared = map2, fourth = map_of(4)), ekc = list(reference = reference, factors = which(l <= reference)[1] - 1, flat = ekc(rep(1, 6), 50)),
  hull = list(caf = elbow(df, caf), cfi = elbow(df, cfi)), normal = normal)
write_json(out, "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null", matrix = "rowmajor")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("psych", "GPArotation", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
