# Golden values of ROC curves and cut-offs.  Run from inside this folder:  Rscript make.R
# Reads the csv files of the folder, writes expected.json and session.txt.
# What is computed twice is asserted to agree; the script stops otherwise.
suppressPackageStartupMessages({library(pROC); library(cutpointr); library(jsonlite)})
options(digits = 15, warn = 2)

# small.csv and draws.csv were made once by the lines below, and are read, so that they stay what they are.
if (!file.exists("small.csv")) {
  set.seed(20240611)
  truth <- rep(c(1, 0), c(23, 41)); z <- rnorm(64) + .9 * truth
  cut6 <- function(x) findInterval(x, c(-1, -.4, .2, .8, 1.5, 2.1))
  small <- data.frame(truth = truth, a = cut6(z), b = cut6(.5 * z + .8 * rnorm(64) + .3 * truth), low = -cut6(z + .6 * rnorm(64)) + 6)
  write.csv(small, "small.csv", row.names = FALSE, quote = FALSE)
  rows <- lapply(1:40, function(b) {
    count <- function(x) as.vector(table(factor(sample(x, replace = TRUE), levels = sort(unique(small$a)))))
    data.frame(draw = b, value = sort(unique(small$a)), negatives = count(small$a[truth == 0]), positives = count(small$a[truth == 1]))
  })
  write.csv(do.call(rbind, rows), "draws.csv", row.names = FALSE, quote = FALSE)
}
small <- read.csv("small.csv"); draws <- read.csv("draws.csv"); height <- read.csv("height.csv")
height$truth <- as.integer(height$HeightCM >= 180)
ties <- data.frame(truth = rep(c(0, 1), c(10, 10)),                    # Youden's index is .4 at 2 and at 3
                   x = c(1,1,1,1,1,2,2,3,3,4,   1,2,2,3,3,3,4,4,4,4))

agree <- function(what, a, b, tol = 1e-11) {
  a <- as.numeric(a); b <- as.numeric(b)
  stopifnot(length(a) == length(b), length(a) > 0, all(is.finite(a)), all(is.finite(b)))
  d <- max(abs(a - b) / pmax(abs(a), abs(b), 1e-3))
  if (!(d <= tol)) stop(what, ": disagreement ", format(d))
}
near <- function(what, x, printed, digits) if (any(abs(x - printed) > 0.5001 * 10^-digits)) stop(what, ": ", paste(x, collapse = " "))

# ---------------------------------------------------------------- areas
one <- function(x, y, direction = "<") {
  r <- pROC::roc(y, x, levels = c(0, 1), direction = direction, quiet = TRUE)
  s <- if (direction == "<") 1 else -1
  pos <- s * x[y == 1]; neg <- s * x[y == 0]
  w <- suppressWarnings(wilcox.test(pos, neg)$statistic)
  agree("area from Mann and Whitney's U", pROC::auc(r), w / (length(pos) * length(neg)))
  # DeLong by hand: placements of positives among negatives, and the other way round
  p1 <- sapply(pos, function(v) mean((v > neg) + .5 * (v == neg))); p0 <- sapply(neg, function(v) mean((pos > v) + .5 * (pos == v)))
  v <- var(p1) / length(p1) + var(p0) / length(p0)
  agree("DeLong's variance from placements", pROC::var(r, method = "delong"), v)
  a <- as.numeric(pROC::auc(r)); z <- qnorm(.975); z90 <- qnorm(.95)
  ci <- as.numeric(pROC::ci.auc(r, method = "delong")); ci90 <- as.numeric(pROC::ci.auc(r, method = "delong", conf.level = .9))
  agree("interval", ci[c(1, 3)], pmin(pmax(a + c(-z, z) * sqrt(v), 0), 1))
  list(n = length(y), positives = sum(y), auc = a, variance = v, delong = ci[c(1, 3)], delong_90 = ci90[c(1, 3)],
       delong_logit = plogis(qlogis(a) + c(-z, z) * sqrt(v) / (a * (1 - a))))
}
areas <- list(small_a = one(small$a, small$truth), small_b = one(small$b, small$truth), small_low = one(small$low, small$truth, ">"),
              small_low_as_higher = one(small$low, small$truth), height_first = one(height$first, height$truth),
              height_last = one(height$last, height$truth), ties = one(ties$x, ties$truth))
stopifnot(areas$small_low_as_higher$auc < .5)

paired <- function(x, y, truth) {
  f <- function(v) pROC::roc(truth, v, levels = c(0, 1), direction = "<", quiet = TRUE)
  t <- pROC::roc.test(f(x), f(y), method = "delong", paired = TRUE)
  d <- as.numeric(t$estimate[1] - t$estimate[2]); z <- as.numeric(t$statistic)
  agree("interval of the difference", t$conf.int, d + c(-1, 1) * qnorm(.975) * d / z)
  list(difference = d, interval = as.numeric(t$conf.int), z = z, p = as.numeric(t$p.value))
}
comparisons <- list(small = paired(small$a, small$b, small$truth), height = paired(height$first, height$last, height$truth))

# ---------------------------------------------------------------- cut-offs: at or above one is positive
z <- qnorm(.975)
wilson <- function(x, n) {
  w <- ((x + z^2 / 2) + c(-1, 1) * z * sqrt(x * (n - x) / n + z^2 / 4)) / (n + z^2)
  agree("Wilson", w, suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int), 1e-9); w
}
exact <- function(x, n) {
  e <- as.numeric(binom.test(x, n)$conf.int)
  agree("Clopper-Pearson", e, c(if (x == 0) 0 else qbeta(.025, x, n - x + 1), if (x == n) 1 else qbeta(.975, x + 1, n - x))); e
}
ratio <- function(a, n1, b, n0) {
  if (a == 0 || b == 0 || (a == n1 && b == n0)) return(c(NA, NA))
  (a / n1) / (b / n0) * exp(c(-1, 1) * z * sqrt(1 / a - 1 / n1 + 1 / b - 1 / n0))
}
newcombe <- function(a, n1, d, n0) {                                  # of a/n1 + d/n0 - 1, by Newcombe's method 10
  p1 <- a / n1; p0 <- 1 - d / n0; w1 <- wilson(a, n1); w0 <- 1 - rev(wilson(d, n0))
  (p1 - p0) + c(-sqrt((p1 - w1[1])^2 + (w0[2] - p0)^2), sqrt((w1[2] - p1)^2 + (p0 - w0[1])^2))
}
near("Newcombe (1998), table II (a), method 10", newcombe(56, 70, 32, 80), c(.0524, .3339), 4)
logit_ppv <- function(a, n1, c, n0, p) {                              # Mercaldo, Lau and Zhou: logit of PPV, delta method
  se <- a / n1; sp <- 1 - c / n0
  v <- (1 - se) / se / n1 + sp / (1 - sp) / n0
  plogis(log(se * p / ((1 - sp) * (1 - p))) + c(-1, 1) * z * sqrt(v))
}
logit_npv <- function(b, n1, d, n0, p) {
  se <- 1 - b / n1; sp <- d / n0
  v <- se / (1 - se) / n1 + (1 - sp) / sp / n0
  plogis(log(sp * (1 - p) / ((1 - se) * p)) + c(-1, 1) * z * sqrt(v))
}
PREVALENCE <- .08
cut_at <- function(x, y, at) {
  r <- pROC::roc(y, x, levels = c(0, 1), direction = "<", quiet = TRUE)
  n1 <- sum(y == 1); n0 <- sum(y == 0)
  lapply(at, function(k) {
    a <- sum(x >= k & y == 1); b <- n1 - a; c <- sum(x >= k & y == 0); d <- n0 - c
    p <- as.numeric(pROC::coords(r, k - 1e-6, input = "threshold", ret = c("sensitivity", "specificity", "ppv", "npv", "tp", "fn", "fp", "tn")))
    agree("pROC's coordinates", p, c(a / n1, d / n0, a / (a + c), d / (b + d), a, b, c, d))
    list(cutoff = k, table = c(a, b, c, d), sensitivity = a / n1, sensitivity_exact = exact(a, n1), sensitivity_wilson = wilson(a, n1),
         specificity = d / n0, specificity_exact = exact(d, n0), specificity_wilson = wilson(d, n0),
         ppv = a / (a + c), ppv_exact = exact(a, a + c), ppv_wilson = wilson(a, a + c),
         npv = d / (b + d), npv_exact = exact(d, b + d), npv_wilson = wilson(d, b + d),
         ppv_stated = { s <- a / n1; f <- c / n0; s * PREVALENCE / (s * PREVALENCE + f * (1 - PREVALENCE)) },
         ppv_logit = logit_ppv(a, n1, c, n0, PREVALENCE),
         npv_stated = { s <- d / n0; f <- b / n1; s * (1 - PREVALENCE) / (s * (1 - PREVALENCE) + f * PREVALENCE) },
         npv_logit = logit_npv(b, n1, d, n0, PREVALENCE),
         lr_positive = (a / n1) / (c / n0), lr_positive_log = ratio(a, n1, c, n0),
         lr_negative = (b / n1) / (d / n0), lr_negative_log = ratio(b, n1, d, n0),
         youden = a / n1 + d / n0 - 1, youden_newcombe = newcombe(a, n1, d, n0))
  })
}
cutoffs <- list(small_a = cut_at(small$a, small$truth, 1:5), height_first = cut_at(height$first, height$truth, c(24, 29.5, 33, 38)))

# ---------------------------------------------------------------- best cut-offs, by cutpointr
quietly <- function(e) suppressMessages(suppressWarnings(e))
best <- function(d, x, y, method, metric, ...) {
  f <- quietly(cutpointr(data.frame(x = x, y = y), x, y, pos_class = 1, neg_class = 0, direction = ">=",
                         method = method, metric = metric, break_ties = c, silent = TRUE, ...))
  sort(unlist(f$optimal_cutpoint))
}
bests <- function(x, y) list(youden = I(best(, x, y, maximize_metric, youden)), closest_topleft = I(best(, x, y, minimize_metric, roc01)),
  least_sensitivity = I(best(, x, y, maximize_metric, spec_constrain, constrain_metric = sensitivity, min_constrain = .8)),
  least_specificity = I(best(, x, y, maximize_metric, sens_constrain, constrain_metric = specificity, min_constrain = .75)))
chosen <- list(small_a = bests(small$a, small$truth), small_b = bests(small$b, small$truth), height_first = bests(height$first, height$truth),
               ties = bests(ties$x, ties$truth))
stopifnot(length(chosen$ties$youden) == 2)

# optimism of given resamples: the cut-off cutpointr chooses in each, there and among the people themselves
optimism <- function(method, metric) {
  rate <- function(x, y, k) c(mean(x[y == 1] >= k), mean(x[y == 0] < k))
  rows <- sapply(split(draws, draws$draw), function(d) {
    x <- c(rep(d$value, d$negatives), rep(d$value, d$positives)); y <- rep(c(0, 1), c(sum(d$negatives), sum(d$positives)))
    k <- min(best(, x, y, method, metric))
    c(k, rate(x, y, k) - rate(small$a, small$truth, k))
  })
  k <- rows[1, ]
  list(cutoffs = k, low = quantile(k, .025, type = 1)[[1]], high = quantile(k, .975, type = 1)[[1]],
       sensitivity = mean(rows[2, ]), specificity = mean(rows[3, ]))
}
corrected <- list(youden = optimism(maximize_metric, youden), closest_topleft = optimism(minimize_metric, roc01))

# ---------------------------------------------------------------- strata: half-open, lower bounds
in_strata <- function(x, y, bounds) {
  s <- findInterval(x, bounds); n1 <- sum(y == 1); n0 <- sum(y == 0)
  rows <- lapply(0:length(bounds), function(k) {
    a <- sum(s == k & y == 1); b <- sum(s == k & y == 0)
    list(positives = a, negatives = b, lr = (a / n1) / (b / n0), interval = ratio(a, n1, b, n0),
         probability = a / (a + b))
  })
  agree("weighted ratios", sum(sapply(rows, function(r) r$lr * r$negatives / n0)), 1)
  rows
}
strata <- list(small_a = list(bounds = c(2, 3, 5), rows = in_strata(small$a, small$truth, c(2, 3, 5))),
               height_first = list(bounds = c(22, 27.5, 35), rows = in_strata(height$first, height$truth, c(22, 27.5, 35))))

notes <- list(
  data = "small.csv: simulated, see the top of make.R; truth 1 is positive; of a and b higher values say positive, of low lower ones. height.csv: the truth is HeightCM >= 180. ties: written in make.R, and as x and truth here.",
  areas = "pROC::roc (levels c(0, 1), direction '<', of small_low '>'), auc, var(method = 'delong'), ci.auc(method = 'delong') at 95 and 90 %; delong_logit: the same variance on the logit scale, 95 %. small_low_as_higher: direction '<', below one half. pROC cuts intervals at 0 and 1; none here reaches them.",
  comparisons = "pROC::roc.test(method = 'delong', paired = TRUE) of a and b, and of first and last: difference of the areas, its 95 % interval, z and p.",
  cutoffs = "x >= cutoff is positive. table: true positives, false negatives, false positives, true negatives; rates as pROC::coords gives them; _exact binom.test, _wilson prop.test(correct = FALSE) by its formula, _log Simel, Samsa and Matchar 1991, _newcombe Newcombe 1998 method 10 of sensitivity minus (1 - specificity); _stated and _logit at a prevalence of .08: Mercaldo, Lau and Zhou 2007. All 95 %.",
  best = "every optimal cut-off by cutpointr (direction '>=', break_ties = c): metric youden; roc01, the distance from sensitivity 1 and specificity 1; spec_constrain with sensitivity of .8 or more; sens_constrain with specificity of .75 or more.",
  corrected = "draws.csv: resamples of small$a within the classes. In each the lowest optimal cut-off of cutpointr; low and high its quantiles of type 1; sensitivity and specificity in the resample minus in small.csv, at that cut-off, on average.",
  strata = "bounds: where every stratum but the lowest begins. lr with its log interval, 95 %; probability: share of positives in the stratum.")
out <- list(notes = notes, prevalence = PREVALENCE, areas = areas, comparisons = comparisons, cutoffs = cutoffs, best = chosen,
            corrected = corrected, strata = strata, ties = ties)
write_json(out, "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:",
  sapply(c("pROC", "cutpointr", "jsonlite"), function(p) paste(p, packageVersion(p)))), "session.txt")
