"""`demo`: the whole of the main job on simulated applications, from an empty folder to a balance that closes."""
