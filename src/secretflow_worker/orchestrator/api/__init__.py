"""The HTTP side: people and programs come in here. ``create_app`` makes the application."""
