"""Notices: an error, a warning or a line of help, as every tab shows them."""

from __future__ import annotations

from markupsafe import Markup

from serving.page.templates import render


def show_error(message: str) -> Markup:
    """Return an error message, shown in the place of a result."""
    return render("error.html.j2", message=message)


def show_warning(message: str) -> Markup:
    """Return a warning, shown beside a result."""
    return render("warning.html.j2", message=message)


def show_note(message: str) -> Markup:
    """Return a line of help."""
    return render("note.html.j2", message=message)
