"""The check of upload packages, beside what the enterprise's tickets know of the same numbers."""
