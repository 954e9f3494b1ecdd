"""Breaks: where a name can begin, at signs and behind words that no name holds."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from model.names.places import PlaceName

_SIGNS = (
    r"[^\u4e00-\u9fffA-Za-z\d·—\-]+|—{2,}"
    r"|(?<!第)(?<!\d)\d[\d.]*(?:[年月日号时点]|余?[名位例家所个项])"
)
_WORDS = (
    "近日|日前|昨日|今日|今天|昨天|当天|目前|截至|此次|本次|其中|由于|根据|依托|通过|组织|前往|走进|来到|来自|位于|抵达"
    "|赶赴|赴|对口|支援|帮扶|联合|携手|邀请|选派|派出|介绍|表示|显示|获悉|了解到|记者|通讯员|主办|承办|以及|包括|分别|已有"
    "|共有|带动|推动|推进|实现|建成|建立|成立|组建|开展|接受|入选|一家|两家|担任|任职|协同|会同|第一时间|安排|还有|超过"
    "|绝大部分|腐败|余名|随着|针对|关于|自从|如今|此外|同时|另外|因此|所以|如果|虽然|不仅|而且|并且|或者|以来|期间|要求"
    "|指导|帮助|协助|落户|入驻|进驻|揭牌|启动|举办|召开|参加|参与|发起|牵头|委托|授予|获得|荣获|覆盖|服务(?!中心|站|队|局)"
    "|感谢|加入|进入|走访|探访|转至|转到|送往|送到|返回|离开|毕业|就读|就职|供职|任教|打造|推出|发布|公布|印发|出台|下发"
)
_PARTICLES = (
    r"(?<![现存内外所参自迎面走遇感看想受来回达直周甚乃])"
    r"[在与由从到将向是了让使被往把给跟并但而也就至]"
)
_MORE = (
    r"|的(?!士)|对(?![外面])|(?<!数)据(?![地点库中局资])|(?<![神财已曾])经(?![济开营贸纬典])|(?<!平|对|优|初|高|中|上)等(?!级)"
    r"|及(?!时|其他)|为(?!民)(?<![华因作成])|(?<![合])以(?![色内])|则(?<!原)|各|(?<=[\d一两几多各])家|所(?=[在有谓属])"
    r"|(?<![协仁平人谐太泰永中同雍颐安])和(?!平|田|谐|睦|静|硕|政|顺|林)"
    r"|全[省市县区国](?=[\u4e00-\u9fff])|我[省市县区](?=[\u4e00-\u9fff])|该[县市](?=[\u4e00-\u9fff])"
    r"|(?<![一二三四五六七八九十第])[一二三四五六七八九十两]+[家所名位个]"
)
_BREAK = re.compile(f"{_SIGNS}|{_WORDS}|{_PARTICLES}{_MORE}")


class Breaks:
    """Where names of a text can begin.

    Args:
        text: the text.
        places: the places it names; no break lies inside of one.
    """

    def __init__(self, text: str, places: Sequence[PlaceName]) -> None:
        inside = [False] * (len(text) + 1)
        for place in places:
            inside[place.span.start + 1 : place.span.end] = [True] * (
                place.span.end - place.span.start - 1
            )
        self._ends = [0, *(m.end() for m in _BREAK.finditer(text) if not inside[m.end()])]

    def last(self, at: int) -> int:
        """Return the last place at or before `at` where a name can begin."""
        return self._ends[bisect_right(self._ends, at) - 1]
