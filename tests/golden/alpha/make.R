# Golden values of coefficient alpha.  Run from inside this folder:  Rscript make.R
# Reads bfi.csv and ability16.csv, writes expected.json and session.txt.
# Every number that is computed here twice is asserted to agree; the script stops otherwise.
suppressPackageStartupMessages({library(psych); library(lavaan); library(jsonlite)})
options(digits = 15, warn = 2)          # a warning (e.g. psych's "should be reversed") is an error

# ---------------------------------------------------------------- the data sets
sets <- list(
  bfi_N     = list(file = "bfi.csv", items = paste0("N", 1:5), reversed = character(0), minimum = 1, maximum = 6),
  bfi_E     = list(file = "bfi.csv", items = paste0("E", 1:5), reversed = c("E1", "E2"), minimum = 1, maximum = 6),
  bfi_A     = list(file = "bfi.csv", items = paste0("A", 1:5), reversed = "A1",          minimum = 1, maximum = 6),
  ability16 = list(file = "ability16.csv",
                   items = c("reason.4", "reason.16", "reason.17", "reason.19",
                             "letter.7", "letter.33", "letter.34", "letter.58",
                             "matrix.45", "matrix.46", "matrix.47", "matrix.55",
                             "rotate.3", "rotate.4", "rotate.6", "rotate.8"),
                   reversed = character(0), minimum = 0, maximum = 1))

# ---------------------------------------------------------------- assertions
worst <- list()                          # largest disagreement seen, per kind, printed at the end
agree <- function(kind, a, b, tol) {     # relative; both finite, same length, not empty
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a - b) / pmax(abs(a), abs(b), .Machine$double.xmin))
  worst[[kind]] <<- max(d, worst[[kind]])
  if (!(d <= tol)) stop(kind, ": disagreement ", format(d), " is more than ", format(tol))
}

# ---------------------------------------------------------------- alpha as functions of vech(S)
# vech: lower triangle with diagonal, column by column.
from_vech <- function(v, k) { S <- matrix(v[1], k, k); S[lower.tri(S, TRUE)] <- v; S <- t(S); S[lower.tri(S, TRUE)] <- v; S }
vech <- function(S) S[lower.tri(S, TRUE)]
alpha_raw <- function(S) { k <- ncol(S); k / (k - 1) * (1 - sum(diag(S)) / sum(S)) }
alpha_std <- function(S) { k <- ncol(S); d <- 1 / sqrt(diag(S)); R <- S * outer(d, d); k / (k - 1) * (1 - k / sum(R)) }

# analytic gradients with respect to vech(S)  (an off-diagonal element stands for two cells)
gradient_raw <- function(S) {
  k <- ncol(S); T <- sum(S); t <- sum(diag(S))
  G <- matrix(2 * t / T^2, k, k); diag(G) <- -(T - t) / T^2
  k / (k - 1) * vech(G)
}
gradient_std <- function(S) {
  # chain rule: d alpha_std / d sum(R) = k/(k-1) * k / sum(R)^2;
  # sum(R) = k + 2 sum_{i<j} r_ij;  dr_ij/ds_ij = 1/sqrt(s_ii s_jj);  dr_ij/ds_ii = -r_ij / (2 s_ii)
  k <- ncol(S); d <- sqrt(diag(S)); R <- S / outer(d, d)
  G <- 2 / outer(d, d); diag(G) <- -(colSums(R) - 1) / diag(S)
  k / (k - 1) * k / sum(R)^2 * vech(G)
}

# finite differences, two kinds: complex step (rounding only) and central with Richardson extrapolation
gradient_complex <- function(f, S) {
  v <- vech(S); k <- ncol(S); h <- 1e-30
  sapply(seq_along(v), function(j) { w <- as.complex(v); w[j] <- w[j] + 1i * h; Im(f(from_vech(w, k))) / h })
}
gradient_richardson <- function(f, S) {
  v <- vech(S); k <- ncol(S)
  sapply(seq_along(v), function(j) {
    h <- 1e-2 * max(abs(v[j]), 0.1 * mean(diag(S))) / 2^(0:5)
    A <- sapply(h, function(e) { u <- w <- v; u[j] <- u[j] + e; w[j] <- w[j] - e; (f(from_vech(u, k)) - f(from_vech(w, k))) / (2 * e) })
    for (m in 1:5) A <- (4^m * A[-1] - A[-length(A)]) / (4^m - 1)
    A
  })
}

# ---------------------------------------------------------------- distribution-free standard errors
z975 <- 1.959963984540054
wald <- function(est, se) list(estimate = est, se = se, lower = est - z975 * se, upper = est + z975 * se)

adf <- function(Y, f, gradient, influence, kind) {
  Y <- as.matrix(Y); storage.mode(Y) <- "double"; N <- nrow(Y); k <- ncol(Y); S <- cov(Y)   # divisor N - 1
  delta <- gradient(S)
  agree(paste(kind, "gradient, complex step"), delta, gradient_complex(f, S), 1e-11)
  agree(paste(kind, "gradient, Richardson"), delta, gradient_richardson(f, S), 1e-7)
  # (a) general: Gamma = asymptotic covariance matrix of sqrt(N) vech(S), distribution-free, divisor N
  #     (lavaan: fourth moments minus products, centred at the divisor-N moments)
  Gamma <- lavaan:::lav_samplestats_Gamma(Y)
  se_a <- sqrt(c(t(delta) %*% Gamma %*% delta) / (N - 1))
  #     the same Gamma from explicit fourth moments, no lavaan
  Yc <- sweep(Y, 2, colMeans(Y)); ij <- which(lower.tri(S, TRUE), arr.ind = TRUE)
  M4 <- function(a, b) mean(Yc[, ij[a, 1]] * Yc[, ij[a, 2]] * Yc[, ij[b, 1]] * Yc[, ij[b, 2]])
  s_N <- vech(S * (N - 1) / N); p <- nrow(ij); Gx <- matrix(0, p, p)
  for (a in 1:p) for (b in a:p) Gx[a, b] <- Gx[b, a] <- M4(a, b) - s_N[a] * s_N[b]
  agree(paste(kind, "se, explicit fourth moments"), se_a, sqrt(c(t(delta) %*% Gx %*% delta) / (N - 1)), 1e-10)
  # (b) casewise, Maydeu-Olivares, Coffman & Hartmann (2007): 1/(N(N-1)) sum_i (delta'(s_i - s))^2,
  #     s_i = vech((x_i - xbar)(x_i - xbar)'), s = vech(S), one row at a time
  s <- vech(S)
  q <- vapply(seq_len(N), function(i) sum(delta * (vech(outer(Yc[i, ], Yc[i, ])) - s)), 0)
  se_b <- sqrt(sum(q^2) / (N * (N - 1)))
  agree(paste(kind, "se, (a) Gamma against (b) casewise"), se_a, se_b, 1e-10)
  # (c) casewise without vech and without delta: the influence written out by hand
  se_c <- sqrt(sum(influence(Yc, S)^2) / (N * (N - 1)))
  agree(paste(kind, "se, (b) casewise against (c) written-out influence"), se_b, se_c, 1e-10)
  c(list(n = N), wald(f(S), se_b))
}
influence_raw <- function(Yc, S) {      # from the total score and the sum of squared deviations only
  k <- ncol(S); T <- sum(S); t <- sum(diag(S))
  k / (k - 1) * (t * rowSums(Yc)^2 / T^2 - rowSums(Yc^2) / T)
}
influence_std <- function(Yc, S) {      # z-scores with the divisor N - 1; dr_ij = z_i z_j - r_ij (z_i^2 + z_j^2)/2
  k <- ncol(S); Z <- sweep(Yc, 2, sqrt(diag(S)), "/"); R <- cov2cor(S)
  dsum <- rowSums(Z)^2 - c(Z^2 %*% rowSums(R))
  k / (k - 1) * k / sum(R)^2 * dsum
}

# ---------------------------------------------------------------- one data set
feldt <- function(alpha, n, k) 1 - (1 - alpha) * qf(c(.975, .025), n - 1, (n - 1) * (k - 1))
totals <- function(X) {                  # X: keyed items, with or without missing values
  a <- psych::alpha(X, check.keys = FALSE)
  n <- nrow(X); k <- ncol(X); C <- cov(X, use = "pairwise"); R <- cov2cor(C)
  t <- a$total; ci <- feldt(t$raw_alpha, n, k); smc <- 1 - 1 / diag(solve(R))
  Q <- 2 * k^2 / ((k - 1)^2 * sum(C)^3) * (sum(C) * (sum(C * C) + sum(diag(C))^2) - 2 * sum(diag(C)) * sum(C %*% C))
  agree("psych total against its formulas",
        c(t$raw_alpha, t$std.alpha, t$average_r, t[["G6(smc)"]], a$feldt$lower.ci[[1]], a$feldt$upper.ci[[1]], t$ase),
        c(alpha_raw(C), alpha_std(C), mean(R[lower.tri(R)]), 1 - (k - sum(smc)) / sum(R), ci, sqrt(Q / n)), 1e-10)
  list(n_in_formulas = n, raw_alpha = t$raw_alpha, std_alpha = t$std.alpha, average_r = t$average_r, g6_smc = t[["G6(smc)"]],
       feldt_lower = a$feldt$lower.ci[[1]], feldt_upper = a$feldt$upper.ci[[1]], duhachek_ase = t$ase)
}
one <- function(d) {
  raw <- read.csv(d$file, check.names = FALSE)
  X <- raw[d$items]
  stopifnot(all(unlist(X) >= d$minimum & unlist(X) <= d$maximum, na.rm = TRUE))
  for (v in d$reversed) X[[v]] <- d$minimum + d$maximum - X[[v]]       # declared limits, not observed ones
  C <- X[complete.cases(X), ]; k <- ncol(C)
  a <- psych::alpha(C, check.keys = FALSE)
  stopifnot(identical(rownames(a$item.stats), d$items), identical(rownames(a$alpha.drop), d$items))
  st <- a$item.stats
  # item statistics once more, without psych
  S <- cov(C); R <- cor(C); tot <- rowSums(C)
  agree("psych item.stats against its formulas",
        c(st$mean, st$sd, st$raw.r, st$r.drop, st$r.cor, a$alpha.drop$raw_alpha),
        c(colMeans(C), sapply(C, sd), sapply(C, cor, tot), sapply(1:k, function(i) cor(C[[i]], tot - C[[i]])),
          { RC <- R; diag(RC) <- 1 - 1 / diag(solve(R)); colSums(RC) / sqrt(sum(RC)) },
          sapply(1:k, function(i) alpha_raw(S[-i, -i]))), 1e-10)
  items <- lapply(seq_len(k), function(i) list(n = st$n[i], mean = st$mean[i], sd = st$sd[i],
    raw_r = st$raw.r[i], r_cor = st$r.cor[i], r_drop = st$r.drop[i], alpha_if_dropped = a$alpha.drop$raw_alpha[i]))
  names(items) <- d$items
  list(file = d$file, items = I(d$items), reversed = I(d$reversed), minimum = d$minimum, maximum = d$maximum,
       n_rows = nrow(X), n_complete = nrow(C), n_all_missing = sum(rowSums(!is.na(X)) == 0),
       complete = totals(C), pairwise = totals(X),
       adf_complete = list(raw_alpha = adf(C, alpha_raw, gradient_raw, influence_raw, "raw"),
                           std_alpha = adf(C, alpha_std, gradient_std, influence_std, "std")),
       items_complete = items)
}
out <- lapply(sets, one)

# ---------------------------------------------------------------- values printed by others (digits as printed)
near <- function(what, x, printed, half_unit) if (abs(x - printed) > half_unit) stop(what, ": ", format(x), " is not the printed ", printed)
A <- out$bfi_A$adf_complete$raw_alpha    # alphaci (J. Moss), README, bfi A1-A5 with A1 reversed: sd = se * sqrt(n - 1), Student t quantile
near("alphaci estimate", A$estimate, 0.7037559, 5e-8); near("alphaci sd", A$se * sqrt(A$n - 1), 0.5536964, 5e-8)
tt <- qt(.975, A$n - 1)
near("alphaci lower", A$estimate - tt * A$se, 0.6828923, 5e-8); near("alphaci upper", A$estimate + tt * A$se, 0.7246195, 5e-8)

notes <- list(
  keying = "Items in 'reversed' were replaced by minimum + maximum - x (the declared limits) before anything was computed; check.keys = FALSE. Item names stay as in the file.",
  n = "n_rows: rows of the file; n_complete: rows with every item of this scale present (other columns do not matter); n_all_missing: rows with none.",
  complete = "psych::alpha on the complete rows. raw_alpha = $total$raw_alpha; std_alpha = $total$std.alpha; average_r = $total$average_r; g6_smc = $total[['G6(smc)']]; duhachek_ase = $total$ase; feldt_lower, feldt_upper = $feldt$lower.ci, $feldt$upper.ci (psych::alpha.ci, 95 %, raw alpha).",
  pairwise = "psych::alpha on all rows, its default use = 'pairwise': C = cov(x, use = 'pairwise'), R = cov2cor(C). Same fields as 'complete'. psych's n in the Feldt interval and in ase is the number of all rows (n_in_formulas = n_rows), rows with missing values and wholly empty rows included: these intervals are what psych prints, not a recommendation.",
  n_in_formulas = "the n psych puts into Feldt (df n-1 and (n-1)(k-1)) and into Duhachek's ase = sqrt(Q/n).",
  items_complete = "complete rows. n = $item.stats$n; mean = $item.stats$mean; sd = $item.stats$sd (divisor n-1); raw_r = $item.stats$raw.r (item with the total that contains it); r_cor = $item.stats$r.cor (item's own unit variance replaced by its squared multiple correlation); r_drop = $item.stats$r.drop (item with the total of the others); alpha_if_dropped = $alpha.drop$raw_alpha.",
  adf_complete = "Distribution-free standard error, complete rows, not from psych. se^2 = 1/(N(N-1)) * sum_i (delta'(s_i - s))^2 (Maydeu-Olivares, Coffman & Hartmann 2007, Psychological Methods 12, 157-176), s_i = vech((x_i - xbar)(x_i - xbar)'), s = vech(S).",
  adf_divisor = "S has the divisor N-1 and delta, the gradient of the coefficient with respect to vech(S), is taken at this S. The sum of squares is divided by N(N-1), exactly; equivalently se^2 = delta' Gamma delta / (N-1) with Gamma the divisor-N covariance matrix of the s_i (lavaan). Because alpha does not change when S is multiplied by a constant, delta's = 0, so it does not matter whether s has the divisor N or N-1; it does matter for delta: with delta taken at the divisor-N covariance matrix the se would be N/(N-1) times the one here. The R packages MBESS (ci.reliability, interval.type 'adf') and alphaci have the same S, delta and divisor.",
  adf_std_alpha = "Standardized alpha: the same formula with the gradient through r_ij = s_ij / sqrt(s_ii s_jj), i.e. the sampling error of the standard deviations is in it. Casewise: k/(k-1) * k / sum(R)^2 * ((sum_j z_ij)^2 - sum_j z_ij^2 * sum_l r_jl), z with the divisor-(N-1) standard deviation; same divisor N(N-1).",
  adf_interval = "Wald, 95 %: estimate -+ 1.959963984540054 * se, neither truncated nor transformed.",
  adf_checks = "In make.R: analytic gradient = complex-step derivative (1e-11) = Richardson-extrapolated central differences (1e-7); se from lavaan's Gamma = from explicit fourth moments = casewise with vech = casewise written out without vech (1e-10 relative). For bfi_A the se and the t interval equal the values printed in the README of the R package alphaci to all 7 digits. Every psych number was recomputed from its formula (1e-10).")

write_json(list(notes = notes, data_sets = out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("psych", "lavaan", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
for (w in names(worst)) cat(sprintf("%-55s largest relative disagreement %.1e\n", w, worst[[w]]))
