"""What keeps chains going: each service may be restarted at any statement."""
