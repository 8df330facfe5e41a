"""The truth about chains, in SQL: one code for SQLite and PostgreSQL."""
