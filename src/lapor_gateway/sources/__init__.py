"""Where complaints come from: one module a source family, one manifest a region."""
