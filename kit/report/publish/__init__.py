"""What leaves for the public: what of the figures may, the register of what did, and the one door."""
