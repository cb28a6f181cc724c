"""campus-dlp: a mail filter that keeps student information from going where it may not go."""

__version__ = "0.1.0"
