"""The folder a user works in: laid out from what the package carries, and kept up with newer kits."""
