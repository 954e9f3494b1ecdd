"""What tags, styles and type say of lines reaches the outline, from every format that has them."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.shared import Pt

from data.readers import read_file
from data.readers.hints import LineNote, place_notes, read_notes, write_notes
from data.readers.markup import read_article
from model import Article
from model.outline import Block
from tests.data.readers.make_files import Line, draw_pdf, save, set_column

TITLE = "云岭县：村民在家门口看好病"
FIRST = "县医院每周派出专家到卫生院坐诊，手把手带教当地医生，患者不出乡镇就能看上专家号，药也配齐。"
SECOND = "检查结果在县里的平台上互认，卫生院拍片，县医院出报告，一张片子只拍一次，群众少跑路。"
THIRD = "县卫生健康局说，明年还要再派出医师20名，让药房开到每一个村，让老人少走几里路。"
# By shape, this is a paragraph, and so are the others.
HEAD = "人往下走，八十名医师到乡镇，一百名村医有了编制，工资由县里发"
ITEMS = ("每个乡镇派驻三名医师，每周坐诊两天，带教当地医生。", "每个村配一名乡村医生，随访到户。")
SAID = "药房搬到了村口，老人走几分钟就能取到药，再也不用坐车进城，子女在外也放心。"
LAST = "信息往上传"


def read(folder: Path, name: str, data: bytes) -> Article:
    path = folder / name
    path.write_bytes(data)
    (article,) = read_file(path, name)
    assert isinstance(article, Article), article
    return article


def blocks_of(article: Article) -> dict[str, Block]:
    return {block.span.of(article.text): block for block in article.blocks}


def kinds_of(article: Article, origin: str) -> dict[str, tuple[str, int]]:
    blocks = blocks_of(article)
    return {w: (b.kind, b.level) for w, b in blocks.items() if b.origin == origin}


HTML = f"""<h1>{TITLE}</h1><p>{FIRST}</p><h2>{HEAD}</h2><p>{SECOND}</p>
<p>要做好几件事：</p><ul>{"".join(f"<li>{item}</li>" for item in ITEMS)}</ul>
<h2>{LAST}</h2><blockquote><p>{SAID}</p></blockquote><h3>药房搬到了村口</h3><p>{THIRD}</p>
<table><tr><th>指标</th><th>2021年</th></tr><tr><td>床位（张）</td><td>52</td></tr>
<tr><td>医师（名）</td><td>83</td></tr></table>"""
EXPECTED = {
    TITLE: ("title", 0),
    HEAD: ("heading", 1),
    **dict.fromkeys(ITEMS, ("list_item", 0)),
    LAST: ("heading", 1),
    SAID: ("quote", 0),
    "药房搬到了村口": ("heading", 2),
    "床位（张）：2021年52张。": ("table_row", 0),
    "医师（名）：2021年83名。": ("table_row", 0),
}


def test_tags_of_a_page_reach_the_outline(tmp_path: Path) -> None:
    page = f"<html><head><meta charset='utf-8'></head><body><div>{HTML}</div></body></html>"
    article = read(tmp_path, "a.html", page.encode())
    assert article.title == TITLE
    found = {TITLE: ("title", 0)} | kinds_of(article, "html")  # extraction takes its line
    assert found == EXPECTED


def test_tags_of_a_pasted_piece_reach_the_outline() -> None:
    assert kinds_of(read_article(HTML), "html") == EXPECTED


@pytest.mark.parametrize(
    "bold",
    [
        "<p><strong>{}</strong></p>",
        "<div style='font-weight: bold'><span>{}</span></div>",
        "<section><b><span>{}</span></b><br></section>",
    ],
)
def test_a_bold_line_of_a_page_may_be_a_heading(bold: str) -> None:
    head = "两百多位乡村医生从此有了编制和养老保险 工资由县里按月发"
    body = f"<p>{FIRST}</p>{bold.format(head)}<p>{SECOND}</p><p>{THIRD}</p>"
    (plain, found) = (
        blocks_of(read_article(f"<p>{TITLE}</p>{text}"))[head]
        for text in (
            body.replace("strong", "i").replace("bold", "normal").replace("b>", "i>"),
            body,
        )
    )
    assert found.kind == "heading"
    assert plain.origin == "learned"


def test_marks_of_markdown_reach_the_outline() -> None:
    items = "\n".join(f"- {item}" for item in ITEMS)
    text = (
        f"# {TITLE}\n\n{FIRST}\n\n## {HEAD}\n\n{SECOND}\n\n要做好几件事：\n\n{items}\n\n"
        f"## {LAST}\n\n> {SAID}\n\n### 药房搬到了村口\n\n{THIRD}\n\n"
        "|指标|2021年|\n|---|---|\n|床位（张）|52|\n|医师（名）|83|\n"
    )
    assert kinds_of(read_article(text, markdown=True), "markdown") == EXPECTED


def test_styles_of_word_reach_the_outline(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(TITLE, style="Title")
    document.add_paragraph(FIRST)
    document.add_heading(HEAD, 1)
    document.add_paragraph(SECOND)
    document.add_paragraph("村医在家中为老人量血压，药也带来了", style="Caption")
    document.add_paragraph("要做好几件事：")
    for item in ITEMS:
        document.add_paragraph(item, style="List Number")
    document.add_heading(LAST, 1)
    document.add_paragraph(SAID, style="Quote")
    document.add_heading("药房搬到了村口", 2)
    document.add_paragraph(THIRD)
    table = document.add_table(3, 2)
    cells = [cell for row in table.rows for cell in row.cells]
    for cell, text in zip(
        cells, ["指标", "2021年", "床位（张）", "52", "医师（名）", "83"], strict=True
    ):
        cell.text = text
    article = read(tmp_path, "a.docx", save(document.save))
    caption = {"村医在家中为老人量血压，药也带来了": ("caption", 0)}
    assert kinds_of(article, "word") == EXPECTED | caption
    assert article.title == TITLE


def test_an_outline_level_of_word_makes_a_heading_whatever_its_style(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(TITLE)
    document.add_paragraph(FIRST)
    heading = document.add_paragraph(HEAD)
    level = heading._p.get_or_add_pPr().makeelement(f"{W}outlineLvl", {f"{W}val": "0"})
    heading._p.pPr.append(level)
    document.add_paragraph(SECOND)
    document.add_paragraph(THIRD)
    assert kinds_of(read(tmp_path, "a.docx", save(document.save)), "word")[HEAD] == ("heading", 1)


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def test_large_type_at_the_top_of_word_is_the_title(tmp_path: Path) -> None:
    document = docx.Document()
    title = "两百多位乡村医生有了编制和养老保险，工资由县里发。"
    for words, size in ((title, 22), (FIRST, 16), (SECOND, 16), (THIRD, 16)):
        document.add_paragraph().add_run(words).font.size = Pt(size)
    article = read(tmp_path, "a.docx", save(document.save))
    assert article.title == title


def test_numbered_paragraphs_of_word_side_by_side_are_a_list(tmp_path: Path) -> None:
    document = docx.Document()
    for words in (TITLE, FIRST, *ITEMS, SECOND, THIRD):
        paragraph = document.add_paragraph(words)
        if words in ITEMS:
            numbered = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            numbered.get_or_add_numId().val = 3
    kinds = kinds_of(read(tmp_path, "a.docx", save(document.save)), "word")
    assert kinds == dict.fromkeys(ITEMS, ("list_item", 0))


def test_the_size_of_type_on_a_printed_page_reaches_the_outline(tmp_path: Path) -> None:
    lines: list[Line] = [(120, 760, 24, TITLE)]
    y = 720.0
    for words, size in (
        (FIRST + SECOND, 12), (HEAD, 15), (SECOND + THIRD, 12), ("药房搬到了村口", 13.6),
        (FIRST + THIRD, 12), (LAST, 15), (THIRD + FIRST, 12),
    ):  # fmt: skip
        set_lines = set_column([words], 50, y, 38) if size == 12 else [(50, y, size, words)]
        lines += set_lines
        y = min(line[1] for line in set_lines) - 26
    kinds = kinds_of(read(tmp_path, "a.pdf", draw_pdf([lines])), "pdf")
    assert {k: v for k, v in kinds.items() if v[0] == "title"} == {TITLE: ("title", 0)}
    assert kinds[LAST] == ("heading", 1)
    assert kinds["药房搬到了村口"] == ("heading", 2)


def test_notes_are_found_in_the_whole_text_and_travel_between_processes() -> None:
    notes = (LineNote("人往 下走", "heading", 2), LineNote("药也配齐", "caption", is_sure=False))
    assert read_notes(write_notes(notes)) == notes
    hints = place_notes("甲\n  人往下走\n药也配齐", read_notes(write_notes(notes)))
    assert [(h.span.start, h.span.end, h.kind, h.level) for h in hints] == [
        (2, 8, "heading", 2), (9, 13, "caption", 0),
    ]  # fmt: skip


def test_a_line_that_is_noted_as_two_things_is_noted_as_nothing() -> None:
    notes = (LineNote("人往下走", "heading", 2), LineNote("人往下走", "list_item"))
    assert place_notes("人往下走", notes) == ()
