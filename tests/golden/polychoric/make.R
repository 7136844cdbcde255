# Golden values of polychoric correlations.  Run from inside this folder:  Rscript make.R
# Reads the csv files of the folder, writes expected.json and session.txt.
suppressPackageStartupMessages({library(lavaan); library(psych); library(polycor); library(jsonlite)})
options(digits = 15, warn = 2, mc.cores = 1)

sets <- list(
  bfi_N            = list(file = "bfi.csv", items = paste0("N", 1:5), missing = "listwise"),
  bfi_A_pairwise   = list(file = "bfi.csv", items = paste0("A", 1:5), missing = "pairwise"),
  bfi_E_pairwise   = list(file = "bfi.csv", items = paste0("E", 1:5), missing = "pairwise"),
  ability          = list(file = "ability16.csv", items = NULL, missing = "listwise", gamma = FALSE),
  ability_pairwise = list(file = "ability16.csv", items = NULL, missing = "pairwise", gamma = FALSE),
  ability_reason   = list(file = "ability16.csv", items = c("reason_4", "reason_16", "reason_17", "letter_7", "letter_33", "rotate_3"), missing = "pairwise"),
  sparse           = list(file = "sparse.csv", items = NULL, missing = "listwise"),
  skewed           = list(file = "skewed.csv", items = paste0("s", 1:8), missing = "listwise"),
  skewed_pairwise  = list(file = "skewed.csv", items = paste0("s", 1:8), missing = "pairwise"))

worst <- list()
agree <- function(kind, a, b, tol) {      # absolute: correlations
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a - b)); worst[[kind]] <<- max(d, worst[[kind]])
  if (!(d <= tol)) stop(kind, ": disagreement ", format(d), " is more than ", format(tol))
}
quietly <- function(expr) withCallingHandlers(expr, warning = function(w) {
  # the only ones let through: what a data set was made or chosen for
  if (grepl("some cases are empty|cells were adjusted|equal number of response|not positive definite|less than 10% coverage", conditionMessage(w))) invokeRestart("muffleWarning")
})

# One pair, by another road than lavaan: the score's root, to the last digit that pbivnorm has.
cell_probabilities <- function(r, a, b) {
  P <- matrix(pbivnorm::pbivnorm(rep(a, length(b)), rep(b, each = length(a)), r), length(a))
  P <- rbind(0, P, pnorm(b)); P <- cbind(0, P, c(0, pnorm(a), 1))
  nr <- nrow(P); nc <- ncol(P)
  P[-1, -1] - P[-1, -nc] - P[-nr, -1] + P[-nr, -nc]
}
density_differences <- function(r, a, b) {
  D <- outer(a, b, function(x, y) exp(-(x^2 - 2 * r * x * y + y^2) / (2 * (1 - r^2))) / (2 * pi * sqrt(1 - r^2)))
  D <- cbind(0, rbind(0, D, 0), 0); nr <- nrow(D); nc <- ncol(D)
  D[-1, -1] - D[-1, -nc] - D[-nr, -1] + D[-nr, -nc]
}
root <- function(tab, a, b) {
  score <- function(r) { P <- cell_probabilities(r, a, b); D <- density_differences(r, a, b); sum(ifelse(tab > 0, tab * D / pmax(P, 1e-300), 0)) }
  grid <- seq(-.96, .96, by = .06); s <- sapply(grid, score); at <- which(s[-length(s)] > 0 & s[-1] <= 0)
  stopifnot(length(at) == 1)
  uniroot(score, grid[at + 0:1], tol = 1e-14, maxiter = 200)$root
}
keep_margins <- function(tab) {           # lavaan's treatment of a 2x2 table with one empty cell
  if (all(dim(tab) == 2) && sum(tab == 0) == 1) {
    s <- if (tab[1, 1] == 0 || tab[2, 2] == 0) .5 else -.5
    tab <- tab + s * matrix(c(1, -1, -1, 1), 2)
  }
  tab
}
cuts <- function(x) { p <- cumsum(table(x)) / sum(!is.na(x)); qnorm(p[-length(p)]) }
lower <- function(M) M[lower.tri(M)]

one <- function(d) {
  X <- read.csv(d$file); if (is.null(d$items)) d$items <- names(X); X <- X[d$items]
  n_rows <- nrow(X); C <- if (d$missing == "listwise") na.omit(X) else X
  k <- ncol(X)
  R <- quietly(unclass(lavCor(X, ordered = d$items, missing = d$missing, output = "cor")))
  th <- quietly(unclass(lavCor(X, ordered = d$items, missing = d$missing, output = "th")))
  own <- matrix(1, k, k); n <- crossprod(!is.na(C))
  th_own <- lapply(C, cuts)
  for (j in 1:(k - 1)) for (i in (j + 1):k)
    own[i, j] <- own[j, i] <- root(keep_margins(table(C[[i]], C[[j]])), th_own[[i]], th_own[[j]])
  agree("lavaan correlations, score's root", lower(R), lower(own), 1e-6)
  agree("lavaan thresholds, quantiles", th, unlist(th_own), 1e-8)
  out <- list(file = d$file, items = d$items, missing = d$missing, n_rows = n_rows,
              n_people = sum(rowSums(!is.na(C)) > 0), n_pairs = lower(n), thresholds = unname(lapply(th_own, unname)),
              correlation = lower(own), lavaan_correlation = lower(R))
  if (!identical(d$gamma, FALSE)) {
    model <- paste("f =~", paste(d$items, collapse = " + "))
    fit <- quietly(cfa(model, X, ordered = d$items, missing = d$missing, estimator = "WLSMV", std.lv = TRUE))
    G <- unname(unclass(lavInspect(fit, "gamma")))
    out$nobs <- lavInspect(fit, "nobs")
    if (nrow(G) <= 23) out$gamma <- G[lower.tri(G, TRUE)]
    out$gamma_diagonal <- diag(G)
    out$gamma_product <- c(G %*% sin(seq_len(nrow(G))))
  }
  out
}
out <- lapply(sets, one)

# ---------------------------------------------------------------- psych, and other ways with empty cells
read_items <- function(name) { X <- read.csv(sets[[name]]$file); i <- sets[[name]]$items; if (is.null(i)) X else X[i] }
psych_out <- list()
for (name in c("bfi_N", "bfi_A_pairwise")) {
  X <- read_items(name); if (sets[[name]]$missing == "listwise") X <- na.omit(X)
  psych_out[[name]] <- unname(quietly(polychoric(X, correct = 0, smooth = FALSE, progress = FALSE)$rho))
}
S <- read.csv("sparse.csv")
K <- na.omit(read.csv("skewed.csv"))[1:4]
psych_out$skewed_half_margins <- unname(quietly(polychoric(K, correct = .5, global = FALSE, smooth = FALSE, progress = FALSE)$rho))
psych_out$sparse_half <- unname(quietly(suppressMessages(tetrachoric(S[4:5], correct = .5, smooth = FALSE)$rho)))
psych_out$sparse_none <- unname(quietly(polychoric(S[1:3], correct = 0, global = FALSE, smooth = FALSE, progress = FALSE)$rho))
# the same correlations as roots of the score
fill <- function(tab) { tab[tab == 0] <- .5; tab }
thr <- lapply(S, cuts)
half_margins <- matrix(1, 4, 4)
for (j in 1:3) for (i in (j + 1):4) {
  tab <- fill(table(K[[i]], K[[j]])); total <- nrow(K)
  a <- qnorm(cumsum(rowSums(tab))[-nrow(tab)] / total); b <- qnorm(cumsum(colSums(tab))[-ncol(tab)] / total)
  half_margins[i, j] <- half_margins[j, i] <- root(tab, a, b)
}
half <- root(fill(table(S$p4, S$p5)), thr$p4, thr$p5)
agree("psych half_margins", lower(psych_out$skewed_half_margins), lower(half_margins), 1e-4)
agree("psych half", lower(psych_out$sparse_half), half, 1e-4)

# ---------------------------------------------------------------- smoothing
improper <- matrix(c(1, .9, -.3, .1, .9, 1, .4, .2, -.3, .4, 1, .5, .1, .2, .5, 1), 4)
smoothed <- unname(quietly(cor.smooth(improper)))

# ---------------------------------------------------------------- polyserial
Y <- na.omit(read.csv("skewed.csv"))
polyserial_out <- lapply(c("s1", "s5", "s7"), function(item) {
  rho <- unclass(lavCor(Y[c("y", item)], ordered = item, output = "cor"))["y", item]
  # exact: the score's root in rho
  z <- (Y$y - mean(Y$y)) / sqrt(mean((Y$y - mean(Y$y))^2)); a <- as.integer(factor(Y[[item]]))
  t <- c(-Inf, cuts(Y[[item]]), Inf)
  logl <- function(r) sum(log(pnorm((t[a + 1] - r * z) / sqrt(1 - r^2)) - pnorm((t[a] - r * z) / sqrt(1 - r^2))))
  slope <- function(r) { h <- 1e-3 / 2^(0:4); A <- sapply(h, function(e) (logl(r + e) - logl(r - e)) / (2 * e)); for (m in 1:4) A <- (4^m * A[-1] - A[-length(A)]) / (4^m - 1); A }
  own <- uniroot(slope, rho + c(-.05, .05), tol = 1e-13)$root
  agree("lavaan polyserial, score's root", rho, own, 1e-6)
  # standard error of rho from lavaan's Gamma of (threshold(s), mean, cov, var), delta method
  model <- paste("y ~~", item)
  full <- sem(model, Y, ordered = item, estimator = "WLSMV", meanstructure = TRUE)
  G <- unclass(lavInspect(full, "gamma")); nm <- rownames(G)
  s2 <- mean((Y$y - mean(Y$y))^2); cov <- own * sqrt(s2)
  # order of the statistics: thresholds and means, then variances of numbers, then covariances
  nth <- length(t) - 2; stopifnot(nrow(G) == nth + 3)
  g <- c(rep(0, nth + 1), -cov / (2 * s2^1.5), 1 / sqrt(s2))
  list(item = item, correlation = own, lavaan = unname(rho), se = sqrt(c(t(g) %*% G %*% g) / nrow(Y)),
       ad_hoc = polycor::polyserial(Y$y, Y[[item]]), n = nrow(Y))
})

# ---------------------------------------------------------------- bivariate normal probabilities
set.seed(4)
points <- data.frame(h = c(rnorm(30, 0, 1.5), .3, .3, -2, 1e-3), k = c(rnorm(30, 0, 1.5), .3, .30001, 2, -1e-3),
                     r = c(tanh(rnorm(30, 0, 1.5)), .99, -.97, .999, .9999))
points <- round(points, 6)
p <- mapply(function(h, k, r) mnormt::pmnorm(c(h, k), varcov = matrix(c(1, r, r, 1), 2)), points$h, points$k, points$r)
agree("mnormt, pbivnorm", p, mapply(pbivnorm::pbivnorm, points$h, points$k, points$r), 1e-13)

notes <- list(
  correlation = "two-step polychoric (items with two options: tetrachoric): thresholds are qnorm of cumulative proportions of everybody who answered the item; the correlation is the root of the score of the pair's cross table, found with uniroot (tol 1e-14) on probabilities of pbivnorm. A 2x2 table with one empty cell has 0.5 moved into it, margins kept (lavaan's default). All in make.R, no lavaan.",
  lavaan_correlation = "lavaan::lavCor(ordered = , output = 'cor'), its own optimiser; asserted within 1e-6 of 'correlation'. make.R asserts that its thresholds agree as well. Lower triangles, column by column.",
  missing = "listwise: rows with every item. pairwise: thresholds of all who answered the item, tables of all who answered both. n_pairs: people per pair (lower triangle). n_people: people used for anything; nobs: lavaan's n.",
  gamma = "lavInspect(fit, 'gamma') of a one-factor WLSMV fit: its diagonal, its product with the vector sin(1), ..., sin(q), and of the smaller ones the lower triangle with diagonal, column by column; asymptotic covariances of sqrt(nobs) times (thresholds item by item, correlations (2,1), (3,1), ...).",
  psych = "psych::polychoric(correct = 0, smooth = FALSE)$rho (complete rows of bfi N; all rows of bfi A); complete rows of skewed.csv, s1-s4: global = FALSE, correct = .5 (skewed_half_margins); of sparse.csv p1-p3: global = FALSE, correct = 0 (sparse_none); psych::tetrachoric(correct = .5) of p4, p5 (sparse_half). Its optimize() stops at about 1e-4. half_margins, half: the same as roots of the score.",
  smoothed = "psych::cor.smooth of 'improper'.",
  polyserial = "complete rows of skewed.csv, y with s1, s5, s7. correlation: two-step (mean and variance with divisor n, thresholds from proportions), root of the numerically differentiated log-likelihood; lavaan: lavCor; se: delta method on lavaan's Gamma of a model with y ~~ item, over n; ad_hoc: polycor::polyserial(y, item).",
  bivariate = "P(X <= h, Y <= k): mnormt::pmnorm, asserted equal to pbivnorm within 1e-13.")
write_json(list(notes = notes, sets = out, psych = psych_out, half_margins = half_margins, half = half,
                improper = improper, smoothed = smoothed, polyserial = polyserial_out,
                bivariate = c(as.list(points), list(p = p))),
           "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("lavaan", "psych", "polycor", "pbivnorm", "mnormt", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
for (w in names(worst)) cat(sprintf("%-45s largest disagreement %.1e\n", w, worst[[w]]))
