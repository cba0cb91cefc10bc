"""An offline stick: every wheel for a platform, a Python where it can be had, a file to start."""
