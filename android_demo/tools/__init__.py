"""What makes parts of the app."""
