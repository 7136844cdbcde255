"""Validity: whether scores mean what they are said to mean."""
