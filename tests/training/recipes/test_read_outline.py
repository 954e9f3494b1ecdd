from __future__ import annotations

from pathlib import Path

from data.corpus.outline_pages import OutlinePage, read_lines
from model.outline.classify import load_classifier
from training.recipes.read_outline import fit, read_page, write

PROSE = (
    "县医院每周派出专家到卫生院坐诊，手把手带教当地医生，患者不出乡镇就能看上专家号，药也配得齐。"
)


def page(source: str, head: str) -> OutlinePage:
    text = "\n".join(["云岭县卫生工作综述", PROSE, head, PROSE, head + "二", PROSE])
    labels: list[list[object]] = [[0, 0, "title"], [1, 1, "para"], [2, 2, "subheading"],
                                  [3, 3, "para"], [4, 4, "heading"], [5, 5, "para"]]  # fmt: skip
    return OutlinePage(source, source, text, "云岭县卫生工作综述", read_lines(labels, text))


def test_a_fitted_classifier_is_read_back_and_knows_its_pages(tmp_path: Path) -> None:
    heads = ("人往下走", "信息往上传", "病往家门口看", "钱往预防花")
    pages = [read_page(page(str(i), head)) for i, head in enumerate(heads)]
    wanted = ["title", "paragraph", "heading", "paragraph", "heading", "paragraph"]
    assert pages[0].kinds == wanted
    write(fit(pages), tmp_path / "lines.tsv")
    found, _ = load_classifier(tmp_path / "lines.tsv").classify(pages[1].features)
    assert found == pages[1].kinds
