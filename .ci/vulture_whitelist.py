"""Names that vulture takes for dead; each line is one, with who uses it where vulture cannot see."""
