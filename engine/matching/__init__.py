"""The same event across sources: names made comparable, pairs scored, conflicts settled."""
