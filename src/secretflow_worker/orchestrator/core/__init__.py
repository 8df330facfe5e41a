"""What a chain does next, decided by pure functions: no I/O, no clock, no randomness."""
