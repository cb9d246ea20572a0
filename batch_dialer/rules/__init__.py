"""What decides. No file, socket, clock, randomness, logging or await in this folder."""
