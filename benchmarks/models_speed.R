# The peer of models_speed.py: svyolr on the same file; prints seconds, digits and peak MB.
suppressMessages({library(survey); library(MASS)})
path <- commandArgs(trailingOnly = TRUE)[1]
frame <- read.csv(path, stringsAsFactors = TRUE)
frame$y <- factor(frame$y, c("shrank", "unchanged", "grew"), ordered = TRUE)
d <- svydesign(id = ~1, strata = ~stratum, weights = ~w, fpc = ~size, data = frame)
seconds <- system.time({
  m <- svyolr(y ~ x1 + x2 + x3 + x4 + x5 + x6 + form + rural, d)
  se <- sqrt(diag(vcov(m)))
})[["elapsed"]]
cat("ordinal", seconds, "\n")
cat("coef", format(unname(c(m$coefficients, m$zeta)), digits = 15), "\n")
cat("se", format(unname(se), digits = 15), "\n")
peak <- grep("VmHWM", readLines("/proc/self/status"), value = TRUE)
cat("peak", as.numeric(gsub("[^0-9]", "", peak)) / 1000, "\n")
