# NIST's certified values as one file.  Run from inside this folder:  Rscript make.R
# Reads certified.csv, certified_models.csv and the data; writes expected.json and session.txt.
# It computes nothing that is stored: lm only has to come near, or the script stops.
suppressPackageStartupMessages(library(jsonlite))
options(digits = 15, warn = 2)
terms <- read.csv("certified.csv", colClasses = "character"); models <- read.csv("certified_models.csv", colClasses = "character")
near <- c(norris = 1e-10, pontius = 1e-9, noint1 = 1e-10, noint2 = 1e-10, filip = 1e-5, longley = 1e-9,
          wampler1 = 1e-8, wampler2 = 1e-8, wampler3 = 1e-7, wampler4 = 1e-5, wampler5 = 1e-3)
one <- function(i) {
  m <- as.list(models[i, ]); t <- terms[terms$set == m$set, ]; d <- read.csv(paste0(m$set, ".csv"))
  X <- as.matrix(d[-1]); if (as.integer(m$degree) > 1) X <- outer(d$x, seq_len(as.integer(m$degree)), `^`)
  if (m$intercept == "TRUE") X <- cbind(1, X)
  b <- unname(lm.fit(X, d$y, tol = 1e-14)$coefficients); certified <- as.numeric(t$estimate)
  stopifnot(length(b) == length(certified), all(abs(b - certified) <= near[[m$set]] * abs(certified)))
  list(file = paste0(m$set, ".csv"), degree = as.integer(m$degree), intercept = m$intercept == "TRUE", n = nrow(d),
       estimates = I(t$estimate), standard_deviations = I(t$standard_deviation), residual_sd = m$residual_sd,
       r_squared = m$r_squared, f = if (m$f == "") NULL else m$f)
}
out <- lapply(seq_len(nrow(models)), one); names(out) <- models$set
notes <- list(values = "NIST's certified values as printed, 15 significant digits, as text.",
  check = "exact.py derives each from the data in exact rational arithmetic; all agree to the last printed digit.")
write_json(list(notes = notes, data_sets = out), "expected.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null", na = "null")
writeLines(c(capture.output(sessionInfo()), "", "package versions:", paste("jsonlite", packageVersion("jsonlite"))), "session.txt")
