from __future__ import annotations

import pytest

from model import Article

PROSE = (
    "县医院每周派出专家到卫生院坐诊，手把手带教当地医生，患者不出乡镇就能看上专家号，药也配得齐。"
)
TITLE = "云岭县医共体让村民在家门口看好病"
MENU = ["首页", "走进云岭", "医院概况", "科室设置", "通知公告", "新闻中心"]


def clean(*lines: str) -> list[str]:
    return Article.from_raw("\n".join(lines)).text.split("\n")


@pytest.mark.parametrize(
    "site", ["-云岭新闻网", "_要闻_云岭新闻网", " - 云岭县人民政府门户网站", " 云岭县人民医院"]
)
def test_what_stands_above_a_title_that_the_bar_repeats_is_navigation(site: str) -> None:
    page = [TITLE + site, *MENU, "政务公开 > 卫生健康", TITLE, PROSE, PROSE + "药费也少了。"]
    assert clean(*page) == [TITLE, PROSE, PROSE + "药费也少了。"]


def test_a_kicker_above_a_title_that_stands_once_stays() -> None:
    assert clean("增进民生福祉 护佑群众康宁", TITLE, PROSE)[:2] == [
        "增进民生福祉 护佑群众康宁",
        TITLE,
    ]


def test_links_below_the_article_go_with_the_copy_of_its_title() -> None:
    links = ["云岭县今年新建村卫生室十二个", "这所村小为啥越办越红火", "看展：百年老院的变迁史"]
    page = [TITLE + "-云岭新闻网", TITLE, PROSE, PROSE + "药费也少了。", *links, TITLE]
    assert clean(*page) == [TITLE, PROSE, PROSE + "药费也少了。"]


def test_comments_below_the_article_go_though_they_read_like_prose() -> None:
    comment = "这位医生我认识，他每周都来我们村，给老人看病从来不嫌麻烦，药也总是配得齐齐的，真好。"
    page = [
        TITLE,
        PROSE,
        PROSE + "药费也少了。",
        PROSE + "路也近了。",
        "12条评论",
        comment,
        "回复 3",
    ]
    assert clean(*page)[-1] == PROSE + "路也近了。"


def test_a_list_that_ends_an_article_stays() -> None:
    people = ["云岭县卫生健康局局长李敏", "云岭县人民医院院长王强", "云岭县中医院院长赵云"]
    assert clean(TITLE, PROSE, "出席会议的领导有：", *people)[-3:] == people


def test_signs_without_words_and_notices_of_portals_go() -> None:
    notice = "特别声明：以上内容为自媒体平台“某某号”用户上传并发布，本平台仅提供信息存储服务。"
    assert clean(TITLE, "-->", "下一篇-->", PROSE, "※ ※ ※", PROSE, notice)[1:] == [PROSE, PROSE]


def test_news_on_what_is_done_without_a_licence_is_no_notice() -> None:
    news = "例如规定对未经许可生产经营药品的，罚款的幅度从货值金额的二倍至五倍提高到五倍至三十倍。"
    assert clean(TITLE, PROSE, news)[-1] == news
