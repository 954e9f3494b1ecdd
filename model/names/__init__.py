"""Names: who and where an article is about."""

from model.names.cast import Cast, NamedBody, Referent, read_cast
from model.names.gazetteer import Place

__all__ = ["Cast", "NamedBody", "Place", "Referent", "read_cast"]
