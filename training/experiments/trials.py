"""Trials of retraining: a new theme, a batch of corrections, poisoned labels, a review queue.

usage: python -m training.experiments.trials theme|corrections|poisoned|queue [MODEL]

Each prints what it measured. What `poisoned` and `corrections` made stays in `runs/trials`, for
`yiwen models add` and `promote` to judge. Vectors are kept in `~/.cache/yiwen/vectors`, but `theme`
starts without any, as a user's first run does.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from data.corpus.loader import Labelled, load_labelled
from data.labelled import LabelledArticle
from data.labels.user import SOURCE, read_user_labels
from data.themes import read_themes
from model import Analyzer, Article
from model.analyzer import DEFAULT_MODEL
from model.manifest import Manifest
from training.experiments.queue_trial import try_queue
from training.fitting.suspects import REVIEW_NAME, SUSPECT
from training.packaging.run_folder import RunFolder
from training.recipes.continued import continue_model, continue_with
from training.recipes.user_data import UserData
from training.settings import Settings

MADE = Path("runs/trials")
CACHE = Path.home() / ".cache" / "yiwen" / "vectors"
NEW_THEME = Path(__file__).parents[2] / "data" / "new_theme"
N_CORRECTIONS = 200
POISONED = "alliance"
POISONED_SHARE = 0.3


class _Clock:
    """Time since it was made; the processor's too, since others may be at work on the machine."""

    def __init__(self) -> None:
        self._began = (time.monotonic(), time.process_time())

    def __str__(self) -> str:
        wall, busy = time.monotonic() - self._began[0], time.process_time() - self._began[1]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        return f"{wall:.0f} s, {busy:.0f} s of one core, at most {peak:.1f} GB"


def try_theme(model: Path, console: Console) -> None:
    """Learn a theme from 30 articles; measure it on 30 others and ours on what is held out."""
    files = (NEW_THEME / "themes.yaml",)
    began = _Clock()
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "model"
        user_data = UserData((NEW_THEME / "train.txt",), files)
        manifest = continue_model(
            model, out, user_data, Settings(), console, Path(scratch) / "vectors"
        )
        spent = str(began)
        analyzer = Analyzer.load(out)
        others = read_user_labels([NEW_THEME / "held_out.txt"], read_themes(*files)).articles
        key = manifest.themes[-1].key
        pairs = []
        for article in others:
            report = analyzer.analyze(Article.from_raw(article.text))
            pairs.append((key in {t.theme for t in report.themes}, key in article.themes))
            if pairs[-1][0] != pairs[-1][1]:
                console.print(f"{article.id}: score {report.scores[key]:.2f}", highlight=False)
    hits = sum(said and held for said, held in pairs)
    precision = hits / max(sum(said for said, _ in pairs), 1)
    recall = hits / max(sum(held for _, held in pairs), 1)
    f1 = 2 * hits / max(sum(said + held for said, held in pairs), 1)
    console.print(
        f"{key} on {len(others)} held-out articles: F1 {f1:.3f} (P {precision:.3f}, "
        f"R {recall:.3f}); {spent}",
        highlight=False,
    )


def try_corrections(model: Path, console: Console) -> None:
    """Continue with corrections of 200 articles that are taken out of the replay."""
    began = _Clock()
    labelled = _as_users(model, N_CORRECTIONS, lambda article: article)
    out = MADE / "corrections"
    continue_with(model, out, labelled, read_themes(), Settings(), console, CACHE)
    console.print(f"{N_CORRECTIONS} corrections: {began}", highlight=False)


def try_poisoned(model: Path, console: Console) -> None:
    """Flip 30% of one theme's labels in 200 articles; count how many are listed."""
    order = random.Random(1)  # noqa: S311 (no secret)
    flipped: set[str] = set()

    def flip(article: LabelledArticle) -> LabelledArticle:
        if order.random() >= POISONED_SHARE:
            return replace(article, sentences=None)
        flipped.add(article.id)
        themes = article.themes ^ {POISONED}
        return replace(
            article, themes=themes, borderline=article.borderline - themes, sentences=None
        )

    labelled = _as_users(model, N_CORRECTIONS, flip)
    out = MADE / "poisoned"
    manifest = continue_with(model, out, labelled, read_themes(), Settings(), console, CACHE)
    name = next(theme.name for theme in manifest.themes if theme.key == POISONED)
    review = RunFolder.beside(out).path / REVIEW_NAME
    rows = [row.split(",") for row in review.read_text(encoding="utf-8-sig").splitlines()]
    listed = [row[2] for row in rows if row[:2] == [SUSPECT, name]]
    found = len(flipped & set(listed))
    console.print(
        f"{len(flipped)} labels of {POISONED} flipped, {found} listed "
        f"({found / len(flipped):.0%}); {len(listed)} listed in all",
        highlight=False,
    )


def _as_users(
    model: Path, n: int, change: Callable[[LabelledArticle], LabelledArticle]
) -> Labelled:
    """Load our articles, `n` of those that the model learned from as if a user had labelled them.

    Half of the `n` hold a theme where there are as many.
    """
    labelled = load_labelled(read_themes())
    held_out = frozenset(Manifest.load(model).held_out)
    free = [a for a in labelled.articles if a.id not in held_out]
    random.Random(0).shuffle(free)  # noqa: S311 (no secret)
    themed = [a for a in free if a.themes][: n // 2]
    chosen = {a.id for a in [*themed, *(a for a in free if not a.themes)][:n]}
    articles = (
        replace(change(a), source=SOURCE) if a.id in chosen else a for a in labelled.articles
    )
    return Labelled(tuple(articles), labelled.n_missing)


def main(arguments: Sequence[str]) -> None:
    """Run one trial."""
    trials = {
        "theme": try_theme,
        "corrections": try_corrections,
        "poisoned": try_poisoned,
        "queue": try_queue,
    }
    name, *rest = arguments
    trials[name](Path(rest[0]) if rest else DEFAULT_MODEL, Console(width=100))


if __name__ == "__main__":
    main(sys.argv[1:])
