# Golden values of group comparisons.  Run from inside this folder:  Rscript make.R
# Reads bfi.csv and tiny.csv, writes expected.json and session.txt.
# What is computed here twice is asserted to agree; the script stops otherwise.
suppressPackageStartupMessages({library(pROC); library(jsonlite)})
options(digits = 15, warn = 2)

agree <- function(what, a, b, tol = 1e-10) {
  d <- max(abs(a - b) / pmax(abs(a), abs(b), 1e-300))
  if (!(d <= tol)) stop(what, ": disagreement ", format(d))
}
J <- function(df) exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)

# ---------------------------------------------------------------- limits of noncentrality
# R's pf(ncp = ) stops its sum at 1e-9; here the Poisson mixture of beta distributions is summed out.
pf_mixed <- function(f, df1, df2, ncp) {
  if (ncp == 0) return(pf(f, df1, df2))
  j <- 0:qpois(1e-18, ncp / 2, lower.tail = FALSE)
  sum(dpois(j, ncp / 2) * pbeta(df1 * f / (df1 * f + df2), df1 / 2 + j, df2 / 2))
}
root <- function(f, lower, upper) uniroot(f, c(lower, upper), tol = 1e-13, maxiter = 10000)$root
f_limits <- function(f, df1, df2, level) sapply(c((1 + level) / 2, (1 - level) / 2), function(p) {
  if (pf(f, df1, df2) <= p) return(0)
  root(function(d) pf_mixed(f, df1, df2, d) - p, 0, 10 * df1 * f + 100)
})
t_limits <- function(t, df, level) sapply(c((1 + level) / 2, (1 - level) / 2), function(p)
  root(function(d) pt(t, df, ncp = d) - p, t - 4 - abs(t) / 10, t + 4 + abs(t) / 10))

# ---------------------------------------------------------------- two groups: second minus first
two_groups <- function(y, g, level = .95) {
  g <- factor(g); a <- y[g == levels(g)[1]]; b <- y[g == levels(g)[2]]; na <- length(a); nb <- length(b); n <- na + nb
  w <- t.test(b, a, conf.level = level); diff <- mean(b) - mean(a)
  agree("welch t", w$statistic, diff / sqrt(var(a) / na + var(b) / nb))
  u <- sum(outer(b, a, ">") + outer(b, a, "==") / 2)
  m <- wilcox.test(b, a, exact = FALSE, correct = TRUE); agree("U", m$statistic, u)
  pooled <- sqrt(((na - 1) * var(a) + (nb - 1) * var(b)) / (n - 2)); d <- diff / pooled
  s <- t.test(b, a, var.equal = TRUE); agree("student t", s$statistic, d / sqrt(1 / na + 1 / nb))
  nct <- t_limits(unname(s$statistic), n - 2, level) * sqrt(1 / na + 1 / nb)
  ave <- sqrt((var(a) + var(b)) / 2); d2 <- diff / ave; z <- qnorm((1 + level) / 2)
  v <- d2^2 * (var(a)^2 / (na - 1) + var(b)^2 / (nb - 1)) / (8 * ave^4) + (var(a) / (na - 1) + var(b) / (nb - 1)) / ave^2
  r <- roc(rep(0:1, c(na, nb)), c(a, b), direction = "<", quiet = TRUE)
  rb <- 2 * u / (na * nb) - 1; agree("area", as.numeric(auc(r)), u / (na * nb))
  se <- 2 * sqrt(var(r, method = "delong")); ends <- tanh(atanh(rb) + c(-1, 1) * z * se / (1 - rb^2))
  list(level = level, n = c(na, nb), mean = c(mean(a), mean(b)), sd = c(sd(a), sd(b)), median = c(median(a), median(b)),
       mean_low = c(t.test(a, conf.level = level)$conf.int[1], t.test(b, conf.level = level)$conf.int[1]),
       welch = list(t = unname(w$statistic), df = unname(w$parameter), p = w$p.value, low = w$conf.int[1], high = w$conf.int[2]),
       mann_whitney = list(u = u, p = m$p.value),
       g_pooled = J(n - 2) * c(d, nct), g_average = c(J(n - 2) * d2, d2 - z * sqrt(v), d2 + z * sqrt(v)),
       rank_biserial = c(rb, ends), area_se = sqrt(var(r, method = "delong")))
}

# ---------------------------------------------------------------- several groups, in the order of the levels
several <- function(y, g, level = .95) {
  n <- as.numeric(table(g)); k <- nlevels(g); N <- sum(n); m <- tapply(y, g, mean); v <- tapply(y, g, var)
  s <- summary(aov(y ~ g))[[1]]; f <- s[1, "F value"]; df1 <- k - 1; df2 <- N - k
  omega <- (s[1, 2] - df1 * s[2, 3]) / (sum(s[, 2]) + s[2, 3]); agree("omega squared", omega, df1 * (f - 1) / (df1 * (f - 1) + N), 1e-9)
  ncp <- f_limits(f, df1, df2, level)
  w <- oneway.test(y ~ g); h <- kruskal.test(y, g)
  tau <- cor.test(y, as.numeric(g), method = "kendall", exact = FALSE)
  c0 <- seq_len(k) - (k + 1) / 2; b <- sum(c0 * m) / sum(c0^2); q <- (c0 / sum(c0^2))^2 * v / n; se <- sqrt(sum(q)); df <- sum(q)^2 / sum(q^2 / (n - 1))
  pairs <- list()
  for (i in 1:(k - 1)) for (j in (i + 1):k) {
    t <- t.test(y[g == levels(g)[j]], y[g == levels(g)[i]])
    q1 <- qtukey(level, k, t$parameter) / sqrt(2) * t$stderr; d <- unname(m[j] - m[i])
    pairs[[length(pairs) + 1]] <- list(first = levels(g)[i], second = levels(g)[j], difference = d, t = unname(t$statistic), df = unname(t$parameter), p = t$p.value,
      p_games_howell = ptukey(abs(unname(t$statistic)) * sqrt(2), k, unname(t$parameter), lower.tail = FALSE), half_games_howell = unname(q1))
  }
  holm <- p.adjust(sapply(pairs, `[[`, "p"), "holm"); for (i in seq_along(pairs)) pairs[[i]]$p_holm <- holm[i]
  list(level = level, n = n, mean = unname(m), anova = list(f = f, p = s[1, "Pr(>F)"], omega = omega, low = ncp[1] / (ncp[1] + N), high = ncp[2] / (ncp[2] + N)),
       welch = list(f = unname(w$statistic), df_error = unname(w$parameter[2]), p = w$p.value),
       kruskal = list(h = unname(h$statistic), p = h$p.value, epsilon = unname(h$statistic) / (N - 1)),
       trend = list(z = unname(tau$statistic), p = tau$p.value, tau_b = unname(tau$estimate)),
       contrast = list(rise = b, t = b / se, df = df, p = 2 * pt(-abs(b / se), df), low = b - qt((1 + level) / 2, df) * se, high = b + qt((1 + level) / 2, df) * se),
       pairs = pairs)
}

bfi <- read.csv("bfi.csv"); bfi$A1 <- 7 - bfi$A1
N <- rowSums(bfi[paste0("N", 1:5)]); A <- rowSums(bfi[paste0("A", 1:5)]); E <- factor(bfi$education)
tiny <- read.csv("tiny.csv"); G <- factor(tiny$group, levels = c("low", "mid", "high"))
has <- function(y, g) !is.na(y) & !is.na(g)
i <- has(N, bfi$gender); j <- has(A, E); k <- G != "mid"
p <- c(.012, .3, .0004, .04, .04, .9, .011)
out <- list(
  N_gender = two_groups(N[i], bfi$gender[i]),
  tiny_low_high = two_groups(tiny$score[k], droplevels(G[k]), .9),
  A_education = several(A[j], E[j]),
  tiny = several(tiny$score, G, .9),
  adjusted = list(p = p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH")))

notes <- list(
  scores = "N: sum of N1-N5; A: sum of A1-A5 with A1 as 7 - x; people with any of the five missing, or no group, left out. tiny: score by group, in the order low, mid, high.",
  two_groups = "differences are second minus first (gender 2 minus 1, high minus low). welch = t.test(second, first). mann_whitney = wilcox.test(second, first, exact = FALSE, correct = TRUE). g_pooled = J(n - 2) times d and times the noncentral t limits (uniroot on pt) in d units. g_average = J(n - 2) d in units of sqrt((v1 + v2) / 2), then Bonett's (2008) interval, which is centred on d. rank_biserial = 2 A - 1 and its ends on Fisher's z with se = 2 sqrt(pROC var, method delong) / (1 - r^2). Each triple: value, low, high.",
  several = "anova = aov; omega = omega squared by sums of squares; low, high = ncp / (ncp + N) with ncp the noncentral F limits, the distribution as a Poisson sum of beta distributions. welch = oneway.test. kruskal = kruskal.test, epsilon = H / (N - 1). trend = cor.test(score, number of the group, method = kendall, exact = FALSE): its z is that of Jonckheere and Terpstra. contrast: weights i - (k + 1) / 2 divided by their sum of squares, Satterthwaite df.",
  pairs = "t.test(second, first); p_games_howell = ptukey(sqrt(2) |t|, k, df); half_games_howell = qtukey(level, k, df) / sqrt(2) times the standard error; p_holm = p.adjust over the pairs.",
  adjusted = "p.adjust")
write_json(list(notes = notes, values = out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
writeLines(c(capture.output(sessionInfo()), "", "package versions:", sapply(c("pROC", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
