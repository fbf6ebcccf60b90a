"""lapor-gateway: regional complaints into SP4N-LAPOR!, each exactly once, with a book that proves it."""

__version__ = "0.1.0"
