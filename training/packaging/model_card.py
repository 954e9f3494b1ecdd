"""The model card, in Chinese and English, made from the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from model.manifest import Manifest
from model.own_themes import read_own_themes
from training.encoder.pretrained import PACKED_BASE

CARD_NAME = "README.md"

_INTRO = """\
# {name}

本文件由训练程序按 `manifest.json` 生成。This file is made from `manifest.json` by the program
that made the model.

## 是什么 · What it is

医闻（Yiwen）的主题模型：读一篇中文医疗卫生新闻，给出 {names} 各主题的校准概率、承载它的句子、
以及供摘要用的句子重要性。一个 BERT 编码器逐窗读完全文，每句取其词元的平均向量，线性层打分，
全文得分为各句的 log-sum-exp，再经 Platt 校准。8 位 ONNX，只需 openvino（或 onnxruntime）
与 tokenizers。

Themes of Chinese health-care news: a calibrated probability for each theme, the sentences that
carry it, and how salient each sentence is for a summary. A BERT reads the whole text window by
window; each sentence is the mean of its tokens, scored by linear heads, pooled by log-sum-exp
and calibrated (Platt). Shipped as 8-bit ONNX.

- 底座 Base: `{base}`{base_note}
{student}- 窗口 Window: {window} tokens
- 许可 Licence: Apache-2.0{licence_note}
"""
_PACKED_NOTE = "（multilingual-e5-small，MIT；裁剪到中文词表 trimmed to Chinese）"
_OTHER_NOTE = "；底座自身的许可另见其说明 (see also the base's own licence)"

_LIMITS = """\
## 局限 · Limits

- 判断的是“这篇新闻是否具体报道了该主题”，不是新闻的真伪或好坏；定义见项目的标注说明。
- 阈值与复核区间由 {n_calibrated} 篇文章选定，阳性很少，上表的数字有 ±0.1 左右的出入，且略微
  偏好；换一类文本（论文、公告、对话）或换一种语言时不可当真。
- 复核区间之内的主题请人工判断。8 位运算因处理器而异：载入时会用探测句核对，不一致时每份报告
  都带警告。
- It tells whether an article reports something concrete on a theme, not whether it is true.
- Thresholds and review bands were chosen on {n_calibrated} articles with few positives: the
  figures above are uncertain by about 0.1 and slightly flattering. Other kinds of text were
  not tried.
- Labels inside their review band are for a person to decide.
"""


def make_model_card(manifest: Manifest) -> str:
    """Return the card as Markdown."""
    packed = manifest.base == PACKED_BASE
    intro = _INTRO.format(
        name=manifest.name,
        names="、".join(manifest.theme_names.values()),
        base=manifest.base,
        base_note=_PACKED_NOTE if packed else "",
        student=_student(manifest),
        window=manifest.window_tokens,
        licence_note="" if packed else _OTHER_NOTE,
    )
    quality = _quality(manifest) + _own_themes(manifest)
    parts = (intro, _data(manifest), quality, _review(manifest.metrics["review"]))
    data = manifest.metrics["data"]
    n_calibrated = data.get("calibration", data["held_out"])["articles"]
    limits = _LIMITS.format(n_calibrated=n_calibrated)
    return "\n".join((*parts, limits))


def _student(manifest: Manifest) -> str:
    """Return the line on a distilled network's teachers; "" for other networks."""
    if not (teachers := manifest.metrics.get("teachers")):
        return ""
    n_layers = len(manifest.metrics["layers"])
    return f"- 蒸馏 Distilled: {n_layers} 层 layers，教师 teachers {'、'.join(teachers)}\n"


def _data(manifest: Manifest) -> str:
    data = manifest.metrics["data"]
    shown = {
        "训练 train": data.get("train"),
        "留出 held out": data["held_out"],
        "校准 calibration": data.get("calibration"),
    }
    parts = tuple(part for part in shown.values() if part)
    sources = sorted({source for part in parts for source in part["sources"]})
    rows = [
        ("文章 articles", *(str(p["articles"]) for p in parts)),
        *_count_rows(parts, "sources", {s: f"来源 source: {s}" for s in sources}),
        *_count_rows(parts, "themes", {t.key: f"{t.name} {t.key}" for t in manifest.themes}),
        ("无主题 no theme", *(str(p["without_theme"]) for p in parts)),
    ]
    return (
        "## 数据 · Data\n\n"
        + _table(("", *(name for name, part in shown.items() if part)), rows)
        + f"\n\n数据摘要 digest of ids, texts and labels: `{data.get('sha256', '—')[:16]}`\n"
    )


def _count_rows(
    parts: Sequence[dict[str, Any]], kind: str, names: dict[str, str]
) -> list[tuple[str, ...]]:
    return [(name, *(str(p[kind].get(key, 0)) for p in parts)) for key, name in names.items()]


def _quality(manifest: Manifest) -> str:
    rows = []
    for theme in manifest.themes:
        found = manifest.metrics["decisions"][theme.key]
        ranking = manifest.metrics["average_precision"][theme.key]
        shown = [found["precision"], found["recall"], found["f1"], ranking]
        cells = ("—" if x is None else f"{x:.2f}" for x in shown)
        band = f"{theme.review[0]:.2f}–{theme.review[1]:.2f}"
        n_articles = str(found["articles"])
        rows.append(
            (f"{theme.name} {theme.key}", n_articles, *cells, f"{theme.threshold:.2f}", band)
        )
    head = (
        "主题 theme", "篇 articles", "精确率 P", "召回率 R", "F1", "AP", "阈值 threshold",
        "复核 review",
    )  # fmt: skip
    change = manifest.metrics["score_changes"]["quantization"]
    return (
        "## 校准文章上的质量 · Quality on the articles calibrated on\n\n"
        + _table(head, rows)
        + f"\n\n8 位量化使得分最多变 {change['largest']:.3f}、平均变 {change['mean']:.4f}"
        " (largest and mean change of a score by 8 bits).\n" + _outside(manifest)
    )


def _outside(manifest: Manifest) -> str:
    """Return the results on articles that thresholds were not chosen on; "" if not measured."""
    if not (found := manifest.metrics.get("out_of_fold")):
        return ""
    return (
        "\n上表的阈值与数字出自同一批文章；未参与选阈值的文章上 on articles that had no "
        f"say in the thresholds: 精确率 P {found['precision']:.2f}，"
        f"召回率 R {found['recall']:.2f}，F1 {found['f1']:.2f}，"
        f"无主题文章误报 false alarms {found['false_alarms']:.1%}；"
        f"送复核 in review {found['in_review']:.1%}，"
        f"复核区间之外的精确率 precision outside {found['precision_outside']:.2f}。\n"
    )


def _own_themes(manifest: Manifest) -> str:
    """Return the out-of-fold figures of users' own themes; "" without any."""
    return "".join(
        f"\n{manifest.theme_names[key]}（自己的主题 own theme）：{own.folds} 折交叉验证 "
        f"out of fold F1 {own.f1:.2f}，标注 labels {own.n_articles} 篇，其中有它 with the theme "
        f"{own.n_positive}；没提到它的旧文章误报 false alarms {own.alarms}/{own.n_clear}。\n"
        for key, own in read_own_themes(manifest.metrics).items()
    )


def _review(review: dict[str, Any]) -> str:
    reached = "—" if review["precision"] is None else f"{review['precision']:.2f}"
    return (
        f"复核区间之外承诺的精确率 promised precision outside the bands: "
        f"{review['promised_precision']:.2f}；校准文章上 reached: {reached} "
        f"({review['accepted_outside']} 个标签 labels)；送复核的文章 articles in review: "
        f"{review['articles_in_review']:.0%}。\n"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
