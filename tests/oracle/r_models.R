# Links, splines and collinearity: Rscript r_models.R (R 4.2.2, survey 4.1-1, MASS, car, splines).
suppressMessages({library(jsonlite); library(survey); library(MASS); library(car); library(splines)})
O <- list()
api <- read.csv("data/apistrat.csv")
growth <- api$api00 - api$api99
api$ord3 <- cut(growth, c(-Inf, 10, 40, Inf), labels = c("shrink", "same", "grow"), ordered_result = TRUE)
api$aw <- as.numeric(api$awards == "Yes"); api$ell10 <- api$ell / 10; api$meals10 <- api$meals / 10
d <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = api)
est <- function(m) list(coef = unname(c(coef(m))), se = unname(sqrt(diag(vcov(m)))))
# Ordered models: polr's search is made exact, its Hessian is still by finite differences.
for (link in c("logistic", "probit", "cloglog")) {
  m <- svyolr(ord3 ~ ell10 + meals10 + stype, d, method = link, control = list(reltol = 1e-16, maxit = 2000))
  O[[paste0("svyolr_", link)]] <- list(coef = unname(c(m$coefficients, m$zeta)), se = unname(sqrt(diag(vcov(m)))))
}
# svyolr's "cloglog" is the other Gumbel tail (as polr's loglog); polr's is 1 - exp(-exp(x)).
m <- polr(ord3 ~ ell10 + meals10 + stype, api, method = "cloglog", control = list(reltol = 1e-16, maxit = 2000))
O$polr_cloglog <- list(coef = unname(c(m$coefficients, m$zeta)), loglik = c(logLik(m)))
tight <- glm.control(epsilon = 1e-15, maxit = 200)
for (link in c("probit", "cloglog")) {
  m <- svyglm(aw ~ ell + meals + api99, d, family = quasibinomial(link), control = tight)
  O[[paste0("svyglm_", link)]] <- est(m)
}
m <- svyglm(api.stu ~ ell10 + stype, d, family = quasipoisson(), control = tight)
O$svyglm_poisson <- est(m)
# A natural spline with the knots given: fitted probabilities, and the test of the curve.
knots <- c(10, 30, 50, 80)
basis <- function(x) ns(x, knots = knots[2:3], Boundary.knots = knots[c(1, 4)])
m <- svyglm(aw ~ basis(meals) + stype, d, family = quasibinomial(), control = tight)
line <- function(x, k) { last <- knots[4]; before <- knots[3]; p <- function(t) pmax(x - t, 0)^3
  (p(k) - p(before) * (last - k) / (last - before) + p(last) * (before - k) / (last - before)) / (last - knots[1])^2 }
api$c1 <- line(api$meals, 10); api$c2 <- line(api$meals, 30)
d2 <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = api)
m2 <- svyglm(aw ~ meals + c1 + c2 + stype, d2, family = quasibinomial(), control = tight)
r <- regTermTest(m2, ~ c1 + c2)
O$spline <- list(knots = knots, fitted = unname(c(fitted(m))), fitted_powers = unname(c(fitted(m2))),
                 F = c(r$Ftest), df1 = r$df, df2 = r$ddf, p = c(r$p))
# Generalised variance inflation: of a linear model on the same columns.
v <- vif(lm(api00 ~ ell10 + meals10 + stype + sch.wide, data = api))
O$gvif <- list(term = rownames(v), value = unname(v[, 3]), df = unname(v[, 2]))
# Interaction in a survey-weighted logit.
m <- svyglm(aw ~ stype * meals10, d, family = quasibinomial(), control = tight)
O$interaction <- est(m)
write(toJSON(O, digits = NA, auto_unbox = TRUE, pretty = TRUE), "r_models.json")
