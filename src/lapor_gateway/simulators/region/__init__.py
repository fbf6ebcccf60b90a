"""Simulated regional applications: one program, four families, each region's matter in its own folder.

`python -m lapor_gateway.simulators.region FOLDER --data DIR --complaints N --seed S`
reads FOLDER/simulator.toml.
"""
