"""From rows to the cube: counts of people and answers, made by the engine that holds the rows."""
