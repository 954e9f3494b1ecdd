"""`Correction`: what a person said of an article, when, and over which model's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.labelled import LabelledArticle


@dataclass(frozen=True)
class Correction:
    """A person's labels of one article, whole: those that were confirmed and those changed.

    Spans are offsets into `labelled.text`. `by` is the person's name, empty where the page has no
    users; `at` has a time zone; `model` is the version whose answer was looked at, empty where
    there was none.
    """

    labelled: LabelledArticle
    by: str
    at: datetime
    model: str = ""
