# Golden values of differential item functioning.  Run from inside this folder:  Rscript make.R
# Reads promis.csv and hci.csv, writes expected.json and session.txt.
# No package for differential item functioning is used: base R, MASS::polr, and loops over strata.
# What is computed here twice is asserted to agree; the script stops otherwise.
suppressPackageStartupMessages({library(MASS); library(jsonlite)})
options(digits = 15, warn = 2)

agree <- function(kind, a, b, tol) {
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a - b) / pmax(abs(a), abs(b), 1e-12))
  if (!(d <= tol)) stop(kind, ": disagreement ", format(d), " is more than ", format(tol))
}

# ---------------------------------------------------------------- strata
# Matching score -> stratum: from the lowest score upwards, scores are joined until every group has
# `pool` people; what is left over joins the last stratum.
pooled <- function(score, group, pool) {
  if (is.na(pool)) return(score)
  values <- sort(unique(score)); label <- values; current <- 1
  seen <- 0 * table(group)
  for (v in seq_along(values)) {
    label[v] <- current
    seen <- seen + table(group[score == values[v]])
    if (all(seen >= pool)) { current <- current + 1; seen <- 0 * seen }
  }
  if (any(seen > 0)) label[label == current] <- max(current - 1, 1)
  label[match(score, values)]
}
strata_tables <- function(y, g, stratum) {        # list of group x answer tables, both groups there
  tables <- lapply(split(data.frame(g, y = factor(y)), stratum), function(d) unclass(table(d$g, d$y)))
  Filter(function(t) sum(rowSums(t) > 0) > 1, tables)
}

# ---------------------------------------------------------------- stratified tests
mh <- function(tables) {                          # first row is the reference group, columns 0, 1
  A <- sapply(tables, function(t) t[1, 2]); B <- sapply(tables, function(t) t[1, 1])
  C <- sapply(tables, function(t) t[2, 2]); D <- sapply(tables, function(t) t[2, 1]); N <- A + B + C + D
  arr <- array(unlist(tables), c(2, 2, length(tables)))
  plain <- mantelhaen.test(arr, correct = FALSE); corrected <- mantelhaen.test(arr, correct = TRUE)
  or <- sum(A * D / N) / sum(B * C / N)
  se <- sqrt(sum((A * D + or * B * C) * (A + D + or * (B + C)) / N^2) / 2) / sum(A * D / N)
  # mantelhaen.test counts the first column as the event: its odds ratio is the inverse of 1's
  agree("odds ratio", plain$estimate, 1 / or, 1e-10)
  agree("interval of the odds ratio", plain$conf.int, exp(-log(or) + c(-1, 1) * qnorm(.975) * se), 1e-10)
  list(chisq = unname(plain$statistic), chisq_corrected = unname(corrected$statistic),
       p = plain$p.value, p_corrected = corrected$p.value, alpha = or, delta = -2.35 * log(or), se_delta = 2.35 * se)
}
mean_score <- function(tables) {                  # Mantel 1963; several groups: Landis et al. 1978
  values <- as.numeric(colnames(tables[[1]])); G <- nrow(tables[[1]])
  u <- numeric(G - 1); V <- matrix(0, G - 1, G - 1)
  for (t in tables) {
    n <- sum(t); nj <- colSums(t); ng <- rowSums(t); m <- sum(nj * values) / n
    s2 <- sum(nj * (values - m)^2) / (n - 1)
    u <- u + (t %*% values - ng * m)[-1]
    V <- V + s2 * (diag(ng, G) - outer(ng, ng) / n)[-1, -1, drop = FALSE]
  }
  chisq <- c(u %*% solve(V, u))
  list(chisq = chisq, df = G - 1, p = pchisq(chisq, G - 1, lower.tail = FALSE))
}
smd <- function(tables, y) {
  values <- as.numeric(colnames(tables[[1]])); nF <- sum(sapply(tables, function(t) sum(t[2, ])))
  d <- 0; v <- 0
  for (t in tables) {
    n <- sum(t); nj <- colSums(t); r <- sum(t[1, ]); f <- sum(t[2, ]); w <- f / nF
    var_f <- r * f / (n^2 * (n - 1)) * (n * sum(values^2 * nj) - sum(values * nj)^2)
    d <- d + w * (sum(t[2, ] * values) / f - sum(t[1, ] * values) / r)
    v <- v + w^2 * (1 / r + 1 / f)^2 * var_f
  }
  list(smd = d, se = sqrt(v), standardized = d / sd(y))
}
liu_agresti <- function(tables) {                 # person by person: every pair of people, every split
  top <- 0; bottom <- 0
  for (t in tables) for (j in seq_len(ncol(t) - 1)) {
    hi <- seq_len(ncol(t)) > j
    top <- top + sum(t[1, hi]) * sum(t[2, !hi]) / sum(t); bottom <- bottom + sum(t[1, !hi]) * sum(t[2, hi]) / sum(t)
  }
  psi <- top / bottom; total <- 0
  for (t in tables) {
    r <- rep(seq_len(ncol(t)), t[1, ]); f <- rep(seq_len(ncol(t)), t[2, ]); n <- length(r) + length(f); J <- ncol(t)
    h <- lapply(seq_len(J - 1), function(j) outer(r > j, f <= j) - psi * outer(r <= j, f > j))
    for (j in seq_len(J - 1)) for (l in seq_len(J - 1)) {
      seen <- sum(rowSums(h[[j]]) * rowSums(h[[l]])) + sum(colSums(h[[j]]) * colSums(h[[l]])) - sum(h[[j]] * h[[l]])
      a <- min(j, l); b <- max(j, l)              # what the same pairs must give if psi holds at both splits
      implied <- sum(r > b) * sum(f <= a) + psi^2 * sum(r <= a) * sum(f > b) +
        psi * length(r) * sum(f > b) * sum(f <= a) + psi * length(f) * sum(r > b) * sum(r <= a)
      total <- total + (seen + implied) / 2 / n^2
    }
  }
  list(psi = psi, log = log(psi), se = sqrt(total) / top)
}

# ---------------------------------------------------------------- ordinal logistic models
fit <- function(f, d) {
  if (nlevels(d$y) == 2) {
    # glm warns of fitted probabilities near 0 or 1 at the ends of the score; the maximum is finite
    m <- suppressWarnings(glm(f, binomial, d, epsilon = 1e-14, maxit = 100)); stopifnot(m$converged, max(sqrt(diag(vcov(m)))) < 100); b <- coef(m); s <- sqrt(diag(vcov(m)))
    k <- length(b)
    list(loglik = as.numeric(logLik(m)), threshold = -b[[1]], threshold_se = s[[1]], beta = unname(b[-1]), se = unname(s[-1]),
         expected = function(new) predict(m, new, type = "response"))
  } else {
    # polr's own start, by glm, may lie outside the parameter space; this one is the model with thresholds only
    p <- ncol(model.matrix(f, d)) - 1; start <- c(numeric(p), qlogis(head(cumsum(table(d$y)) / nrow(d), -1)))
    m <- polr(f, d, start = start, Hess = TRUE, control = list(reltol = 1e-16, maxit = 2000)); stopifnot(m$convergence == 0)
    k <- length(coef(m)); s <- sqrt(diag(vcov(m)))
    list(loglik = as.numeric(logLik(m)), threshold = unname(m$zeta), threshold_se = unname(s[-seq_len(k)]), beta = unname(coef(m)),
         se = unname(s[seq_len(k)]), expected = function(new) c(predict(m, new, type = "probs") %*% as.numeric(levels(d$y))))
  }
}
# polr is given the standardized score, so that its search ends at the maximum
logistic <- function(y, g, score) {
  centre <- mean(score); scale <- sd(score); z <- (score - centre) / scale
  d <- data.frame(y = factor(y), z = z, g = g); n <- length(y); share <- table(d$y) / n
  l0 <- sum(table(d$y) * log(share))
  m1 <- fit(y ~ z, d); m2 <- fit(y ~ z + g, d); m3 <- fit(y ~ z * g, d)
  r2 <- function(l) c(1 - l / l0, (1 - exp(2 * (l0 - l) / n)) / (1 - exp(2 * l0 / n)), 1 - exp(2 * (l0 - l) / n))
  k <- nlevels(g) - 1; lr <- function(a, b, df) { x <- 2 * (b$loglik - a$loglik); list(chisq = x, df = df, p = pchisq(x, df, lower.tail = FALSE),
    mcfadden = (r2(b$loglik) - r2(a$loglik))[1], nagelkerke = (r2(b$loglik) - r2(a$loglik))[2], cox_snell = (r2(b$loglik) - r2(a$loglik))[3]) }
  slopes <- function(m, at) list(beta = m$beta[at], se = m$se[at])
  effect <- lapply(levels(g)[-1], function(f) {
    own <- d[d$g == f, ]; ref <- own; ref$g <- factor(levels(g)[1], levels(g))
    e <- m3$expected(own) - m3$expected(ref); list(signed = mean(e), unsigned = mean(abs(e))) })
  list(loglik = c(m1$loglik, m2$loglik, m3$loglik), uniform = lr(m1, m2, k), nonuniform = lr(m2, m3, k), total = lr(m1, m3, 2 * k),
       beta_change = abs((m2$beta[1] - m1$beta[1]) / m1$beta[1]),
       group_model = list(score = m2$beta[1] / scale, score_se = m2$se[1] / scale, group = I(m2$beta[-1]), group_se = I(m2$se[-1])),
       product = list(beta = I(m3$beta[-seq_len(k + 1)] / scale), se = I(m3$se[-seq_len(k + 1)] / scale)), effect = effect)
}

# ---------------------------------------------------------------- one case
one <- function(case) {
  d <- read.csv(case$file, stringsAsFactors = FALSE); X <- d[case$items]; g <- factor(d[[case$by]], levels = case$groups)
  items <- lapply(case$items, function(item) {
    others <- setdiff(case$anchors, item); used <- if (case$matching == "total") c(others, item) else others
    score <- rowSums(X[used]); y <- X[[item]]; stratum <- pooled(score, g, case$pool)
    tables <- strata_tables(y, g, stratum); two <- nlevels(g) == 2; J <- length(unique(y))
    out <- list(strata = length(tables), n = sum(unlist(tables)), mantel = mean_score(tables), logistic = logistic(y, g, score))
    if (two) { out$smd <- smd(tables, y); out$liu_agresti <- liu_agresti(tables) }
    if (two && J == 2) { out$mh <- mh(tables)
      agree("Liu-Agresti of two answers", c(out$liu_agresti$psi, out$liu_agresti$se), c(out$mh$alpha, out$mh$se_delta / 2.35), 1e-10)
      agree("Mantel of two answers", out$mantel$chisq, out$mh$chisq, 1e-10) }
    if (!two || J > 2) {
      arr <- array(unlist(tables), c(nlevels(g), J, length(tables)))
      general <- tryCatch(mantelhaen.test(arr), error = function(e) NULL)   # where an answer is nowhere compared
      if (!is.null(general)) out$general <- list(chisq = unname(general$statistic), df = unname(general$parameter), p = general$p.value)
    }
    out
  })
  names(items) <- case$items
  take <- function(f) unname(sapply(items, f))
  p <- list(mantel = take(function(i) i$mantel$p), logistic_total = take(function(i) i$logistic$total$p))
  adjusted <- lapply(p, function(v) list(holm = p.adjust(v, "holm"), bh = p.adjust(v, "BH")))
  c(case, list(results = items, adjusted = adjusted))
}
R <- paste0("R", 1:10); H <- paste0("i", 1:20)
cases <- list(
  promis_gender = list(file = "promis.csv", by = "gender", groups = c("0", "1"), items = R, anchors = R, matching = "total", pool = NA),
  promis_cells  = list(file = "promis.csv", by = "cell", groups = c("g0a0", "g0a1", "g1a0", "g1a1"), items = R, anchors = R, matching = "rest", pool = 10),
  promis_age    = list(file = "promis.csv", by = "age", groups = c("1", "0"), items = R, anchors = R[3:10], matching = "total", pool = 6),
  hci_gender    = list(file = "hci.csv", by = "gender", groups = c("0", "1"), items = H, anchors = H, matching = "total", pool = NA),
  hci_anchored  = list(file = "hci.csv", by = "gender", groups = c("1", "0"), items = H, anchors = H[5:20], matching = "rest", pool = 8))
notes <- list(
  cases = "groups: the first is the reference group. matching total: the sum of the anchors and the studied item; rest: of the anchors without it. pool: fewest people of each group in a stratum (from the lowest score upwards; NA: no pooling), of the stratified tests only",
  strata = "strata with people of two groups or more; n: people in them",
  mantel = "mean score statistic, no correction for continuity", general = "mantelhaen.test of group x answer x stratum, 3 or more groups or answers; absent where it stops because a covariance is singular",
  mh = "mantelhaen.test; alpha: odds of the higher answer, reference over focal; delta = -2.35 log(alpha); se from its variance by Robins, Breslow and Greenland",
  smd = "focal minus reference, weights of the focal group; se by Mantel's variance; standardized: divided by the sd of the item (n - 1)",
  liu_agresti = "psi: cumulative odds of higher answers, reference over focal; se of log(psi) from pairs of people: mean of the covariances as seen and as implied by psi",
  logistic = "MASS::polr (reltol 1e-16) or glm (epsilon 1e-14): y ~ score, + group, x group; McFadden, Nagelkerke and Cox-Snell changes; effect: of each focal group, mean and mean absolute difference of expected answers under its own and the reference curve, model with interaction")
writeLines(toJSON(list(notes = notes, cases = lapply(cases, one)), auto_unbox = TRUE, digits = I(15), pretty = TRUE, na = "null"), "expected.json")
writeLines(capture.output(print(sessionInfo())), "session.txt")
