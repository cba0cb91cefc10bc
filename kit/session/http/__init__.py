"""HTTP over the acts, thin: the table of routes, the wire, the guards and the limits."""
