from __future__ import annotations

from data.corpus.outline_pages import OutlinePage, read_lines
from eval.outline import count_page, is_same

TITLE = "云岭县医共体让村民在家门口看好病"
PROSE = (
    "县医院每周派出专家到卫生院坐诊，手把手带教当地医生，患者不出乡镇就能看上专家号，药也配得齐。"
)
TEXT = f"{TITLE}-云岭新闻网\n首页\n{TITLE}\n{PROSE}\n相关新闻\n{PROSE}"


def page(labels: list[list[object]], title: str = TITLE) -> OutlinePage:
    return OutlinePage("a", "云岭新闻网", TEXT, title, read_lines(labels, TEXT))


def test_lines_titles_and_characters_are_counted() -> None:
    counts = count_page(
        page([[0, 1, "furniture"], [2, 2, "title"], [3, 3, "para"], [4, 4, "furniture"],
              [5, 5, "heading"]])
    )  # fmt: skip
    assert (counts.n_lines, counts.n_right) == (6, 4)  # 相关新闻 is left, the last line prose
    assert (counts.n_titles, counts.n_titles_right) == (1, 1)
    assert counts.n_lost == 0
    assert 0 < counts.n_left < len("相关新闻") + 1


def test_a_page_without_a_title_is_wrong_where_one_is_read() -> None:
    assert count_page(page([[0, 5, "para"]], title="")).n_titles_right == 0


def test_titles_are_the_same_in_either_script() -> None:
    assert is_same("云岭县：医共体建设", "雲嶺縣 醫共體建設")
    assert not is_same("云岭县医共体", "云岭县医共体建设")


def test_headings_are_one_kind_and_their_levels_are_counted_apart() -> None:
    text = f"{TITLE}\n{PROSE}\n一、人往下走\n{PROSE}好。\n二、信息往上传\n{PROSE}对。"
    labels = [[0, 0, "title"], [1, 1, "para"], [2, 2, "heading"], [3, 3, "para"],
              [4, 4, "subheading"], [5, 5, "para"]]  # fmt: skip
    counts = count_page(OutlinePage("a", "云岭新闻网", text, TITLE, read_lines(labels, text)))
    assert counts.n_right == counts.n_lines
    assert (counts.n_levels_right, counts.n_headings) == (1, 2)


def test_readings_above_characters_are_not_lost_text() -> None:
    text = f"{TITLE}\n县(xiàn)医院(yuàn){PROSE}\n{PROSE}好。"
    labels = [[0, 0, "title"], [1, 2, "para"]]
    counts = count_page(OutlinePage("a", "云岭新闻网", text, TITLE, read_lines(labels, text)))
    assert (counts.n_lost, counts.n_right) == (0, 3)
