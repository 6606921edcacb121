"""One file a source: what to ask, and how to read the answer. No network, no clock."""
