"""Confirmatory factor analysis: a model of factors, fitted to answers and tested on them."""
