"""Pictures: plain arrays in, a matplotlib figure out; no result type is known here."""
