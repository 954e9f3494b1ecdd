"""Notices: an error, a warning or a line of help, as every tab shows them."""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from model import YiwenError
from serving.page.language import read_language
from serving.page.phrases import phrase
from serving.page.templates import render


def show_error(message: str) -> Markup:
    """Return an error message, shown in the place of a result."""
    return render("error.html.j2", message=message)


def show_warning(message: str) -> Markup:
    """Return a warning, shown beside a result."""
    return render("warning.html.j2", message=message)


def show_done(message: str) -> Markup:
    """Return that something was done."""
    return render("done.html.j2", message=message)


def show_sent(number: int, mark: int) -> Markup:
    """Return the number of a document that the page's script opens in 校正.

    The mark makes each sending another HTML.
    """
    return render("sent.html.j2", number=number, mark=mark)


def alert(error: YiwenError, request: gr.Request) -> gr.Error:
    """Return an error that gradio shows in a corner, with a head in the page's language."""
    title = phrase("page.not_done", read_language(request.headers))
    return gr.Error(str(error), title=title, print_exception=False)


def show_note(message: str) -> Markup:
    """Return a line of help."""
    return render("note.html.j2", message=message)
