"""Persons: who is named by a bare name, and where the text says who that is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from model.article import Article
from model.cleaning.characters import HAN
from model.cleaning.names import COMMON_SURNAMES

_POSTS = (
    "院长|主任|书记|局长|处长|校长|所长|站长|队长|会长|护士长|教授|院士|医生|医师|护士|村医|药师|技师|记者|专家|博士|患者|居民"
    "|村民|市民|男子|女子|老人|选手|演员|学生|志愿者|负责人|民警|工作人员"
)
_SAYS = "表示|介绍|告诉|说|指出|认为|坦言|透露|回忆|称，|感叹|提醒"
_KIN = "先生|女士|大爷|大妈|大叔|阿姨|奶奶|爷爷|老伯|婆婆|师傅|同学|老师|教授|主任|医生|院长"
_SURNAME = f"[{COMMON_SURNAMES}]"
_BY_POST = re.compile(rf"(?:{_POSTS}) ?(?P<name>{_SURNAME}[{HAN}]{{1,2}})")
_BY_SPEECH = re.compile(rf"(?:^|[，。；：\n”])(?P<name>{_SURNAME}[{HAN}]{{1,2}}?)(?={_SAYS})")
# `黄先生`, `小李`, `朱某某`, `童童（化名）`.
_BY_FORM = re.compile(
    rf"(?P<kin>{_SURNAME}(?:{_KIN}))|(?P<some>{_SURNAME}某(?:某|[{HAN}](?=[，。、的在]))?)"
    rf"|(?P<young>(?<![{HAN}])[小老]{_SURNAME}(?![{HAN}]*[区县镇村]))|(?P<alias>[{HAN}]{{2,3}}?)（化名）"
)
# The last character of a word that says who somebody is: 主任, 医师, 居民, 患者, 母亲.
_IS_POST = re.compile(r"[任长师授士者生员记理民友手家工亲父母妻夫子孩儿患星官警兵人辈位名]$")
_MIN_TOLD = 2


class Persons:
    """The persons of one article whom it names more than once."""

    def __init__(self, article: Article, sentences: Sequence[str]) -> None:
        self._sentences = sentences
        self._introduced: dict[str, list[int]] = {}
        for name, has_post in find_names(article.text).items():
            rows = [i for i, s in enumerate(sentences) if name in s and article.may_speak(i)]
            said = [row for row in rows if is_introduced(name, sentences[row])]
            self._introduced[name] = said if has_post else [*rows[:1], *said]

    def find_unknown(self, row: int, words: str) -> list[str]:
        """Return whom words name bare although a sentence before says who they are.

        Args:
            row: the sentence's number.
            words: what a summary takes of it.
        """
        return [
            name
            for name, rows in self._introduced.items()
            if rows and rows[0] < row and name in words and not is_introduced(name, words)
        ]

    def names_private(self, words: str) -> bool:
        """Whether words name somebody as `黄先生` or `小李`: not in office, but in a story."""
        return _BY_FORM.search(words) is not None

    def find_introductions(self, name: str, row: int) -> frozenset[int]:
        """Return the sentences before one that say who somebody is.

        Those with a post before the name; of `黄先生` or `小李` the first, too.
        """
        return frozenset(other for other in self._introduced[name] if other < row)


def find_names(text: str) -> dict[str, bool]:
    """Return the names of persons that a text has more than once; whether each is a full one."""
    found: dict[str, bool] = {}
    for match in _BY_FORM.finditer(text):
        found[next(name for name in match.groups() if name)] = False
    for pattern in (_BY_POST, _BY_SPEECH):
        for match in pattern.finditer(text):
            found.setdefault(_settle(match["name"], text), True)
    told = {name: full for name, full in found.items() if text.count(name) >= _MIN_TOLD}
    inner = {name for name in told for other in told if name != other and name in other}
    return {name: full for name, full in told.items() if name not in inner}


def is_introduced(name: str, words: str) -> bool:
    """Whether words say who somebody is: a post or the like stands before the name."""
    at = words.find(name)
    return at > 0 and _IS_POST.search(words[:at].rstrip()) is not None


def _settle(name: str, text: str) -> str:
    """Two characters or three: the third belongs to the name where it always follows."""
    short = name[:2]
    return name if text.count(name) == text.count(short) or len(name) == len(short) else short
