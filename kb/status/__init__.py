"""The status board: components, incidents with updates, maintenance, announcements, and who is told by mail."""
