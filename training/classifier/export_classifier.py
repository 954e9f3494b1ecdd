"""`yiwen export`: a `transformers` classifier made from a model, and how far both agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast

from model import Analyzer, InputError
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from training.classifier.agreement import MIN_YES, Agreement, Agreements, measure_agreement
from training.classifier.articles import load_articles
from training.classifier.fit_classifier import (
    fit_classifier,
    make_classifier,
    score_texts,
    wrap_tokenizer,
)
from training.encoder.unpack import unpack

AGREEMENT_NAME = "agreement.json"
_CARD = """\
# {name}：纯 transformers 分类器 · a plain multi-label classifier

```python
from transformers import pipeline

classify = pipeline("text-classification", "{folder}", top_k=None, truncation=True)
classify("县医院和乡镇卫生院结成医共体，派驻医师每周坐诊三天。")
```

它学的是医闻完整模型 `{version}` 对一窗以内文字（{window} 个词元，约 180 字）给出的校准概率；
更长的文字会被截断。主题成立的阈值 thresholds（也在 `config.yiwen_thresholds`）：{thresholds}。
文字最好先照医闻的办法清理：`model.Article.from_raw(text).text`。

It learned the full model's calibrated probabilities on texts of one window; what is longer is cut
off. A theme holds from its threshold on.

在分类器没学过的文章上与完整模型一致 agreement on articles that the classifier did not learn from
（留出的文章，和用户标注的五分之一 held-out ones, and a fifth of users' own）:

| | 个数 n（主题：有它的窗口 windows with it） | 判断一致 decisions alike | 判为有的 F1 of the yes |
| --- | ---: | ---: | ---: |
| 窗口 windows | {n_windows} | {windows} | {windows_f1} |
| 一窗读完的文章 articles of one window | {n_articles} | {articles} | {articles_f1} |
{themes}
"""


def export_classifier(
    model: Path,
    out: Path,
    console: Console,
    more: Sequence[Path] = (),
    labels: Sequence[Path] = (),
) -> Agreements:
    """Write a classifier to `out`, fitted on a model's scores of the available articles.

    Users' own articles are among them.

    Args:
        model: a model folder.
        out: folder of the classifier.
        console: for progress and messages.
        more: JSON Lines of further articles to learn from; they need no labels.
        labels: users' label files; by default those that the model learned from.

    Raises:
        InputError: `out` holds something else, or no article is available.
        ModelError: `model` is no model folder, or the classifier agrees too little on a theme;
            nothing is written then.
    """
    if out.exists() and any(out.iterdir()) and not (out / AGREEMENT_NAME).is_file():
        raise InputError(f"{out} 已存在且不是导出的分类器，请换一个文件夹")
    analyzer = Analyzer.load(model)
    manifest = analyzer.manifest
    tokenizer = Tokenizer.from_file(str(model / TOKENIZER_NAME))
    train, held_out = load_articles(model, manifest, labels, more, console)
    classifier = make_classifier(unpack(model / ENCODER_NAME, manifest.marks), manifest)
    wrapped = wrap_tokenizer(tokenizer, manifest.marks, manifest.window_tokens)
    with Progress(console=console) as progress:
        shown = progress.track(train, description="完整模型打分")
        texts = list(score_texts(analyzer, shown, tokenizer))
        if not texts:
            raise InputError("手边没有可学的文章，无法导出", code="no_articles")
        fitting = progress.add_task("训练分类器", total=None)
        fit_classifier(
            classifier, texts, manifest.marks, seed=int(manifest.settings.get("seed", 0)),
            on_step=lambda step, n: progress.update(fitting, completed=step, total=n),
        )  # fmt: skip
    found = measure_agreement(analyzer, classifier, wrapped, held_out, tokenizer)
    found.check(manifest.theme_names)
    _save(classifier, wrapped, analyzer, found, out)
    _print_agreement(found, manifest, out, console)
    return found


def _print_agreement(found: Agreements, manifest: Manifest, out: Path, console: Console) -> None:
    windows, articles = found.windows, found.articles
    by_theme = "，".join(
        f"{manifest.theme_names[key]} {_percent(one.f1)}" for key, one in found.themes.items()
    )
    console.print(
        f"完成：{out}。与完整模型一致：{windows.n} 个窗口 {_percent(windows.decisions)}"
        f"（判为有的 F1 {_percent(windows.f1)}：{by_theme}），一窗读完的 {articles.n} 篇 "
        f"{_percent(articles.decisions)}（{_percent(articles.f1)}）",
        highlight=False,
    )
    for key in found.find_unknown():
        console.print(
            f"注意：没学过的文章里有“{manifest.theme_names[key]}”的窗口只有 "
            f"{found.themes[key].n_yes} 个，少于 {MIN_YES} 个，与完整模型是否一致没有把握",
            highlight=False,
        )


def _save(
    classifier: BertForSequenceClassification,
    wrapped: PreTrainedTokenizerFast,
    analyzer: Analyzer,
    found: Agreements,
    out: Path,
) -> None:
    """Write the files of `AutoModelForSequenceClassification` and `AutoTokenizer`, and a card."""
    out.mkdir(parents=True, exist_ok=True)
    classifier.save_pretrained(out)
    wrapped.save_pretrained(out)
    text = json.dumps(asdict(found), indent=1) + "\n"
    (out / AGREEMENT_NAME).write_text(text, encoding="utf-8")
    manifest = analyzer.manifest
    names, windows, articles = manifest.theme_names, found.windows, found.articles
    card = _CARD.format(
        name=manifest.name,
        folder=out.name,
        version=manifest.version,
        window=manifest.window_tokens,
        thresholds="、".join(f"`{s.key}`（{s.name}）{s.threshold:.2f}" for s in manifest.themes),
        n_windows=windows.n,
        windows=_percent(windows.decisions),
        windows_f1=_percent(windows.f1),
        n_articles=articles.n,
        articles=_percent(articles.decisions),
        articles_f1=_percent(articles.f1),
        themes="\n".join(_theme_row(names[key], key, one) for key, one in found.themes.items()),
    )
    (out / "README.md").write_text(card, encoding="utf-8")


def _theme_row(name: str, key: str, one: Agreement) -> str:
    cells = (f"{name} {key}", one.n_yes, _percent(one.decisions), _percent(one.f1))
    return "| " + " | ".join(map(str, cells)) + " |"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"
