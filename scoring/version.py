"""The engine's version: part of every score's signature. It changes when a score may change."""

ENGINE_VERSION = "0.2.0"
