"""The edge: what stands between the network and everything else, around every answer."""
