"""Our worker beside plain scripts that do the same work: ``make bench``."""
