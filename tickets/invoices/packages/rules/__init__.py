"""PURE. The rules of package checks, one small function each, by what they look at."""
