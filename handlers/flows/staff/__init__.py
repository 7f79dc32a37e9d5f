"""What staff do: enrol, see the desk, take, answer, forward, finish, undo."""
