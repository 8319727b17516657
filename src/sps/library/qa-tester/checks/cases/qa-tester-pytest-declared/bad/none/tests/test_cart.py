import pytest


def test_a():
    assert add(1) == 2
