"""Before a session: what of this laptop may spoil it, each with what to do about it."""
