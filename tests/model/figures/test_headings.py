from __future__ import annotations

import pytest

from model import Article
from model.figures import find_figures

PROSE = "云岭县位于滇西，县医院牵头的医共体成立以来，乡镇卫生院的门诊一年比一年多，群众看病方便了。"


def rows(*lines: str, date: str = "2024-05-16") -> dict[str, tuple[str, int | None]]:
    article = Article.from_raw("\n".join(["云岭县推进医共体建设", PROSE, *lines]), date=date)
    return {figure.text: (figure.kind, figure.year) for figure in find_figures(article)}


@pytest.mark.parametrize(
    "head", ["下一步工作重点有三项：", "云岭县推出十条措施：", "到2026年底实现以下目标："]
)
def test_every_value_in_a_list_of_measures_to_come_is_a_target(head: str) -> None:
    found = rows(head, "1.每个乡镇卫生院派驻3名医师。", "2.新建村卫生室12个。")
    assert [kind for kind, _ in found.values()] == ["target", "target"]


def test_a_year_comes_from_the_opening_of_the_list() -> None:
    found = rows("到2026年底实现以下目标：", "1.县域内就诊率90%以上。", "2.新建村卫生室12个。")
    assert {year for _, year in found.values()} == {2026}


def test_what_an_item_reports_as_reached_stays_a_level() -> None:
    found = rows("下一步工作重点有两项：", "1.已派驻3名医师，要更多。", "2.新建村卫生室12个。")
    assert found["3名"][0] == "level"


def test_a_heading_without_a_plan_changes_nothing() -> None:
    found = rows("一、人往下走", "县医院向乡镇卫生院派驻医师83名，患者不出乡镇就能看上专家号。")
    assert found["83名"] == ("level", 2024)
