from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from data.corpus.inews import _read_pickle, read_inews
from model import InputError


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run",)


def test_the_package_is_read() -> None:
    first = next(read_inews("dev"))
    assert first.id == "inews-dev-0"
    assert len(first.text) > 50


@pytest.mark.parametrize(
    "content", [pickle.dumps(([], [], Evil())), b"", b"\x80\x04junk", pickle.dumps([1])]
)
def test_a_pickle_that_is_no_plain_data_is_refused(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.pkl"
    path.write_bytes(content)
    with pytest.raises(InputError, match="读不懂"):
        _read_pickle(path)
    assert capsys.readouterr().out == ""
