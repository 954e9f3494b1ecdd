"""What the command line advises goes by an error's code, and each code is raised somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from model import InputError
from serving import codes
from serving.archive.control import find_run
from serving.archive.ledger.ledger import LedgerError
from serving.cli.advice import ADVICE, explain
from serving.home.database import open_store
from serving.home.users import remove_user

SERVING = Path(codes.__file__).parent


def test_advice_follows_from_the_code_and_lower_rooms_give_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as missing:
        find_run(tmp_path / "out.jsonl")
    assert "yiwen" not in str(missing.value)
    assert explain(missing.value) == f"{missing.value}；运行 yiwen runs 可列出当前文件夹的"
    with pytest.raises(InputError) as unknown:
        remove_user(open_store(f"sqlite:///{tmp_path / 'yiwen.db'}"), "nobody")
    assert unknown.value.fields == {"name": "nobody"}
    assert explain(unknown.value) == "没有用户 nobody；用 yiwen users list 查看"
    assert explain(InputError("别的事")) == "别的事"


def test_every_code_with_advice_is_one_that_is_raised() -> None:
    names = {value: name for name, value in vars(codes).items() if name.isupper()}
    folders = [SERVING.parent / room for room in ("model", "data", "training", "eval", "serving")]
    sources = [p.read_text(encoding="utf-8") for room in folders for p in room.rglob("*.py")]
    for code in ADVICE:
        raised = f"code={names[code]}" if code in names else f'code="{code}"'
        assert any(raised in source for source in sources), code
