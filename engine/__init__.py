"""Arrays in, arrays out: the mathematics of prices."""
