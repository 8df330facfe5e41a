"""What can be wrong with a chain's document, checked before anything of it is stored or run."""
