# Fits the rows of clmm.csv (see test_ordinal.py) as ordinal::clmm does; printed numbers stand in clmm.json.
# Rscript clmm.R clmm.csv
library(ordinal)
d <- read.csv(commandArgs(TRUE)[1])
d$response <- factor(d$response, levels = 0:2, ordered = TRUE)
m <- clmm(response ~ signal + (1 | person), data = d, link = "probit", nAGQ = 31)
cat(sprintf('{"low": %.6f, "high": %.6f, "discernment": %.6f, "spread": %.6f}\n',
            m$alpha[1], m$alpha[2], m$beta["signal"], m$ST[[1]][1, 1]))
