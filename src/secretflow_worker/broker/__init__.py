"""What worker and orchestrator both need to know: where Redis is, the file of settings, logs."""
