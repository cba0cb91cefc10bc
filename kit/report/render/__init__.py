"""Formats of a report: page one and the sections in HTML, PDF, XLSX, JSON, and for tests in none."""
