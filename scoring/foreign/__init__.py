"""Competitions in the formats of other platforms, turned into folders of our own."""
