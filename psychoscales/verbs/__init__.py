"""The public verbs, one file each: people or counts in, an engine's numbers out as a table."""
