"""Made-up people: answers from a model, and cohorts that match published tables."""
