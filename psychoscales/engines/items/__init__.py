"""Items one by one: how they are answered, and how they go with the rest."""
