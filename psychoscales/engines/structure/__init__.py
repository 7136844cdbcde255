"""Structure: how many dimensions a set of items has, and which items are of which."""
