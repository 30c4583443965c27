"""Every write of a competition that comes in, goes out or is copied."""
