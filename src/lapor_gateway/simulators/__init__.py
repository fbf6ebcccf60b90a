"""Simulated applications, each in a process and with a store of its own; nothing here imports the gateway."""
