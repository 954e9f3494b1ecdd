"""Templates: the page's HTML comes from the `*.html.j2` files beside the view modules.

Autoescape is on for every template and an unknown name is an error. Templates see `both` and
`attribute`, which give a phrase in both languages, and the filter `thousands`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from serving.page.phrases import attribute, both


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(both=both, attribute=attribute)
    environment.filters["thousands"] = "{:,}".format
    return environment


def render(template: str, /, **values: object) -> Markup:
    """Return a template as HTML.

    Args:
        template: its file, from `serving/page` on.
        values: what the template names; text is escaped, `Markup` is taken as it is.
    """
    return Markup(_environment().get_template(template).render(values))  # noqa: S704
