"""Where the broker is: what worker and orchestrator both need to know of Redis."""
