# glmmTMB, Laplace approximation.

suppressMessages(library(glmmTMB))
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "crossed.R"))

cells <- read_cells()
began <- proc.time()
fit <- glmmTMB(formula_of_cells, data = cells, family = binomial)
prior_sd <- sapply(VarCorr(fit)$cond, attr, "stddev")
names(prior_sd) <- names(VarCorr(fit)$cond)
modes <- as.data.frame(ranef(fit, condVar = TRUE))
write_sums(modes, prior_sd, fixef(fit)$cond[[1]], began, paste("glmmTMB", packageVersion("glmmTMB")))
