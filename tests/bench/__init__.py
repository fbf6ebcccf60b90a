"""Measurements, as ratios to a yardstick in the same run; never part of the suite."""
