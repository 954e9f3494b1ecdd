"""Radicals and vertical signs: what PDF files give instead of the characters that were printed."""

from __future__ import annotations

import re
import unicodedata

from model.cleaning.mapped import MappedText

# Unicode's EquivalentUnifiedIdeograph for the CJK Radicals Supplement; NFKC leaves 113 of them.
_SUPPLEMENT = (
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺"
    "⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳"
)
_IDEOGRAPHS = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀"
    "聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
# Punctuation of vertical columns, small forms, and that of half width.
_VERTICAL = "︐︑︒︓︔︕︖︗︘︙\ufe30︱︵︶︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹐﹑﹒﹔﹕﹖﹗﹙﹚﹝﹞﹪､｡｢｣"
_UPRIGHT = "，、。：；！？〖〗…：—（）〔〕【】《》〈〉「」『』，、.；：？！（）〔〕%、。「」"
_FOLD = dict(zip(_SUPPLEMENT + _VERTICAL, _IDEOGRAPHS + _UPRIGHT, strict=True))
_FOLDED = re.compile(f"[\u2e80-\u2fd5\uf900-\ufaff{_VERTICAL}]")


def fold_radicals(mapped: MappedText) -> MappedText:
    """Put the ideograph for each radical, the upright sign for each vertical one."""
    return mapped.substitute(_FOLDED, _fold)


def _fold(character: str) -> str:
    if character in _FOLD:
        return _FOLD[character]
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character
