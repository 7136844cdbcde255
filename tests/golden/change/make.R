# Golden values of change.  Run from inside this folder:  Rscript make.R
# Reads sai.csv and made.csv, writes expected.json and session.txt.
# What is computed twice is asserted to agree; the script stops otherwise.
suppressPackageStartupMessages({library(pROC); library(jsonlite)})
options(digits = 15, warn = 2)
agree <- function(what, a, b, tol) {
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a - b) / pmax(abs(a), abs(b), 1e-300))
  if (!(d <= tol)) stop(what, ": disagreement ", format(d))
}
ends <- function(value, half) c(value, value - half, value + half)

# ---------------------------------------------------------------- standardized change
effects <- function(x, d, level) {
  n <- length(d); z <- qnorm((1 + level) / 2); p <- c((1 + level) / 2, (1 - level) / 2)
  t <- t.test(d, conf.level = level); es <- mean(d) / sd(x); srm <- mean(d) / sd(d)
  agree("t is the response mean times the root of n", t$statistic, srm * sqrt(n), 1e-12)
  # the noncentrality under which the share p of noncentral t is below the t found
  ncp <- sapply(p, function(q) uniroot(function(m) pt(t$statistic, n - 1, m) - q, t$statistic + c(-6, 6), tol = 1e-12)$root)
  list(mean_change = c(mean(d), t$conf.int), srm = c(srm, ncp / sqrt(n)),
       effect_size = ends(es, z * sqrt(es^2 / (2 * (n - 1)) + var(d) / ((n - 1) * var(x)))))
}
# ---------------------------------------------------------------- reliable change; direction 1 or -1
reliable <- function(x, y, direction, rho, practice, critical) {
  sem <- sd(x) * sqrt(1 - rho); d <- y - x; true <- rho * (x - mean(x)) + mean(x)
  r12 <- cor(x, y); s1 <- sd(x); s2 <- sd(y)
  r11 <- (s1^2 - sem^2) / s1^2; r22 <- (s2^2 - sem^2) / s2^2
  agree("reliability from its own SEM", r11, rho, 1e-12)
  rdd <- (s1^2 * r11 + s2^2 * r22 - 2 * s1 * s2 * r12) / (s1^2 + s2^2 - 2 * s1 * s2 * r12)
  index <- list(jacobson_truax = d / sqrt(2 * sem^2),
                iverson = d / sqrt(sem^2 + s2^2 * (1 - rho)),
                chelune = (d - practice) / (sqrt(2) * sem),
                edwards_nunnally = (y - true) / sem,
                gulliksen_lord_novick = (y - true) / (s1 * sqrt(1 - rho^2)),
                hageman_arrindell = (d * rdd + mean(d) * (1 - rdd)) / (sqrt(rdd) * sqrt(2 * sem^2)))
  of <- function(i) { i <- direction * i; list(index = i[1:12], total = sum(abs(i)), counts = c(sum(i > critical), sum(abs(i) <= critical), sum(i < -critical))) }
  clinical <- c(mean(x), sd(x)); norms <- c(mean(x) + direction * 1.5 * sd(x), 0.8 * sd(x))
  list(reliability = rho, practice = practice, critical = critical, sem = sem, sdc = 1.96 * sqrt(2) * sem, rdd = rdd,
       half = critical * sem * c(sqrt(2), sqrt(1 + var(y) / var(x)), sqrt(2), 1, sqrt((1 + rho)), sqrt(2 / rdd)),
       methods = lapply(index, of), norms = norms,
       cutoffs = c(clinical[1] + direction * 2 * clinical[2], norms[1] - direction * 2 * norms[2],
                   (clinical[2] * norms[1] + norms[2] * clinical[1]) / (clinical[2] + norms[2])))
}
# ---------------------------------------------------------------- anchors
polyserial <- function(x, a) {            # thresholds from the shares, then the conditional likelihood
  z <- (x - mean(x)) / sqrt(mean((x - mean(x))^2)); a <- match(a, sort(unique(a))); k <- max(a)
  cuts <- c(-Inf, qnorm(cumsum(tabulate(a, k))[-k] / length(a)), Inf)
  f <- function(r) -sum(log(pnorm((cuts[a + 1] - r * z) / sqrt(1 - r^2)) - pnorm((cuts[a] - r * z) / sqrt(1 - r^2))))
  slope <- function(r, h = 1e-4) (8 * (f(r + h) - f(r - h)) - (f(r + 2 * h) - f(r - 2 * h))) / (12 * h)
  r <- optimize(f, c(-.99, .99), tol = 1e-8)$minimum
  uniroot(slope, r + c(-.01, .01), tol = 1e-12)$root
}
anchors <- function(d, a, improved, minimal, stable, level) {
  y <- as.numeric(a %in% improved); n <- length(d); z <- qnorm((1 + level) / 2)
  roc <- roc(y, d, direction = "<", quiet = TRUE)
  best <- function(how) coords(roc, "best", best.method = how, ret = "threshold", transpose = FALSE)$threshold
  r <- cor(d, a, method = "spearman"); half <- z * sqrt((1 + r^2 / 2) / (n - 3))
  fit <- glm(y ~ d, family = binomial, control = glm.control(epsilon = 1e-15, maxit = 100))
  odds <- log(mean(y) / (1 - mean(y))); mic <- (odds - coef(fit)[[1]]) / coef(fit)[[2]]
  agree("the likelihood ratio at the MIC is 1", exp(sum(coef(fit) * c(1, mic))) / exp(odds), 1, 1e-12)
  small <- d[a %in% minimal]; same <- d[a %in% stable]
  list(n = n, improved = sum(y), auc = c(as.numeric(auc(roc)), ci.auc(roc, conf.level = level)[c(1, 3)]),
       anchor_r_spearman = c(r, tanh(atanh(r) + c(-1, 1) * half)), anchor_r_polyserial = polyserial(d, a),
       youden = I(best("youden")), closest = I(best("closest.topleft")), coefficients = unname(coef(fit)), mic_predictive = mic,
       mic_adjusted = mic - (0.09 + 0.103 * cor(d, y)) * sd(d) * odds, anchor_reliability = .55,
       mic_improved_adjusted = mic - (0.8 / .55 - 0.5) * sd(d) * cor(d, y) * odds,
       mic_mean_change = if (length(small)) mean(small), guyatt = if (length(small)) mean(small) / sd(same),
       n_minimal = length(small), n_stable = length(same))
}
S <- read.csv("sai.csv"); M <- read.csv("made.csv"); A <- S[!is.na(S$anchor), ]
sai <- c(list(n = nrow(S), level = .90), effects(S$before, S$before - S$after, .90),
         list(reliable = reliable(S$before, S$after, -1, .87, -1.5, 1.645),
              anchor = anchors(A$before - A$after, A$anchor, 4:5, 4, 3, .90)))
made <- c(list(n = nrow(M), level = .95), effects(M$before, M$after - M$before, .95),
          list(reliable = reliable(M$before, M$after, 1, .93, 0.5, 1.96),
               anchor = anchors(M$after - M$before, M$better, 1, 9, 9, .95)))
notes <- list(
  data = "sai.csv: state anxiety, lower is better; anchor 1 (worst) to 5, of which 4 and 5 are improved, 4 minimally, 3 stable. made.csv: higher is better; better 1 or 0. Change is in the direction of improvement.",
  effects = "mean_change: t.test; effect_size: mean change over the sd of before, Bonett's interval; srm: noncentral t by pt. value, low, high at 'level'.",
  reliable = "methods: index of the first 12 people, sum of absolute indices of all, and people above critical, between, below -critical. half: of the bands, in the order of 'methods'. rdd: reliability of the change (Hageman and Arrindell). cutoffs: a, b, c with the norms (mean, sd).",
  anchor = "of people with an anchor. auc: pROC, DeLong; youden and closest: all best thresholds of pROC::coords; coefficients: glm, binomial; the MICs from them; anchor_r_spearman with Bonett and Wright's interval; anchor_r_polyserial: two-step maximum likelihood.")
write_json(list(notes = notes, sai = sai, made = made), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("pROC", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
