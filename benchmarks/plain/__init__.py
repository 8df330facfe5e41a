"""What a user would write without the worker: one script per party, started cold."""
