"""Ground floor: no tables, imports no app."""
