"""The terminal's screens over `models`."""
