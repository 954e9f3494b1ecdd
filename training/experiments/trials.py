"""Trials of retraining: a new theme, a batch of corrections, poisoned labels, a review queue.

`python -m training.experiments.trials theme|own|corrections|poisoned|queue [MODEL]`

Each trial prints its measurements. The models of `own`, `poisoned` and `corrections` stay in
`runs/trials`, so that `yiwen models add` and `promote` can judge them. Vectors are kept in
`~/.cache/yiwen/vectors`; `theme` starts without any, like a user's first run.
"""

from __future__ import annotations

import random
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.command import run_command
from data.corpus.loader import Labelled, load_labelled
from data.labelled import LabelledArticle
from data.labels.user import SOURCE, read_user_labels
from data.text_files import read_text
from data.themes import read_themes
from model import Analyzer, Article
from model.analyzer import DEFAULT_MODEL
from model.manifest import Manifest
from model.own_themes import read_own_themes
from training.experiments.queue_trial import try_queue
from training.fitting.suspects import SUSPECT
from training.packaging.names import REVIEW_NAME
from training.packaging.run_folder import RunFolder
from training.recipes.continued import continue_model, continue_with
from training.settings import Settings
from training.training_data import UserData

MADE = Path("runs/trials")
CACHE = Path.home() / ".cache" / "yiwen" / "vectors"
NEW_THEME = Path(__file__).parents[2] / "data" / "new_theme"
N_CORRECTIONS = 200
POISONED = "alliance"
POISONED_SHARE = 0.3
N_OWN, N_FEW = 30, 10


class _Clock:
    """Wall time, processor time and peak memory since the clock was made."""

    def __init__(self) -> None:
        self._began = (time.monotonic(), time.process_time())

    def __str__(self) -> str:
        wall, busy = time.monotonic() - self._began[0], time.process_time() - self._began[1]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        return f"{wall:.0f} s, {busy:.0f} s of one core, at most {peak:.1f} GB"


def try_theme(model: Path, console: Console) -> None:
    """Learn a theme from 30 articles; measure it on 30 others."""
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
    hits = sum(predicted and expected for predicted, expected in pairs)
    precision = hits / max(sum(predicted for predicted, _ in pairs), 1)
    recall = hits / max(sum(expected for _, expected in pairs), 1)
    f1 = 2 * hits / max(sum(sum(pair) for pair in pairs), 1)
    console.print(
        f"{key} on {len(others)} held-out articles: F1 {f1:.3f} (P {precision:.3f}, "
        f"R {recall:.3f}); {spent}",
        highlight=False,
    )


def try_own(model: Path, console: Console) -> None:
    """Learn a theme from 60, 30 and 10 labels, and from 30 of which 12 are flipped."""
    files = (NEW_THEME / "themes.yaml",)
    key = read_themes(*files)[-1].key
    blocks = [
        f"# {block}"
        for name in ("train.txt", "held_out.txt")
        for block in read_text(NEW_THEME / name).removeprefix("# ").split("\n# ")
    ]
    few = [block for block in blocks[:N_OWN] if f"[{key}]" in block][: N_FEW // 2]
    few += [block for block in blocks[:N_OWN] if f"[{key}]" not in block][: N_FEW // 2]
    flipped = [_flip(block, key) if n % 5 in (0, 2) else block for n, block in enumerate(blocks)]
    parts = {"60": blocks, "30": blocks[:N_OWN], "10": few, "poisoned": flipped[:N_OWN]}
    for name, part in parts.items():
        folder = MADE / f"own_{name}"
        folder.mkdir(parents=True, exist_ok=True)
        labels = folder / "labels.txt"
        labels.write_text("\n\n".join(part) + "\n", encoding="utf-8")
        user_data = UserData((labels,), files)
        manifest = continue_model(model, folder / "model", user_data, Settings(), console, CACHE)
        console.print(name, read_own_themes(manifest.metrics)[key], highlight=False)


def _flip(block: str, key: str) -> str:
    """Take a theme from an article that has it; give it to the first sentence of another."""
    if f"[{key}]" in block:
        return block.replace(f"[{key}] ", "")
    head, _, body = block.partition("\n\n")
    return f"{head}\n\n[{key}] {body}"


def try_corrections(model: Path, console: Console) -> None:
    """Continue with corrections of 200 articles that are removed from the replay."""
    began = _Clock()
    labelled = _as_users(model, N_CORRECTIONS, lambda article: article)
    out = MADE / "corrections"
    continue_with(model, out, labelled, read_themes(), Settings(), console, CACHE)
    console.print(f"{N_CORRECTIONS} corrections: {began}", highlight=False)


def try_poisoned(model: Path, console: Console) -> None:
    """Flip 30% of one theme's labels in 200 articles; count how many are listed as suspects."""
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
    """Load all labelled articles, `n` of those in the model's training as if labelled by a user.

    Half of the `n` have a theme, if there are enough.
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


class Trial(StrEnum):
    """Name of a trial on the command line."""

    THEME = "theme"
    OWN = "own"
    CORRECTIONS = "corrections"
    POISONED = "poisoned"
    QUEUE = "queue"


def main(
    trial: Annotated[Trial, typer.Argument(help="The trial to run.")],
    model: Annotated[Path, typer.Argument(help="The model folder to continue.")] = DEFAULT_MODEL,
) -> None:
    """Run one trial of retraining and print its measurements."""
    trials = {
        Trial.THEME: try_theme,
        Trial.OWN: try_own,
        Trial.CORRECTIONS: try_corrections,
        Trial.POISONED: try_poisoned,
        Trial.QUEUE: try_queue,
    }
    trials[trial](model, Console(width=100))


if __name__ == "__main__":
    run_command(main)
