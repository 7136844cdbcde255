"""Pure functions from counts and moments to numbers; no scale, no frame, no text."""
