"""Statistics of the report: pure functions of counts, each with its formula, source, units and an example.

Nothing here reads a file, knows a language or returns NaN: what cannot be computed is None, and the reason is
a note that `kit.report.assemble` adds. Scores are in points, proportions 0-1, intervals (low, high) at 95 %.
"""
