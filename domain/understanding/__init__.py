"""Reading a story as a good clerk would: what it is about, whom it accuses, who should read it."""
