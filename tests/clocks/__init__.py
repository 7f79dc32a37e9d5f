"""What starts, stops, pauses and never touches each clock: the table of docs/clocks.md, cell by cell."""
