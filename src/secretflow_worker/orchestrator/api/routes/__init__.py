"""The calls, one file for each noun."""
