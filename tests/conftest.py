from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.bench.postgres import find_programs, open_postgres
from model import Analyzer

ARTICLE = """云岭县：小病在镇上看
2024年5月16日 云岭县融媒体中心

2022年起，云岭县把县人民医院和16家乡镇卫生院编成一个紧密型医共体，总院统一派驻医师。
去年，总院向乡镇派驻医师83名，双向转诊3260人次，下转病人比2021年增长41.5%。
县域内就诊率由2021年的82.3%提高到90.6%。
周大爷说，他把药吃完了就回家种地。
"""


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer.load()


@pytest.fixture(autouse=True)
def no_ocr(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the extra `ocr` where it is installed, but from the tests of it."""
    if request.node.get_closest_marker("ocr") is None:
        monkeypatch.setitem(sys.modules, "rapidocr", None)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests away from what the user has made: store, models, results."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("YIWEN_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def heeds_ctrl_c() -> None:
    """Heed Ctrl+C, as children then do, also where a script runs the tests in the background."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL of Debian's packages; its tests have a marker, and a command of their own."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with open_postgres() as url:
        yield url


@pytest.fixture
def empty_postgres(postgres: str) -> str:
    import psycopg

    with psycopg.connect(postgres) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'yiwen.db'}"
    return str(request.getfixturevalue("empty_postgres"))
