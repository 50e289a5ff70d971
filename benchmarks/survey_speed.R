# The peer of survey_speed.py: the same work in R survey on the same file; prints seconds and peak MB.
suppressMessages(library(survey))
path <- commandArgs(trailingOnly = TRUE)[1]
frame <- read.csv(path, stringsAsFactors = TRUE)
timed <- function(name, work) {
  seconds <- system.time(made <- work())[["elapsed"]]
  cat(name, seconds, "\n")
  made
}
d <- timed("design", function() svydesign(id = ~1, strata = ~stratum, weights = ~w, fpc = ~size, data = frame))
m <- timed("mean_by_domain", function() svyby(~y, ~form, d, svymean))
p <- timed("proportions_by_region", function() svyby(~answer, ~region, d, svymean))
t <- timed("rao_scott", function() svychisq(~answer + form, d))
cat("digits", format(coef(m)[[1]], digits = 15), format(SE(m)[[1]], digits = 15),
    format(unname(coef(p))[1], digits = 15), format(SE(p)[1, 1], digits = 15),
    format(unname(t$statistic), digits = 15), "\n")
peak <- grep("VmHWM", readLines("/proc/self/status"), value = TRUE)
cat("peak", as.numeric(gsub("[^0-9]", "", peak)) / 1000, "\n")
