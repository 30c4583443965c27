"""The built-in metrics: one file each, plain descriptions for the pages, functions for the workers."""
