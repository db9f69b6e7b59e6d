"""Same problem: tickets that say the same of themselves, counted by enterprise and day."""
