"""The tests, by what they need: unit, integration, faults, conformance, browser; bench holds measurements."""
