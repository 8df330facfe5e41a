"""What worker and orchestrator both need to know: where Redis is, and the file of settings."""
