"""Tools without opinions: clock, settings, log, ids, retry."""
