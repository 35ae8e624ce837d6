"""The portal as `config.wsgi`, whose admin has as many rows on a page as the other peers: a fair comparison."""

from django.contrib import admin

from config.wsgi import application
from tests.benchmarks.rows import PER_PAGE

__all__ = ["application"]

for registered in admin.site._registry.values():
    registered.list_per_page = PER_PAGE
