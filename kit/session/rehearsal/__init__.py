"""Rehearsals: simulated phones do everything over real HTTP."""
