# The peer of tables_speed.py: the same tables in R survey on the same files; prints seconds and writes
# the figures. Reads data.csv, margins.csv (margin, level, total) and tasks.csv (id, what, columns, by, gaps).
suppressMessages(library(survey))
folder <- commandArgs(trailingOnly = TRUE)[1]
here <- function(name) file.path(folder, name)
frame <- read.csv(here("data.csv"), stringsAsFactors = TRUE, na.strings = "")
tasks <- read.csv(here("tasks.csv"), colClasses = "character")
known <- read.csv(here("margins.csv"), colClasses = c("character", "character", "numeric"))

seconds <- function(work) system.time(work())[["elapsed"]]
took <- function(name, s) cat(name, s, "\n")

took("design", seconds(function() {
  d <<- svydesign(id = ~1, strata = ~stratum, weights = ~base_weight, fpc = ~stratum_size, data = frame)
  margins <- unique(known$margin)
  wanted <- reformulate(margins)
  columns <- c("(Intercept)", unlist(lapply(margins, function(m) paste0(m, levels(frame[[m]])[-1]))))
  total <- setNames(known$total, paste0(known$margin, known$level))
  population <- c(sum(known$total[known$margin == margins[1]]), total[columns[-1]])
  names(population) <- columns
  d <<- calibrate(d, wanted, population, calfun = "raking", epsilon = 1e-13, maxit = 200)
}))

estimate <- function(task) {
  what <- as.formula(paste("~", task$columns))
  # svyby takes missing for a level, and stops at a level in which nobody answered.
  if (task$gaps == "yes") d <- d[!is.na(frame[[all.vars(what)[1]]]) & !is.na(frame[[task$by]]), ]
  if (task$by == "") {
    made <- svymean(what, d, na.rm = TRUE)
    return(data.frame(id = task$id, level = "", column = names(coef(made)),
                      estimate = unname(coef(made)), se = as.vector(SE(made))))
  }
  made <- svyby(what, as.formula(paste("~", task$by)), d, svymean, na.rm = TRUE)
  told <- attr(made, "svyby")
  first <- max(told$margins)
  means <- made[, first + seq_len(told$nstats), drop = FALSE]
  errors <- made[, first + told$nstats + seq_len(told$nstats), drop = FALSE]
  data.frame(id = task$id, level = rep(as.character(made[[1]]), told$nstats),
             column = rep(names(means), each = nrow(made)),
             estimate = unlist(means, use.names = FALSE), se = unlist(errors, use.names = FALSE))
}
test <- function(task) {
  p <- tryCatch(
    suppressWarnings(svychisq(as.formula(paste("~", task$columns, "+", task$by)), d, statistic = "F")$p.value),
    error = function(e) NaN)
  data.frame(id = task$id, p = unname(as.vector(p)))
}
rows <- function(what) split(tasks[what, ], seq_len(sum(what)))
of_means <- rows(tasks$what == "mean")
of_tests <- rows(tasks$what == "test")
took("estimates", seconds(function() made <<- lapply(of_means, estimate)))
took("tests", seconds(function() tested <<- lapply(of_tests, test)))
options(digits = 17)
write.csv(do.call(rbind, made), here("r_means.csv"), row.names = FALSE)
write.csv(do.call(rbind, tested), here("r_tests.csv"), row.names = FALSE)
