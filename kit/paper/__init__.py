"""Paper: booklets and answer sheets to print, and reading what people marked on them."""
