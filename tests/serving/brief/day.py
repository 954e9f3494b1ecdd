"""A day of reports and its brief, for tests of briefs."""

from __future__ import annotations

from sqlalchemy import Engine

from serving.brief.making import collect, new_brief, propose
from serving.brief.store import (
    BriefState,
    start_brief,
)
from tests.serving.library.reports import make_report

DAY = "2024-05-16"
PICKS = ("云岭县人民医院牵头的医共体5月15日揭牌，", "16家乡镇卫生院加入。")
FIRST = (
    "云岭县医共体揭牌。云岭县人民医院牵头的医共体5月15日揭牌，院长说了很多话，16家乡镇卫生院加入。"
    "县域内就诊率由82.3%提高到90.6%，双向转诊3260人次，投入1250万元。"
)
COPY = FIRST.replace("90.6%", "96.0%")
TALENT = "平湖市引进医学人才41名，其中博士7名。留任率达88.5%，补贴1870万元，由市财政承担。"
BARE = "一场健康讲座在社区举行，来了近50人。"


def make_day() -> list[dict[str, object]]:
    facts = {"date": DAY, "title": "云岭县医共体揭牌"}
    return [
        make_report(FIRST, theme="alliance", picks=PICKS, source="云岭网", **facts),
        make_report(COPY, theme="alliance", picks=PICKS, source="转载报", **facts),
        make_report(TALENT, theme="talent", picks=("平湖市引进医学人才41名",), date=DAY),
        make_report(BARE, picks=(BARE,), date=DAY),
        make_report(TALENT + "旧。", theme="talent", picks=(), date="2024-05-01"),
    ]


def start(store: Engine) -> BriefState:
    empty = new_brief("daily", DAY, 1)
    made = propose(empty, collect(store, empty), 30, every=False)
    return start_brief(store, empty, made.entries, "王")
