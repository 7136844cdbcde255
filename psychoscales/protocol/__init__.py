"""The study document: read, run on a file of answers, set beside what was published."""
