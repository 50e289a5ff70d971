suppressMessages(library(survey)); data(api)
out <- function(name, x, d) cat(sprintf('"%s": {"est": [%s], "se": [%s], "df": %d}', name, paste(format(as.vector(coef(x)), digits=15), collapse=", "), paste(format(as.vector(SE(x)), digits=15), collapse=", "), degf(d)), sep="", end=",\n")
clus1 <- svydesign(id=~dnum, weights=~pw, data=apiclus1, fpc=~fpc)
strat <- svydesign(id=~1, strata=~stype, weights=~pw, data=apistrat, fpc=~fpc)
nofpc <- svydesign(id=~1, strata=~stype, weights=~pw, data=apistrat)
cat("{\n")
cl0 <- svydesign(id=~dnum, weights=~pw, data=apiclus1)
for (nm in c("jk1_clus1","jk1_clus1_nofpc","jkn_strat","jkn_strat_nofpc")) {
  r <- switch(nm, jk1_clus1=as.svrepdesign(clus1, type="JK1"), jk1_clus1_nofpc=as.svrepdesign(cl0, type="JK1"), jkn_strat=as.svrepdesign(strat, type="JKn"), jkn_strat_nofpc=as.svrepdesign(nofpc, type="JKn"))
  out(paste0(nm,"/mean"), svymean(~api00, r), r)
  out(paste0(nm,"/total"), svytotal(~api00, r), r)
  out(paste0(nm,"/ratio"), svyratio(~api00, ~api99, r), r)
  out(paste0(nm,"/prop"), svymean(~stype, r), r)
  b <- svyby(~api00, ~awards, r, svymean); cat(sprintf('"%s/by": {"est": [%s], "se": [%s]},\n', nm, paste(format(coef(b),digits=15),collapse=", "), paste(format(SE(b),digits=15),collapse=", ")))
}
# two PSUs a stratum, made of the stratified sample: pairs of schools in their order
d <- apistrat; d$pair <- rep(1:100, each=2); d$psu <- 1:200
two <- svydesign(id=~psu, strata=~pair, weights=~pw, data=d)
br <- as.svrepdesign(two, type="BRR"); out("brr/total", svytotal(~api00, br), br); 
fay <- as.svrepdesign(two, type="Fay", fay.rho=0.3); out("fay/total", svytotal(~api00, fay), fay)
cat('"made_by": "R', as.character(getRversion()), 'survey', as.character(packageVersion("survey")), '"\n}\n')
