# Golden moments of two tiny hand-made tables with blanks.  Run from inside this folder:  Rscript make.R
# Reads tiny.csv and sparse.csv, writes expected.json and session.txt.
suppressPackageStartupMessages(library(jsonlite))
options(digits = 15, warn = 2)

same <- function(what, a, b, tol = 1e-13) {    # same pattern of NA, and equal where present
  a <- as.numeric(a); b <- as.numeric(b)
  if (length(a) != length(b) || !length(a) || any(is.na(a) != is.na(b))) stop(what, ": shape or NA pattern differs")
  ok <- !is.na(a)
  if (any(abs(a[ok] - b[ok]) > tol * pmax(1, abs(b[ok])))) stop(what, ": values differ")
}
by_hand <- function(x, y) { n <- length(x); if (n < 2) NA else (sum(x * y) - sum(x) * sum(y) / n) / (n - 1) }
bare <- function(x) { x <- as.matrix(x); dimnames(x) <- NULL; x }

one <- function(file) {
  X <- as.matrix(read.csv(file)); storage.mode(X) <- "double"; k <- ncol(X); P <- !is.na(X)
  C <- X[complete.cases(X), , drop = FALSE]
  pair_n <- crossprod(P)
  cov_pair <- cov(X, use = "pairwise.complete.obs")
  cor_pair <- suppressWarnings(cor(X, use = "pairwise.complete.obs"))
  hand <- matrix(NA_real_, k, k)
  for (i in 1:k) for (j in 1:k) { b <- P[, i] & P[, j]; hand[i, j] <- by_hand(X[b, i], X[b, j]) }
  same("pairwise covariance", cov_pair, hand)
  same("available sd", apply(X, 2, sd, na.rm = TRUE)^2, diag(hand))
  out <- list(file = file, items = I(colnames(X)), n_rows = nrow(X),
    n_complete = nrow(C), n_all_missing = sum(rowSums(P) == 0),
    available = list(n = I(unname(colSums(P))), mean = I(unname(colMeans(X, na.rm = TRUE))), sd = I(unname(apply(X, 2, sd, na.rm = TRUE)))),
    pairwise = list(n = bare(pair_n), covariance = bare(cov_pair),
      correlation_of_pairs = bare(cor_pair), correlation_cov2cor = bare(cov_pair / outer(sqrt(diag(cov_pair)), sqrt(diag(cov_pair))))))
  if (nrow(C) >= 2) {
    S <- cov(C); same("complete covariance", S, outer(1:k, 1:k, Vectorize(function(i, j) by_hand(C[, i], C[, j]))))
    same("complete.obs", S, cov(X, use = "complete.obs"))
    out$complete <- list(n = nrow(C), mean = I(unname(colMeans(C))), sd = I(unname(sqrt(diag(S)))),
                         covariance = bare(S), covariance_divisor_n = bare(S * (nrow(C) - 1) / nrow(C)), correlation = bare(cov2cor(S)))
  } else out$complete <- list(n = nrow(C), mean = NULL, sd = NULL, covariance = NULL, covariance_divisor_n = NULL, correlation = NULL)
  out
}
out <- list(tiny = one("tiny.csv"), sparse = one("sparse.csv"))

notes <- list(
  order = "Vectors and matrices are in the order of 'items'; matrices are lists of rows. null: R gives NA (fewer than two rows).",
  divisors = "Variances, covariances and standard deviations have the divisor n - 1; only covariance_divisor_n has n.",
  available = "each column by itself, blanks left out: colSums(!is.na(x)), colMeans(x, na.rm = TRUE), sd(x, na.rm = TRUE).",
  pairwise = "n: rows where both are present (diagonal: where the column is). covariance: cov(x, use = 'pairwise.complete.obs'): each cell from the rows where both are present, with the means of those rows, divisor (their number) - 1; the diagonal is the variance of all that is present.",
  correlation_of_pairs = "cor(x, use = 'pairwise.complete.obs'): standard deviations of the pair's own rows.",
  correlation_cov2cor = "cov_ij / sqrt(cov_ii cov_jj) of the pairwise covariance matrix: what psych::alpha uses. It differs from correlation_of_pairs and may leave [-1, 1] (sparse, x and z: above 1).",
  complete = "rows with no blank, use = 'complete.obs'. null where there are fewer than two such rows (sparse: none; R's cov stops with 'no complete element pairs').")

write_json(list(notes = notes, data_sets = out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:", paste("jsonlite", packageVersion("jsonlite"))), "session.txt")
