"""The command line: thin; it parses, calls the jobs and the book, and presents."""
