import pytest
from actions.models import *
from actions import triggers
from django.db import connection
def test_0(framework):
    assert Action.objects.count()==32
def test_a(empty_portal):
    assert not Action.objects.exists()
    assert not ActionVersion.objects.exists()
    assert triggers.expected(connection)==triggers.installed(connection)
def test_b(framework):
    assert triggers.expected(connection)==triggers.installed(connection)
    assert Action.objects.count()==32
    assert ActionVersion.objects.count()==32
def test_c(empty_portal, framework):
    from actions.seeding import load; from tests.conftest import FRAMEWORK
    load(FRAMEWORK)
    assert ActionVersion.objects.count()==32
