"""Migrations of the store, run at start after a backup."""
