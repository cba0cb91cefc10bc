"""Reports: what a session changed, and how surely."""
