from __future__ import annotations

from pathlib import Path

import pytest

from tests.serving.archive.archives import make_archive


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "in")
