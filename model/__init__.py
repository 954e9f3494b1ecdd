"""Inference alone: an `Article` goes in, a `Report` comes out. No torch, no network.

from model import Analyzer, Article

report = Analyzer.load().analyze(Article.from_raw(text))
"""

from typing import TYPE_CHECKING, Any

from model.article import Article
from model.errors import InputError, ModelError, YiwenError
from model.report import Figure, Report, Summary, Theme
from model.spans import Span

__all__ = [
    "Analyzer",
    "Article",
    "Figure",
    "InputError",
    "ModelError",
    "Report",
    "Span",
    "Summary",
    "Theme",
    "YiwenError",
]

if TYPE_CHECKING:
    from model.analyzer import Analyzer


def __getattr__(name: str) -> Any:
    """Load the analyzer when it is asked for: the runtime is slow to load, parsers need none."""
    if name == "Analyzer":
        from model.analyzer import Analyzer

        return Analyzer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
