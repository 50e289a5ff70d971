# Change between two waves: R survey on stacked data, one design with units as PSUs.
# Run in this folder: Rscript r_waves.R; writes r_waves.json.
suppressMessages({library(survey); library(jsonlite)})
options(survey.lonely.psu = "fail")
O <- list()
strat <- read.csv("data/apistrat.csv", check.names = FALSE)
clus <- read.csv("data/apiclus1.csv", check.names = FALSE)
stack <- function(first, second) {
  first$y <- first$api99; second$y <- second$api00
  first$wave <- "a"; second$wave <- "b"
  both <- rbind(first, second)
  both$wave <- factor(both$wave)
  both$high <- as.numeric(both$y > 650)
  both
}
change <- function(design, of = "y") {
  design <- update(design, ya = get(of) * (wave == "a"), yb = get(of) * (wave == "b"),
                   na = as.numeric(wave == "a"), nb = as.numeric(wave == "b"))
  totals <- svytotal(~ ya + na + yb + nb, design)
  made <- svycontrast(totals, quote(yb / nb - ya / na))
  m <- coef(totals)
  list(first = unname(m["ya"] / m["na"]), second = unname(m["yb"] / m["nb"]),
       difference = unname(coef(made)), se = as.vector(SE(made)), df = degf(design))
}

# Independent samples: every other school, each half with its own strata.
odd <- seq_len(nrow(strat)) %% 2 == 1
halves <- stack(strat[odd, ], strat[!odd, ])
size <- table(halves$wave, halves$stype)
halves$w <- halves$fpc / size[cbind(as.character(halves$wave), as.character(halves$stype))]
halves$h <- interaction(halves$wave, halves$stype)
d <- svydesign(id = ~1, strata = ~h, weights = ~w, fpc = ~fpc, data = halves)
O$independent <- change(d)
O$independent_share <- change(d, "high")

# The same schools in both waves.
whole <- stack(strat, strat)
d <- svydesign(id = ~snum, strata = ~stype, weights = ~pw, fpc = ~fpc, data = whole)
O$whole <- change(d)
O$whole_share <- change(d, "high")
O$whole_domain <- change(subset(d, awards == "Yes"))

# The same, each wave raked on its own.
types <- c(E = 4421, H = 755, M = 1018); wide <- c(No = 1072, Yes = 5122)
whole$wide <- factor(whole$sch.wide)
d <- svydesign(id = ~snum, strata = ~stype, weights = ~pw, fpc = ~fpc, data = whole)
wanted <- ~ wave:stype + wave:wide - 1
totals <- sapply(colnames(model.matrix(wanted, whole)), function(n) {
  level <- sub(".*(stype|wide)", "", n)
  if (grepl("stype", n)) types[[level]] else wide[[level]]
})
raked <- calibrate(d, wanted, population = totals, calfun = "raking", epsilon = 1e-12, maxit = 200)
O$whole_raked <- change(raked)

# The same districts, other schools in them.
many <- clus[clus$dnum %in% names(which(table(clus$dnum) > 1)), ]
parity <- ave(seq_len(nrow(many)), many$dnum, FUN = seq_along) %% 2 == 1
districts <- stack(many[parity, ], many[!parity, ])
d <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = districts)
O$districts <- change(d)

# Schools that rotate: the first 70% of each stratum, and the last 70%. Covariances by hand:
# sum over strata of (c - n1 n2 / N) S, with S from deviations of the common schools.
place <- ave(seq_len(nrow(strat)), strat$stype, FUN = seq_along) / ave(strat$pw, strat$stype, FUN = length)
rotating <- stack(strat[place <= 0.7, ], strat[place > 0.3, ])
size <- table(rotating$wave, rotating$stype)
rotating$w <- rotating$fpc / size[cbind(as.character(rotating$wave), as.character(rotating$stype))]
by_wave <- lapply(split(rotating, rotating$wave), function(part) {
  d <- svydesign(id = ~1, strata = ~stype, weights = ~w, fpc = ~fpc, data = part)
  m <- svymean(~y, d)
  part$z <- part$w * (part$y - coef(m)) / sum(part$w)
  part$dev <- part$z - ave(part$z, part$stype)
  list(part = part, v = as.vector(vcov(m)), m = unname(coef(m)))
})
a <- by_wave$a; b <- by_wave$b
covariance <- 0
for (h in unique(strat$stype)) {
  p <- a$part[a$part$stype == h, ]; q <- b$part[b$part$stype == h, ]
  common <- merge(p[c("snum", "dev")], q[c("snum", "dev")], by = "snum")
  n1 <- nrow(p); n2 <- nrow(q); c <- nrow(common); N <- p$fpc[1]
  unbiased <- c * (1 - 1 / n1 - 1 / n2 + c / (n1 * n2))
  covariance <- covariance + (c - n1 * n2 / N) * sum(common$dev.x * common$dev.y) / unbiased
}
# Stacked with one stratum a pattern of rotation: no finite population, nearly the same.
rotating$pattern <- paste(rotating$stype, rotating$snum %in% a$part$snum, rotating$snum %in% b$part$snum)
d <- svydesign(id = ~snum, strata = ~pattern, weights = ~w, data = rotating)
O$rotating <- list(difference = b$m - a$m, se = sqrt(a$v + b$v - 2 * covariance), covariance = covariance)
O$rotating_stacked <- change(d)
write(toJSON(O, digits = NA, auto_unbox = TRUE, pretty = TRUE), "r_waves.json")
