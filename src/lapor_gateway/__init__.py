"""lapor-gateway: regional complaints into SP4N-LAPOR!, with a book that accounts for each of them."""

__version__ = "0.1.0"
