"""Features of a line for the learned classifier: names of what holds for it and its neighbours."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from model.cleaning.characters import HAN
from model.cleaning.names import FULL_NAME
from model.outline.shape import Line

BIAS = "bias"  # holds for every line
LENGTHS = (4, 8, 14, 20, 28, 36, 45, 60, 90, 140)
PROSE_MIN_CHARS = 45
SHORT_CHARS = 45
TITLE_MIN_CHARS = 8
_ENDS = {
    "stop": "。.", "cry": "！!", "ask": "？?", "colon": "：:", "semicolon": "；;", "comma": "，、,",
    "dots": "…—-~", "quote": "”’」』\"", "bracket": "）)】]》>", "digit": "0123456789",
}  # fmt: skip
_STARTS = {
    "quote": "“‘「『", "bracket": "（(【[《", "digit": "0123456789", "mark": "#*※>→-—·•▲△▼↑↓=/|",
}  # fmt: skip
_END_OF = {sign: name for name, signs in _ENDS.items() for sign in signs}
_START_OF = {sign: name for name, signs in _STARTS.items() for sign in signs}
_WORDS = {
    "date": r"(?:19|20)\d\d[ ]?[-/.年][ ]?\d{1,2}[ ]?[-/.月]",
    "clock": r"\d{1,2}[:：]\d{2}",
    "source": r"来源|稿源|转自|摘自|原标题|链接[：:]|https?:",
    "time_label": r"^(?:发布|更新|发表)?(?:时间|日期)[：:]",
    "writer": r"记者|通讯员|作者|撰文|供稿",
    "editor": r"编辑|责编|校对|审核|监制|制图|排版|摄影|策划|初审|终审",
    "took": r"摄$|摄[）)]$|图$|供图|资料图|截图|[ ）)]摄|图片|/摄",
    "shows": r"^图[为：:①-⑳一二三四1-9]|^[△▲▼↑↓]|上图|下图|左[一二三]|右[一二三]|现场。?$|正在",
    "name_end": rf"(?:院长|主任|教授|医师|书记|院士|主席|会长|所长|[ ]){FULL_NAME}$",
    "role": r"院长|主任|教授|医师|书记|院士|主席|会长|博士|导师|创始人|董事长",
    "house_end": rf"[{HAN}](?:委员会|委|局|厅|办公室|政府|医院|中心|部|公司|协会|学会|大学|集团)$",
    "verb": r"说|表示|介绍|指出|强调|认为|记者|了解到|据",
    "box": r"核心提示|提要|摘要|导[读语]|编者按|链接|背景|简介|名片|小贴士|看点|专家介绍|阅读|档案",
    "contact": r"联系|电话|传真|邮箱|地址|网址|邮编|附件|咨询|报名|\d{3,4}[-－—]\d{7,8}|@",
    "rights": r"版权|转载|免责|声明|Copyright|©|备\d|备案|许可证|违者|授权|侵权|举报",
    "site": r"首页|登录|注册|搜索|客户端|APP|公众号|微[信博]|二维码|扫[码描]|关注|收藏|下载|返回",
    "more": r"相关|推荐|热门|排行|更多|精彩|阅读原文|[上下]一|热新闻|热点|往期|视频|专题|栏目|频道",
    "count": r"评论|跟帖|点赞|浏览|阅读[ （(：:]*\d|回复|转发|^\d+$",
    "say_bar": r"[丨|｜]",
    "site_tail": r"[-_—|｜][^-_—|｜，。]{2,12}$",
    "ask_label": r"^(?:问|Q)\d*[：:]",
    "answer_label": r"^(?:答|A)\d*[：:]",
    "label": rf"^[{HAN}]{{2,6}}[：:]",
    "name_label": rf"^{FULL_NAME}[：:]",
    "now": r"^(?:近[日年]|日前|目前|据|此外|同时|在|为|[今去]年|随着|\d+[年月]|.{2,10}[讯电]（)",
    "latin": r"^[\W\dA-Za-z]+$",
    "greeting": r"^各.{2,40}[：:]$",
    "tail_note": r"^(?:注|备注|说明|特此|完)",
}  # fmt: skip
_WORD = {name: re.compile(pattern) for name, pattern in _WORDS.items()}
_SPACED = re.compile(r"(?<=\S) (?=\S)")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Page:
    """What is known of a whole article: where its prose starts and ends, which lines recur."""

    lines: Sequence[Line]
    kinds: Sequence[str]
    first_prose: int
    last_prose: int
    n_same: Counter[str]
    labels: Counter[str]
    runs: Sequence[int]


def read_features(lines: Sequence[Line], kinds: Sequence[str]) -> list[list[str]]:
    """Return the names of what holds for each line.

    Args:
        lines: the lines of a cleaned text.
        kinds: what the rules call them.
    """
    page = _read_page(lines, kinds)
    own = [_own_features(line) for line in lines]
    return [
        [*own[i], *_place_features(page, i), *_neighbour_features(page, i)]
        for i in range(len(lines))
    ]


def _read_page(lines: Sequence[Line], kinds: Sequence[str]) -> Page:
    prose = [i for i, line in enumerate(lines) if _is_prose(line)]
    runs = [0] * len(lines)
    for i in range(len(lines)):  # how many short lines stand side by side up to here
        runs[i] = (runs[i - 1] if i else 0) + 1 if _is_short(lines[i]) else 0
    for i in range(len(lines) - 2, -1, -1):
        if runs[i] and runs[i + 1]:
            runs[i] = runs[i + 1]
    return Page(
        lines, kinds,
        prose[0] if prose else len(lines), prose[-1] if prose else -1,
        Counter(_BLANK.sub("", line.text) for line in lines),
        Counter(_label(line) for line in lines),
        runs,
    )  # fmt: skip


def _is_prose(line: Line) -> bool:
    return len(line.text) >= PROSE_MIN_CHARS and "，" in line.text


def _is_short(line: Line) -> bool:
    return len(line.text) <= SHORT_CHARS and not line.is_ended


def _label(line: Line) -> str:
    label, colon, _ = line.text[:8].partition("：")
    return label if colon else ""


def _own_features(line: Line) -> list[str]:
    words = line.text
    found = [
        BIAS,
        f"length={bisect_left(LENGTHS, len(words))}",
        f"end={_END_OF.get(words[-1], 'word')}",
        f"start={_START_OF.get(words[0], 'word')}",
        f"style={line.style}",
        f"rest={bisect_left(LENGTHS, len(line.body))}/{line.is_ended}",
        f"commas={min(words.count('，'), 3)}",
        f"stops={min(words.count('。'), 3)}",
    ]
    if line.is_row:
        found.append("row")
    if _SPACED.search(words):
        found.append("spaced")
    found += [f"word={name}" for name, pattern in _WORD.items() if pattern.search(words)]
    size = "short" if len(words) <= SHORT_CHARS else "long"
    return found + [f"{size}:{name}" for name in found[8:]] + [f"{found[1]}/{found[2]}"]


def _place_features(page: Page, i: int) -> list[str]:
    line, n = page.lines[i], len(page.lines)
    if i < page.first_prose:
        place = "above"
    elif i > page.last_prose:
        place = "below"
    else:
        place = "within"
    same = page.n_same[_BLANK.sub("", line.text)]
    shape = "ended" if line.is_ended else "short" if len(line.text) <= SHORT_CHARS else "open"
    found = [
        f"rule={page.kinds[i]}",
        f"place={place}",
        f"place={place}/{shape}",
        f"from_top={min(i, 4)}",
        f"from_end={min(n - 1 - i, 4)}",
        f"to_prose={max(-2, min(page.first_prose - i, 6))}",
        f"past_prose={max(-2, min(i - page.last_prose, 6))}",
        f"run={bisect_left((0, 1, 2, 3, 5, 8, 15), page.runs[i])}",
        f"run={bisect_left((0, 1, 2, 3, 5, 8, 15), page.runs[i])}/{place}",
        f"n_lines={bisect_left((3, 8, 20, 60, 150), n)}",
        f"prose={page.last_prose >= page.first_prose}",
    ]
    if same > 1:
        found += ["same", f"same/{shape}"]
    if page.labels[_label(line)] > 1 and _label(line):
        found.append("label_again")
    if line.style:
        found.append(f"style={line.style}/{shape}")
    if i and _starts_alike(page.lines[0].text, line.text):
        found.append("opens_first")
    return found


def _starts_alike(first: str, words: str) -> bool:
    """`某某事-某某网`, the title in the browser's bar, opens with the title of the page."""
    return len(words) >= TITLE_MIN_CHARS and first != words and first.startswith(words)


def _neighbour_features(page: Page, i: int) -> list[str]:
    line = page.lines[i]
    found = []
    for step in (-2, -1, 1, 2):
        j = i + step
        if not 0 <= j < len(page.lines):
            found.append(f"{step}=none")
            continue
        other = page.lines[j]
        length = bisect_left((14, 45, 90), len(other.text))
        found += [f"{step}={length}/{other.is_ended}", f"{step}:rule={page.kinds[j]}"]
        found.append(f"{step}:end={_END_OF.get(other.text[-1], 'word')}")
        if other.style:
            found.append(f"{step}:style={other.style == line.style}")
        if line.style and other.style == line.style:
            found.append(f"{step}:number={max(-1, min((other.number - line.number) * step, 2))}")
        if abs(step) == 1:
            found += [
                f"{step}:{name}" for name, pattern in _NEAR.items() if pattern.search(other.text)
            ]
    return found


_NEAR = {
    name: _WORD[name]
    for name in ("date", "source", "writer", "took", "site", "more", "box", "rights")
}
