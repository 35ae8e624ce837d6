"""A parameter of the address that the links and forms of a page keep."""

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape
from urllib.parse import quote, unquote

TAG = re.compile(r"<(a|form)\s[^>]*>")
ADDRESS = re.compile(r'\s(?:href|action)="([^"]*)"')
BY_GET = re.compile(r'\smethod="get"')
OPTED_OUT = "data-own-address"  # the attribute of a link or form that chooses the parameter itself


@lru_cache(maxsize=10_000)
def with_parameter(address: str, name: str, value: str) -> str:
    """`address` with `name=value` in its query, unless it has one already. HTML-escaped, as in the page's source."""
    address, hash_mark, anchor = address.partition("#")
    path, _, query = address.partition("?")
    pairs = [pair for pair in re.split("&amp;|&", query) if pair]
    if not any(pair.partition("=")[0] == name for pair in pairs):
        pairs.append(f"{name}={quote(value)}")
    return f"{path}?{'&amp;'.join(pairs)}{hash_mark}{anchor}"


def keep_parameter(html: str, here: str, name: str, value: str, wanted: Callable[[str], bool]) -> str:
    """Add `name=value` to every link and GET form of the page at the path `here` that leads to a `wanted` path.

    Links to a place on the page itself are left alone. Every attribute of the page must be in double quotes.
    """

    def leads_there(address: str) -> bool:
        path = address.partition("#")[0].partition("?")[0]
        if path.startswith("/") and not path.startswith("//"):
            return wanted(unquote(unescape(path)) if "&" in path or "%" in path else path)
        return not path and wanted(here)

    def kept(match: re.Match[str]) -> str:
        tag = match[0]
        if OPTED_OUT in tag:
            return tag
        found = ADDRESS.search(tag)
        address = found[1] if found else ""
        if match[1] == "form":
            if not BY_GET.search(tag) or not leads_there(address):
                return tag
            return f'{tag}<input type="hidden" name="{name}" value="{value}">'
        if found is None or address.startswith("#") or not leads_there(address):
            return tag
        start, end = found.span(1)
        return f"{tag[:start]}{with_parameter(address, name, value)}{tag[end:]}"

    return TAG.sub(kept, html)
