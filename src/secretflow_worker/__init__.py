"""SecretFlow Worker: privacy-computing tasks among parties that keep their own tables."""

__version__ = "0.1.0"
