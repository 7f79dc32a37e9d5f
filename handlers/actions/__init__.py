"""What a turn or a clock decided, done with a session: rows planned, pages queued. And the answers to turns' needs."""
