# Full weighted least squares of ordinal items.  Run from inside this folder:  Rscript make.R
# Reads bfi.csv, writes expected.json and session.txt.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
options(digits = 15, warn = 2)
data <- read.csv("bfi.csv")
models <- list(N = list(model = "f =~ N1 + N2 + N3 + N4 + N5", items = paste0("N", 1:5)),
               NE = list(model = "n =~ N1 + N2 + N3 + N4 + N5\ne =~ E3 + E4 + E5", items = c(paste0("N", 1:5), "E3", "E4", "E5")))
fitted <- function(of) {
  x <- na.omit(data[of$items])
  fit <- cfa(of$model, x, ordered = of$items, estimator = "WLS", std.lv = TRUE)
  pe <- parameterEstimates(fit); load <- pe[pe$op == "=~", ]
  cor <- pe[pe$op == "~~" & pe$lhs != pe$rhs, ]
  m <- fitMeasures(fit)
  list(n = nrow(x), loading = load$est, se = load$se, correlation = as.list(cor$est), correlation_se = as.list(cor$se),
       fit = as.list(m[c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea",
                         "rmsea.ci.lower", "rmsea.ci.upper", "srmr")]))
}
out <- lapply(models, fitted)
out$notes <- list(loading = "one row of the model after another; factor variances are 1",
                  fit = "lavaan's fitMeasures of estimator WLS: no scaled statistics",
                  data = "complete people of the items; lavaan's search as it stops")
write_json(out, "expected.json", digits = 15, auto_unbox = TRUE, pretty = TRUE)
writeLines(c(capture.output(sessionInfo()), sprintf("lavaan %s", packageVersion("lavaan"))), "session.txt")
