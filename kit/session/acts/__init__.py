"""The rules of a session, an act a file. No SQL, no HTTP; only here responses are written."""
