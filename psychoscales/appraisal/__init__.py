"""Rules of evidence: COSMIN's criteria as data, and what they say of results."""
