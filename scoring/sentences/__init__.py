"""One sentence for each code: what was found, what was expected, and what to do."""
