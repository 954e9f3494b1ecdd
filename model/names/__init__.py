"""Names: who and where an article is about."""

from model.names.cast import Cast, NamedBody, Place, Referent, read_cast

__all__ = ["Cast", "NamedBody", "Place", "Referent", "read_cast"]
