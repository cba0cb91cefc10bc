"""The store of sessions: every word of SQL, a thing a file. SQLite by default, PostgreSQL by URL."""
