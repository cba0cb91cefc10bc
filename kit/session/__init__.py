"""Sessions: one meeting, from joining to the bundle."""
