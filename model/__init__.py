"""Inference alone: an `Article` goes in, a `Report` comes out. No torch, no network.

from model import Analyzer, Article

report = Analyzer.load().analyze(Article.from_raw(text))
"""

from model.analyzer import Analyzer
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
