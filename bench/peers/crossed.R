# What the R peers share: reading the cells; writing latent mean and standard deviation of every cell, and what it cost.
# Arguments: folder, agents, businesses, and the effects beside those of agent and business: "cell", "agent_family".

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
agents <- as.integer(arguments[2])
businesses <- as.integer(arguments[3])
effects <- c("agent", "business", arguments[-(1:3)])

integers <- function(name) {
  path <- file.path(folder, name)
  readBin(path, "integer", n = file.size(path) / 4, size = 4, endian = "little")
}
family <- integers("family.i32")
# Which level of each effect a cell belongs to, in the order of agents, then businesses.
everyone <- rep(0:(agents - 1), each = businesses)
everything <- rep(0:(businesses - 1), agents)
level_of <- list(
  agent = everyone,
  business = everything,
  agent_family = everyone * (max(family) + 1L) + rep(family, agents),
  cell = everyone * businesses + everything
)

read_cells <- function() {
  columns <- matrix(integers("cells.i32"), ncol = 6)
  place <- columns[, 1] * businesses + columns[, 2] + 1
  cells <- data.frame(s = columns[, 6], failures = columns[, 5] - columns[, 6])
  for (effect in effects) cells[[effect]] <- factor(level_of[[effect]][place])
  cells
}

formula_of_cells <- as.formula(paste("cbind(s, failures) ~ 1 +", paste0("(1 | ", effects, ")", collapse = " + ")))

# Largest resident size of this process in KiB; the kernel keeps it where there is /proc.
peak_kib <- function() {
  status <- "/proc/self/status"
  if (!file.exists(status)) return(NA)
  as.numeric(gsub("[^0-9]", "", grep("^VmHWM", readLines(status), value = TRUE)))
}

# Modes and their variances, taken as independent, add up to the latent value of every cell; a level without data stands at its prior.
# (glmmTMB has predict(se.fit = TRUE), but that took ten minutes and 5.6 GB for 200 x 50 cells.)
write_sums <- function(modes, prior_sd, intercept, began, version) {
  eta <- rep(intercept, agents * businesses)
  variance <- 0
  for (effect in effects) {
    rows <- modes[modes$grpvar == effect, ]
    found <- match(level_of[[effect]], as.integer(as.character(rows$grp)))
    eta <- eta + ifelse(is.na(found), 0, rows$condval[found])
    variance <- variance + ifelse(is.na(found), prior_sd[[effect]]^2, rows$condsd[found]^2)
  }
  mean <- plogis(eta)
  sd <- sqrt(variance)
  spent <- proc.time() - began
  for (name in c("mean", "eta", "sd")) {
    stopifnot(length(get(name)) == agents * businesses, all(is.finite(get(name))))
    file <- file(file.path(folder, paste0(name, ".f64")), "wb")
    writeBin(get(name), file, size = 8, endian = "little")
    close(file)
  }
  cost <- list(wall_s = spent[["elapsed"]], cpu_s = spent[["user.self"]] + spent[["sys.self"]], peak_kib = peak_kib(), version = version)
  writeLines(jsonlite::toJSON(cost, auto_unbox = TRUE, digits = NA, na = "null"), file.path(folder, "cost.json"))
}
