"""Judging a theme of the user's own by its out-of-fold decisions, and how many labels it wants.

Of the articles with the theme, by label or by decision, a share J is right; F1 is 2J / (1 + J).
So the interval of F1 is Wilson's interval of J, carried over. Unlike the bootstrap's, it is not
empty where a few articles are all decided right. A theme passes if F1 reaches `NEW_THEME_F1` and
the lower end `SURE_F1`: of thirty labels, half of them with the theme, a theme whose F1 is truly
0.8 passes five times in six, one whose F1 is truly 0.5 three times in a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, hypot, sqrt

from eval.gate.verdict import Judged
from eval.measuring.bootstrap import Estimate
from model.own_themes import OutOfFold

# A theme's own F1 is judged from this number of articles with the theme.
MIN_POSITIVE = 5
NEW_THEME_F1, SURE_F1 = 0.6, 0.5
# Where a theme's F1 is not yet enough, the labels it wants are counted for this F1.
PLANNED_F1 = 0.7
# Share of articles that do not mention a theme and may be tagged with it.
MAX_ALARMS = 0.03
_Z = 1.959964  # of the 95% interval


def estimate_f1(own: OutOfFold) -> Estimate:
    """Return F1 with its 95% interval."""
    low, high = _wilson(own.hits, own.n_positive + own.false)
    return Estimate(own.f1, _to_f1(low), _to_f1(high))


def judge_new(key: str, name: str, own: OutOfFold) -> list[Judged]:
    """Return the measures of a theme that the model in use does not have."""
    f1 = estimate_f1(own)
    rows = [
        Judged(
            f"{key}.f1", _name_f1(name, own), None, f1.value, f1.low, f1.high, own.n_positive,
            own.n_articles, own.folds,
        )
    ]  # fmt: skip
    if own.n_clear:
        low, high = _wilson(own.alarms, own.n_clear)
        shown = f"{name} 误报（交叉验证，{own.n_clear} 篇没提到它的旧文章）"
        share = own.alarms / own.n_clear
        rows.append(
            Judged(f"{key}.false_alarms", shown, None, share, low, high, 0, own.n_clear, own.folds)
        )
    return rows


def compare_own(key: str, name: str, old: OutOfFold, new: OutOfFold) -> Judged:
    """Return F1 of a theme of both models, each on its own labels.

    The interval of the difference is that of two independent figures (Newcombe, 1998); as both
    models share most labels, it is rather too wide.
    """
    before, after = estimate_f1(old), estimate_f1(new)
    difference = after.value - before.value
    low = difference - hypot(after.value - after.low, before.high - before.value)
    high = difference + hypot(after.high - after.value, before.value - before.low)
    return Judged(
        f"{key}.f1", _name_f1(name, new), before.value, after.value, low, high, new.n_positive,
        new.n_articles, new.folds,
    )  # fmt: skip


def object_to_new(name: str, own: OutOfFold) -> list[str]:
    """Return the reasons against a new theme."""
    reasons = []
    f1 = estimate_f1(own)
    if short := _find_shortfall(own, f1):
        reasons.append(
            f"{name} 交叉验证 F1 {f1.value:.3f}（标注 {own.n_articles} 篇，其中 {own.n_positive} "
            f"篇有它；95% 区间 {f1.low:.2f}–{f1.high:.2f}），{short}：{_advise(own)}"
        )
    if own.n_clear and own.alarms / own.n_clear > MAX_ALARMS:
        reasons.append(
            f"{name} 误报：没提到它的 {own.n_clear} 篇旧文章里 {own.alarms} 篇被标上"
            f"（{own.alarms / own.n_clear:.1%}，容许 {MAX_ALARMS:.0%}）：请多标一些没有它的文章"
        )
    return reasons


def note_too_few(too_few: Mapping[str, int]) -> list[str]:
    """Return what to say of themes that had too few articles to be learned, by name."""
    return [
        f"主题“{name}”只有 {n} 篇，没有训练：请再标注约 {_planned_positives() - n} 篇有它的文章"
        for name, n in too_few.items()
    ]


def count_more(own: OutOfFold) -> int:
    """Return how many more articles with a theme would let it pass, others growing in proportion.

    They are counted for the theme's F1; where it is below `NEW_THEME_F1`, for `PLANNED_F1`. 0 where
    there are as many already.
    """
    if own.f1 < NEW_THEME_F1:
        wanted = _planned_positives()
    else:
        n_found = own.n_positive + own.false
        wanted = ceil(_articles_found(own.f1) * own.n_positive / n_found)
    return max(max(wanted, MIN_POSITIVE) - own.n_positive, 0)


def _name_f1(name: str, own: OutOfFold) -> str:
    return f"{name} F1（{own.folds} 折交叉验证，{own.n_articles} 篇标注）"


def _find_shortfall(own: OutOfFold, f1: Estimate) -> str:
    if own.n_positive < MIN_POSITIVE:
        return f"有它的不到 {MIN_POSITIVE} 篇"
    if f1.value < NEW_THEME_F1:
        return f"新主题至少要 {NEW_THEME_F1}"
    return f"区间下端不到 {SURE_F1}" if f1.low < SURE_F1 else ""


def _advise(own: OutOfFold) -> str:
    n_more = count_more(own)
    check = f"先核对训练记录 review.csv 里它的 {own.suspects} 条疑似标错" if own.suspects else ""
    if not n_more:
        return "标注篇数已够，是标得不一致或主题说得不清：" + (check or "请核对标注与主题的说明")
    basis = "按现在的 F1" if own.f1 >= NEW_THEME_F1 else f"若 F1 能到 {PLANNED_F1}"
    more = f"{basis}，请再标注约 {n_more} 篇有它的文章（没有它的照现在的比例添）"
    return f"{check}；{more}" if check else more


def _planned_positives() -> int:
    """Return how many articles with a theme of `PLANNED_F1` suffice, false ones as many as missed.

    Recall is then equal to F1.
    """
    n_hits = _articles_found(PLANNED_F1) * _to_share(PLANNED_F1)
    return ceil(n_hits / PLANNED_F1)


def _articles_found(f1: float) -> int:
    """Return from how many articles, labelled or decided, the lower end reaches `SURE_F1`."""
    least = _to_share(SURE_F1)
    return ceil(_Z**2 * least * (1 - least) / (_to_share(f1) - least) ** 2)


def _wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95% interval of a share (Wilson, 1927); all of 0 to 1 without articles."""
    if not n:
        return 0.0, 1.0
    share, slack = hits / n, _Z**2 / n
    middle = (share + slack / 2) / (1 + slack)
    half = _Z * sqrt(share * (1 - share) / n + slack / (4 * n)) / (1 + slack)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _to_f1(share: float) -> float:
    return 2 * share / (1 + share)


def _to_share(f1: float) -> float:
    return f1 / (2 - f1)
