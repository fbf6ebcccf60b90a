"""What the tests stand on: real servers, real processes, waiting without sleeping."""
