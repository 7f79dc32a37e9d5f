"""The database's history: one line of revisions, forward in a release."""
