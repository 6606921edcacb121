"""One message to many browsers: encoded once, kept short for each of them, written to all."""
