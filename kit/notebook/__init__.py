"""Notebook side: deck, stations, kiosk and evaluation."""
