"""The descriptions of the built-in metrics, one module a family."""
