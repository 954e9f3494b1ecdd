"""Errors keep their code and fields on the way between processes."""

from __future__ import annotations

import pickle

from model import InputError


def test_code_and_fields_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(InputError("太短", code="too-short", n_han=3)))
    assert (str(error), error.code, error.fields) == ("太短", "too-short", {"n_han": 3})
