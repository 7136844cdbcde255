"""The only rooms that know data-frame libraries: columns and counts in, frames out."""
