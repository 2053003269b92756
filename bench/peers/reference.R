# Published data that come with lme4, written as cells of agent and business, and what lme4 makes of them.
# Argument: folder. Persons, herds and students stand for agents; items, periods and lecturers for businesses; departments are groups of
# lecturers.

suppressMessages(library(lme4))
folder <- commandArgs(trailingOnly = TRUE)[1]
estimates <- list()

keep <- function(name, data, fit, began) {
  force(fit)
  seconds <- (proc.time() - began)[["elapsed"]]
  spread <- as.data.frame(VarCorr(fit))
  data$level <- if (isLMM(fit)) fitted(fit) else predict(fit, type = "link")
  write.csv(data, file.path(folder, paste0(name, ".csv")), row.names = FALSE)
  estimates[[name]] <<- c(
    as.list(setNames(spread$vcov, sub("Residual", "within", spread$grp))), level = fixef(fit)[[1]], seconds = seconds
  )
}
code <- function(values) as.integer(factor(values)) - 1L

verbagg <- with(VerbAgg, data.frame(agent = code(id), business = code(item), group = 0, n = 1, s = as.integer(r2 == "Y")))
began <- proc.time()
keep("verbagg", verbagg, glmer(s ~ 1 + (1 | agent) + (1 | business), verbagg, binomial), began)

herds <- with(cbpp, data.frame(agent = code(herd), business = code(period), group = 0, n = size, s = incidence))
began <- proc.time()
keep("cbpp", herds, glmer(cbind(s, n - s) ~ 1 + (1 | agent) + (1 | business), herds, binomial), began)

ratings <- with(InstEval, data.frame(agent = code(s), business = code(d), group = code(dept), n = 1, s = y))
began <- proc.time()
keep("insteval", ratings, lmer(s ~ 1 + (1 | agent) + (1 | business) + (1 | group), ratings), began)

writeLines(jsonlite::toJSON(estimates, auto_unbox = TRUE, digits = NA), file.path(folder, "estimates.json"))
