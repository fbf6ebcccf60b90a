"""The pure core: what a complaint is and which rules it obeys; no I/O, no clock, no framework."""
