"""Tables, queries, migrations, cache: the only SQL."""
