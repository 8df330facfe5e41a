"""The web side: chains of tasks, their truth in SQL, the HTTP API; it never sees a party's data."""
