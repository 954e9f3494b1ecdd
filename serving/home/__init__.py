"""The home folder: where users' files lie, the database, its users."""
