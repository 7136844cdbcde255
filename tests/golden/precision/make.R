# Golden values of the precision of scores.  Run from inside this folder:  Rscript make.R
# Reads skewed.csv, binomial.csv and bfi_n.csv, writes expected.json and session.txt.
# What can be computed in two ways is, and the script stops where they disagree.
suppressPackageStartupMessages({library(pbivnorm); library(jsonlite)})
options(digits = 15, warn = 2)
sets <- list(
  skewed   = list(file = "skewed.csv",   minimum = 0, maximum = 3, cuts = c(5, 10, 15, 20), level = .95),
  binomial = list(file = "binomial.csv", minimum = 0, maximum = 1, cuts = c(10, 16),        level = .9),
  bfi_n    = list(file = "bfi_n.csv",    minimum = 1, maximum = 6, cuts = c(13, 20),        level = .95))

same <- function(what, a, b, tol) {
  stopifnot(length(a) == length(b), all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a - b) / pmax(1e-3, abs(b)))
  if (!(d <= tol)) stop(what, ": ", format(d), " is more than ", format(tol))
}

# ---------------------------------------------------------------- integration over true scores
# In the quantiles of the true scores: the density is gone, and with it what is infinite in it.
over <- function(f, quantile, cdf, splits, from = 0, to = 1) {
  at <- sort(unique(c(from, to, splits[splits > from & splits < to])))
  sum(mapply(function(lo, hi) integrate(function(q) f(quantile(q)), lo, hi, rel.tol = 1e-11,
                                        abs.tol = 1e-14, subdivisions = 2000L)$value,
             head(at, -1), tail(at, -1)))
}

decide <- function(upper, quantile, cdf, true_cuts) {
  # upper(t): matrix [t, cuts] of the probability of being at or above each cut-off
  classes <- function(t) { U <- cbind(1, upper(t), 0); U[, -ncol(U), drop = FALSE] - U[, -1, drop = FALSE] }
  k <- length(true_cuts) + 1
  ends <- c(0, cdf(true_cuts), 1)
  splits <- unique(c(ends, .001, .01, .1, .5, .9, .99, .999))
  joint <- outer(1:k, 1:k, Vectorize(function(i, j) {
    if (ends[i + 1] <= ends[i]) return(0)
    over(function(t) classes(t)[, j], quantile, cdf, splits, ends[i], ends[i + 1])
  }))
  agree <- over(function(t) rowSums(classes(t)^2), quantile, cdf, splits)
  margin <- colSums(joint)
  same("the whole", sum(joint), 1, 1e-9)
  list(consistency = agree, chance = sum(margin^2), kappa = (agree - sum(margin^2)) / (1 - sum(margin^2)),
       accuracy = sum(diag(joint)), false_positive = sum(joint[upper.tri(joint)]),
       false_negative = sum(joint[lower.tri(joint)]), expected = 1 - margin[1])
}

# ---------------------------------------------------------------- beta distributions by moments
raw_beta <- function(a, b, l, u) sapply(1:4, function(r)         # raw moments by integration
  over(function(t) t^r, function(q) l + (u - l) * qbeta(q, a, b), NULL, c(.01, .5, .99)))

four <- function(m) {                                            # Pearson's solution
  v <- m[2] - m[1]^2
  g1 <- (m[3] - 3 * m[1] * m[2] + 2 * m[1]^3) / v^1.5
  g2 <- (m[4] - 4 * m[1] * m[3] + 6 * m[1]^2 * m[2] - 3 * m[1]^4) / v^2
  r <- 6 * (g2 - g1^2 - 1) / (6 + 3 * g1^2 - 2 * g2)
  e <- g1^2 * (r + 2)^2 / (g1^2 * (r + 2)^2 + 16 * (r + 1))
  if (!is.finite(r) || r <= 0 || e >= 1 || e < 0) return(NULL)
  shapes <- r / 2 * (1 + c(-1, 1) * sqrt(e))                     # smaller, larger
  ab <- if (g1 > 0) shapes else rev(shapes)
  w <- sqrt(v * (r + 1) / prod(ab))
  l <- m[1] - ab[1] * w; u <- m[1] + ab[2] * w
  if (l < 0 || u > 1 || any(ab <= 0)) return(NULL)
  found <- c(ab, l, u)
  same("four moments", raw_beta(ab[1], ab[2], l, u), m, 1e-9)
  found
}

one <- function(s) {
  x <- as.matrix(read.csv(s$file)); X <- x[complete.cases(x), ]
  n <- nrow(X); k <- ncol(X); score <- rowSums(X)
  L <- k * s$minimum; U <- k * s$maximum
  C <- cov(X); alpha <- k / (k - 1) * (1 - sum(diag(C)) / sum(C))
  m <- mean(score); sd <- sd(score); z <- qnorm((1 + s$level) / 2)
  sem <- sd * sqrt(1 - alpha)
  # the interval of log(SEM): numerical derivative of SEM^2 with respect to the covariances,
  # then each person's share in it
  SEM2 <- function(S) { a <- k / (k - 1) * (1 - sum(diag(S)) / sum(S)); sum(S) * (1 - a) }
  G <- matrix(0, k, k); h <- 1e-20
  for (i in 1:k) for (j in 1:k) { S <- C + 0i; S[i, j] <- S[i, j] + 1i * h; G[i, j] <- Im(SEM2(S)) / h }
  D <- scale(X, scale = FALSE); v <- rowSums((D %*% G) * D) / (2 * sem^2)
  se <- sqrt(sum((v - mean(v))^2) / (n * (n - 1)))
  # error variance of each person, by the residuals of people by items
  long <- data.frame(x = as.vector(X), p = factor(rep(1:n, k)), i = factor(rep(1:k, each = n)))
  residual <- X - outer(rowMeans(X), rep(1, k)) - outer(rep(1, n), colMeans(X)) + mean(X)
  own <- k / (k - 1) * rowSums(residual^2)
  same("errors of people add up to the SEM", sum(own) / (n - 1), sem^2, 1e-12)
  if (n * k < 4000) same("residuals", sum(residual^2), sum(resid(aov(x ~ p + i, long))^2), 1e-10)
  values <- L:U
  at <- tapply(own, factor(score, levels = values), mean)
  shape <- (values - L) * (U - values)
  keats <- sem * sqrt(shape / mean((score - L) * (U - score)))
  # Livingston and Lewis
  length <- ((m - L) * (U - m) - alpha * sd^2) / (sd^2 * (1 - alpha)); N <- round(length)
  y <- N * (score - L) / (U - L)
  raw <- sapply(1:4, function(r) mean(Reduce(`*`, lapply(0:(r - 1), function(i) y - i))) / prod(N - 0:(r - 1)))
  p <- four(raw); fitted <- 4
  if (is.null(p)) {
    size <- raw[1] * (1 - raw[1]) / (raw[2] - raw[1]^2) - 1
    p <- c(raw[1] * size, (1 - raw[1]) * size, 0, 1); fitted <- 2
    same("two moments", raw_beta(p[1], p[2], 0, 1)[1:2], raw[1:2], 1e-9)
  }
  quantile <- function(q) p[3] + (p[4] - p[3]) * qbeta(q, p[1], p[2])
  cdf <- function(t) pbeta((t - p[3]) / (p[4] - p[3]), p[1], p[2])
  middle <- s$cuts - .5                                          # the scores have steps of 1
  ll <- function(w) {
    cc <- N * (middle[w] - L) / (U - L) + .5
    decide(function(t) sapply(cc, function(c) pbeta(t, c, N - c + 1)), quantile, cdf, (s$cuts[w] - L) / (U - L))
  }
  if (N == U - L) {                                              # whole cut-offs: plain binomial
    plain <- decide(function(t) sapply(s$cuts, function(c) pbinom(c - 1, N, t, lower.tail = FALSE)),
                    quantile, cdf, (s$cuts - L) / (U - L))
    same("binomial", unlist(plain), unlist(ll(seq_along(s$cuts))), 1e-10)
  }
  # bivariate normal
  zc <- (middle - m) / sd; zt <- (s$cuts - m) / (sd * sqrt(alpha))
  bn <- function(w) decide(function(t) sapply(zc[w], function(c) pnorm((sqrt(alpha) * t - c) / sqrt(1 - alpha))),
                           qnorm, pnorm, zt[w])
  for (w in seq_along(s$cuts)) {
    direct <- 1 - 2 * (pnorm(zc[w]) - pbivnorm(zc[w], zc[w], alpha))
    same("bivariate normal", bn(w)$consistency, direct, 1e-9)
    right <- 1 - pnorm(zc[w]) - pnorm(zt[w]) + 2 * pbivnorm(zc[w], zt[w], sqrt(alpha))
    same("bivariate normal, accuracy", bn(w)$accuracy, right, 1e-9)
  }
  each <- function(f) c(lapply(seq_along(s$cuts), f), list(f(seq_along(s$cuts))))
  list(items = colnames(x), minimum = s$minimum, maximum = s$maximum, level = s$level, cuts = s$cuts,
       n = n, mean = m, sd = sd, alpha = alpha, sem = sem, sem_low = sem * exp(-z * se), sem_high = sem * exp(z * se),
       see = sd * sqrt(alpha * (1 - alpha)), sdc = z * sqrt(2) * sem, sdc_group = z * sqrt(2) * sem / sqrt(n),
       values = values, counts = as.vector(table(factor(score, levels = values))),
       low = values - z * sem, high = values + z * sem,
       true_low = m + alpha * (values - m) - z * sd * sqrt(alpha * (1 - alpha)),
       true_high = m + alpha * (values - m) + z * sd * sqrt(alpha * (1 - alpha)),
       conditional = as.vector(sqrt(at)), keats = keats,
       length = length, parameters = fitted, beta = p,
       livingston_lewis = each(ll), bivariate_normal = each(bn))
}
notes <- list(
  people = "Of the rows without a missing value. Scores are sums of the items as in the file.",
  sem = "sd sqrt(1 - alpha); sem_low, sem_high: exp(log SEM -+ z se), se from each person's influence on log SEM (complex-step derivative of SEM^2 with respect to the covariances), divisor n(n - 1).",
  see = "sd sqrt(alpha (1 - alpha)), Kelley's standard error of estimation.",
  sdc = "z sqrt(2) SEM, and the same divided by sqrt(n).",
  conditional = "Root of the mean, over people with this sum, of k/(k-1) times the sum of squared residuals of people by items; null where nobody has it. Checked: they add up to (n - 1) SEM^2.",
  keats = "SEM times the root of (X-L)(U-X) over its mean.",
  length = "Effective test length of Livingston and Lewis, not rounded; beta: a, b, low, high of the true proportions, by four moments (parameters 4) or, where these give no beta distribution inside 0 and 1, by two. The fitted moments are checked by integration.",
  livingston_lewis = "For each cut-off alone, then for all at once. By integrate() over the quantiles of the true scores, pieces joined at the true cut-offs. P(at or above c | t) = pbeta(t, c', N - c' + 1), c' = N (c - 1/2 - L)/(U - L) + 1/2, N the rounded length; checked to be pbinom where c' is whole. False positives and negatives are shares of all people.",
  bivariate_normal = "The same with normal true scores and errors; each cut-off's consistency and accuracy checked with pbivnorm.")
out <- lapply(sets, one)
write_json(list(notes = notes, data_sets = out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("pbivnorm", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
