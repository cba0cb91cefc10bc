"""What everybody shares: what a stage, a wave, a form, a choice, a place and an item kind are. No I/O."""
