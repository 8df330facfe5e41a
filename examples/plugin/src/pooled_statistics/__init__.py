"""Task types over the rows of all parties together; see README.md."""
