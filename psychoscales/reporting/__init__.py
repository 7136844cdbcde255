"""The page: what a scale is, and what was computed, for a person to read."""
