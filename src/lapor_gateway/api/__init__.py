"""The HTTP API: thin; it parses, calls the book and the jobs, and presents."""
