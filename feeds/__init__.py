"""One file a source: what to ask, how to read the answer. Only transports know the network."""
