# Golden values of convergent validity.  Run from inside this folder:  Rscript make.R
# Reads bfi.csv, writes expected.json and session.txt.
# What is computed here twice is asserted to agree; the script stops otherwise.
suppressPackageStartupMessages({library(psych); library(lavaan); library(semTools); library(jsonlite)})
options(digits = 15, warn = 2)

agree <- function(what, a, b, tol = 1e-10) {
  d <- max(abs(a - b) / pmax(abs(a), abs(b), 1e-300))
  if (!(d <= tol)) stop(what, ": disagreement ", format(d))
}
X <- read.csv("bfi.csv")[-1]
for (v in c("A1", "C4", "C5", "E1", "E2", "O2", "O5")) X[[v]] <- 7 - X[[v]]
scales <- sapply(c("A", "C", "E", "N", "O"), function(s) paste0(s, 1:5), simplify = FALSE)
C <- X[complete.cases(X), ]; S <- cov(C); R <- cor(C)

# ---------------------------------------------------------------- HTMT
model <- paste(sapply(names(scales), function(s) paste(s, "=~", paste(scales[[s]], collapse = " + "))), collapse = "\n")
by_hand <- function(R, one, two, how) {
  upper <- function(s) R[s, s][upper.tri(diag(length(s)))]
  how(R[one, two]) / sqrt(how(upper(one)) * how(upper(two)))
}
geometric <- function(x) exp(mean(log(x)))
matrix_of <- function(R, how) sapply(scales, function(a) sapply(scales, function(b) if (identical(a, b)) 1 else by_hand(R, a, b, how)))
h1 <- unclass(semTools::htmt(model, C, htmt2 = FALSE, absolute = TRUE)); h2 <- unclass(semTools::htmt(model, C, htmt2 = TRUE))
agree("htmt", h1[lower.tri(h1)], matrix_of(abs(R), mean)[lower.tri(h1)]); agree("htmt2", h2[lower.tri(h2)], matrix_of(abs(R), geometric)[lower.tri(h2)])
signed <- matrix_of(R, mean)

# ---------------------------------------------------------------- correlations and their correction, complete people
T <- sapply(scales, function(s) rowSums(C[s])); alphas <- sapply(scales, function(s) psych::alpha(C[s], check.keys = FALSE)$total$raw_alpha)
corrected <- psych::correct.cor(cor(T), alphas)
# standard error of the corrected correlation: gradient with respect to the covariances by Richardson differences
alpha_of <- function(S) { k <- ncol(S); k / (k - 1) * (1 - sum(diag(S)) / sum(S)) }
one_corrected <- function(S) { a <- S[1:5, 1:5]; b <- S[6:10, 6:10]; sum(S[1:5, 6:10]) / sqrt(sum(a) * sum(b)) / sqrt(alpha_of(a) * alpha_of(b)) }
gradient <- function(f, S) {
  G <- matrix(0, nrow(S), ncol(S))
  for (i in 1:nrow(S)) for (j in i:ncol(S)) {
    h <- 1e-2 * sqrt(S[i, i] * S[j, j]) / 2^(0:4)
    A <- sapply(h, function(e) { P <- M <- S; P[i, j] <- P[j, i] <- S[i, j] + e; M[i, j] <- M[j, i] <- S[i, j] - e; (f(P) - f(M)) / (2 * e) })
    for (m in 1:4) A <- (4^m * A[-1] - A[-length(A)]) / (4^m - 1)
    G[i, j] <- G[j, i] <- if (i == j) A else A / 2
  }
  G
}
se_of <- function(items) {
  Y <- as.matrix(C[items]); n <- nrow(Y); Yc <- sweep(Y, 2, colMeans(Y)); G <- gradient(one_corrected, cov(Y))
  u <- rowSums((Yc %*% G) * Yc); sqrt(sum((u - mean(u))^2) / (n * (n - 1)))
}
z <- qnorm(.975); pairs <- list()
for (i in 1:4) for (j in (i + 1):5) {
  x <- T[, i]; y <- T[, j]; p <- cor.test(x, y); s <- cor.test(x, y, method = "spearman", exact = FALSE)
  rho <- unname(s$estimate); n <- length(x); c0 <- corrected[i, j]; se <- se_of(c(scales[[i]], scales[[j]]))
  agree("corrected", c0, one_corrected(cov(C[c(scales[[i]], scales[[j]])])))
  r <- unname(p$estimate); zx <- (x - mean(x)) / sd(x); zy <- (y - mean(y)) / sd(y); u <- zx * zy - r * (zx^2 + zy^2) / 2
  free <- sqrt(sum((u - mean(u))^2) / (n * (n - 1))) / (1 - r^2)
  pairs[[length(pairs) + 1]] <- list(first = colnames(T)[i], second = colnames(T)[j], n = n, r = r, p = p$p.value, fisher = as.numeric(p$conf.int),
    distribution_free = tanh(atanh(r) + c(-1, 1) * z * free), rho = rho, p_rho = s$p.value,
    bonett_wright = tanh(atanh(rho) + c(-1, 1) * z * sqrt((1 + rho^2 / 2) / (n - 3))), corrected = c0, corrected_ends = c0 + c(-1, 1) * z * se)
}

# ---------------------------------------------------------------- AVE
ave <- sapply(names(scales), function(s) {
  f <- cfa(paste("F =~", paste(scales[[s]], collapse = " + ")), C, std.lv = TRUE)
  mean(standardizedSolution(f)$est.std[1:5]^2)
})

notes <- list(
  keying = "A1, C4, C5, E1, E2, O2, O5 as 7 - x. n = people with all 25 answers; scores are sums of five items.",
  htmt = "semTools::htmt on the complete rows, rows and columns in the order A, C, E, N, O: htmt_absolute = htmt2 = FALSE, absolute = TRUE; htmt2_absolute = its default. Both agree with the formula written out. htmt_signed = the formula with the correlations as they are.",
  correlations = "r, p, fisher = cor.test; rho, p_rho = cor.test(method = spearman, exact = FALSE); bonett_wright, distribution_free on Fisher's z as written in make.R.",
  corrected = "psych::correct.cor with psych's raw alphas; corrected_ends = value -+ 1.96 standard errors, distribution-free, the gradient with respect to the covariances of the ten items by Richardson differences.",
  ave = "mean squared standardized loading of lavaan's one-factor model, maximum likelihood.")
out <- list(notes = notes, n = nrow(C), alpha = as.list(alphas), htmt_absolute = unname(h1), htmt2_absolute = unname(h2), htmt_signed = unname(signed), pairs = pairs, ave = as.list(ave))
write_json(out, "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
writeLines(c(capture.output(sessionInfo()), "", "package versions:", sapply(c("psych", "lavaan", "semTools", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
