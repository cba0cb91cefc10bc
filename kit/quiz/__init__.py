"""Quizzes: written by authors, checked, scored, and shown to participants without their key."""
