"""Statistics of the report: pure functions of counts, each with its formula, source, units and an example.

Nothing here reads a file, knows a language or returns NaN: what cannot be computed is None, and the section
that asked says why in a note. Scores are in points, proportions 0-1, intervals (low, high) at 95 %.

Shapes: people come as cells. Arrays of one call have one length, the number of cells; `n` holds how many
people share a cell, so that every sum over people is a dot product with `n`. numpy raises ValueError where
lengths differ. Nobody at all (`n` sums to 0) is for the caller to exclude unless a function says otherwise.
"""
