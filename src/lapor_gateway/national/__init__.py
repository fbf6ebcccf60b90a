"""Where complaints go: one codec a dialect, one sender that moves its bytes."""
