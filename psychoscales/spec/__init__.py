"""Declarative documents: what a scale says, how its file is read, where files are found."""
