"""Boosters: offers to forward in the weeks after a session, so that what was learnt does not fade."""
