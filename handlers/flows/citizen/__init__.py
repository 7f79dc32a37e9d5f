"""What citizens are led through: story first, at most two questions, one confirmation."""
