"""Every SQL statement, built once. Nothing outside storage/ writes SQL."""
