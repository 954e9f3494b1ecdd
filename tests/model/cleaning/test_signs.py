"""Signs that posts, PDF files and recognised text bring along."""

from __future__ import annotations

import pytest

from model import Article

BODY = "县人民医院的大夫每周二到镇卫生院坐诊，今年共看了三百多位病人。"


def clean(raw: str) -> str:
    return Article.from_raw(f"{raw}\n{BODY}").text.removesuffix(f"\n{BODY}")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            "医疗⻋开进⺠居，⻓者在⻔口看病，⻚面可查⻛险",
            "医疗车开进民居，长者在门口看病，页面可查风险",
        ),
        ("县医院︐镇卫生院︒", "县医院，镇卫生院。"),
        ("︽健康报︾说︓很好︕", "《健康报》说：很好！"),
    ],
)
def test_radicals_and_vertical_signs_become_what_was_printed(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_every_radical_of_the_supplement_folds_to_an_ideograph() -> None:
    radicals = "".join(chr(c) for c in range(0x2E81, 0x2EF4) if c != 0x2E9A)
    text = Article.from_raw(BODY + radicals).text
    assert not [c for c in text if "\u2e80" <= c <= "\u2fd5"]


@pytest.mark.parametrize("bullet", ["\uf0b7", "\ue5e5", "✅", "👉", "📌 ", "\uf06c\u00a0"])
def test_bullets_of_fonts_and_pictures_go(bullet: str) -> None:
    assert clean(f"{bullet}派驻医师12名\n{bullet}随访45人次") == "派驻医师12名\n随访45人次"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("派驻医师4️⃣5️⃣名", "派驻医师45名"),
        ("就诊率9️⃣1️⃣.4️⃣%", "就诊率91.4%"),
        ("随访⑤②⑥⓪人次", "随访5260人次"),
        ("1️⃣组建团队45支2️⃣派驻医师12名", "①组建团队45支②派驻医师12名"),
        ("❶组建团队❷派驻医师", "①组建团队②派驻医师"),
        ("完成①②③项任务", "完成①②③项任务"),
        ("①组建团队45支②派驻医师12名", "①组建团队45支②派驻医师12名"),
        ("就诊率⬆️91.4%，用时⬇️18分钟", "就诊率↑91.4%，用时↓18分钟"),
        ("由82%➡️91%", "由82%→91%"),
        ("患者评分⭐⭐⭐⭐", "患者评分★★★★"),
        ("共派驻医师45名👏双向转诊12人次", "共派驻医师45名 双向转诊12人次"),
        ("转发|点赞|在看", ""),
        ("点赞👍 转发↗️ 收藏⭐", ""),
        ("就诊率\U0001d7d7\U0001d7cf%", "就诊率91%"),
    ],
)  # fmt: skip
def test_pictures_are_borders_and_digits_in_frames_are_digits(raw: str, expected: str) -> None:
    assert Article.from_raw(f"{BODY}\n{raw}").text.removeprefix(BODY).strip() == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("建筑面积3.2万m²，每10⁵人口", "建筑面积3.2万m²，每10⁵人口"),
        ("接诊2.5×10⁴人次[1]。", "接诊2.5×10⁴人次。"),
        ("接诊2600人次¹，派驻12名［2］。", "接诊2600人次，派驻12名。"),
        ("占地120米²", "占地120米²"),
        ("[1]县医院", "[1]县医院"),
    ],
)
def test_exponents_stay_and_marks_of_notes_go(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_a_blank_behind_every_character_goes() -> None:
    raw = "河 湾 县 组 建 医 疗 集 团 ， 派 驻 医 师 4 5 名 ， 就 诊 率 9 1 . 4 % 。"
    assert clean(raw) == "河湾县组建医疗集团，派驻医师45名，就诊率91.4%。"


def test_whole_numbers_in_spaced_text_stay_apart() -> None:
    raw = "河 湾 县 组 建 医 疗 集 团 派 驻 医 师 45 76 名"
    assert clean(raw) == "河湾县组建医疗集团派驻医师45 76名"


@pytest.mark.parametrize("end", ["\r", "\r\n", "\u2028", "\u000b", "\u0085"])
def test_every_line_end_ends_a_line(end: str) -> None:
    raw = end.join(["小病在镇上看", "2024年6月3日 县融媒体中心", BODY])
    article = Article.from_raw(raw)
    assert (article.title, article.date) == ("小病在镇上看", "2024-06-03")
    assert article.text.endswith(f"\n{BODY}")
