# lme4::glmer, the fixed effect not integrated over (nAGQ = 0), as its manual advises for large data.

suppressMessages(library(lme4))
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "crossed.R"))

cells <- read_cells()
began <- proc.time()
fit <- glmer(formula_of_cells, data = cells, family = binomial, nAGQ = 0)
spread <- as.data.frame(VarCorr(fit))
modes <- as.data.frame(ranef(fit, condVar = TRUE))
write_sums(modes, setNames(spread$sdcor, spread$grp), fixef(fit)[[1]], began, paste("lme4", packageVersion("lme4")))
