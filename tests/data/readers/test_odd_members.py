"""An odd member of an archive is that member's matter: the others are read."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from data.readers import Problem, read_file
from model import Article
from tests.data.readers.make_files import TEXT, make_html

ODD_CHARSETS = ("utf-16", "idna", "undefined", "punycode", "unicode_escape", "rot13", "x" * 3000)


def test_pages_with_odd_charsets_are_read_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "pages.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, charset in enumerate(ODD_CHARSETS):
            page = make_html(TEXT).decode().replace("charset='utf-8'", f"charset='{charset}'")
            archive.writestr(f"{number}.html", page)
            archive.writestr(f"{number}-gbk.html", page.encode("gb18030"))
    items = list(read_file(path, "pages.zip"))
    assert len(items) == 2 * len(ODD_CHARSETS)
    assert all(isinstance(item, Article) for item in items)


def test_a_member_that_is_a_link_is_named_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "links.zip"
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, TEXT)  # as long as an article
        archive.writestr("a.txt", TEXT)
    items = {item.id: item for item in read_file(path, "links.zip")}
    problem = items["links.zip/link.txt"]
    assert isinstance(problem, Problem)
    assert "是链接" in problem.message
    assert isinstance(items["links.zip/a.txt"], Article)
