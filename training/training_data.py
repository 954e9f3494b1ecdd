"""Training data: users' files, and all labelled articles in two parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from data.corpus.loader import load_labelled
from data.corpus.split import split_held_out
from data.labelled import LabelledArticle
from data.themes import ThemeEntry, read_themes
from model import InputError
from training.packaging.label_record import LabelRecord
from training.settings import Settings

MIN_ARTICLES = 20


@dataclass(frozen=True)
class UserData:
    """Users' own files.

    `paths` are folders and files of labels, `theme_files` lists of their own themes. With
    `is_complete`, a theme that a file never names is absent from its articles.
    """

    paths: tuple[Path, ...]
    theme_files: tuple[Path, ...] = ()
    is_complete: bool = False


@dataclass(frozen=True)
class TrainingData:
    """Labelled articles: to learn from, and held out for calibration; users' files among them."""

    themes: tuple[ThemeEntry, ...]
    train: list[LabelledArticle]
    held_out: list[LabelledArticle]
    record: LabelRecord


def load_training_data(user_data: UserData, settings: Settings, console: Console) -> TrainingData:
    """Load all labelled articles and hold some out.

    Raises:
        InputError: the data do not parse or are too few.
    """
    themes = read_themes(*user_data.theme_files)
    labelled = load_labelled(themes, user_data.paths, is_complete=user_data.is_complete)
    if labelled.n_missing:
        console.print(
            f"注意：{labelled.n_missing} 篇真实文章的原文不在手边，未参加训练"
            "（用环境变量 YIWEN_TEXTS 指明所在文件）"
        )
    for problem in labelled.problems:
        console.print(f"注意：{problem}", highlight=False, markup=False)
    train, held_out = split_held_out(labelled.articles, settings.held_out, settings.seed)
    if min(len(train), len(held_out)) < MIN_ARTICLES:
        raise InputError(f"标注文章太少：训练 {len(train)} 篇、留出 {len(held_out)} 篇")
    console.print(f"训练 {len(train)} 篇，留出校准 {len(held_out)} 篇")
    names = {theme.key: theme.name for theme in themes}
    record = LabelRecord(labelled.files, names, labelled.is_complete)
    return TrainingData(themes, train, held_out, record)
