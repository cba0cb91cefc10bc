"""What runs while the service is up: the one writer, readings in company, boards, upkeep. No HTTP, no SQL."""
