"""A PDF as tests read it: its text, its tags, its metadata and the files inside."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pypdf import PdfReader


@dataclass
class Tag:
    """An element of the structure that a screen reader follows."""

    kind: str
    element: Any

    @property
    def alt(self) -> str:
        return str(self.element.get("/Alt", ""))

    def attribute(self, name: str) -> Any:
        found = self.element.get("/A", [])
        for each in found if isinstance(found, list) else [found]:
            if name in each.get_object():
                return each.get_object()[name]
        return None

    @property
    def children(self) -> "list[Tag]":
        return list(_children(self.element))


def _children(element: Any) -> Iterator[Tag]:
    kids = element.get("/K", [])
    for each in kids if isinstance(kids, list) else [kids]:
        kid = each.get_object()
        if hasattr(kid, "get") and "/S" in kid:
            yield Tag(str(kid["/S"]), kid)


class Pdf:
    """`content` opened by pypdf."""

    def __init__(self, content: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(content), strict=True)

    @cached_property
    def pages(self) -> list[str]:
        """The text of each page in reading order, on one line, without what stands in a picture."""
        return [" ".join(page.extract_text().split()) for page in self.reader.pages]

    @property
    def text(self) -> str:
        return " ".join(self.pages)

    @cached_property
    def tags(self) -> list[Tag]:
        """Every tag, in the order in which they are read."""
        return list(self._walk(self.root["/StructTreeRoot"]))

    def _walk(self, element: Any) -> Iterator[Tag]:
        for tag in _children(element):
            yield tag
            yield from self._walk(tag.element)

    def all(self, kind: str) -> list[Tag]:
        return [tag for tag in self.tags if tag.kind == f"/{kind}"]

    @property
    def root(self) -> Any:
        return self.reader.trailer["/Root"]

    @property
    def metadata(self) -> str:
        return str(self.root["/Metadata"].get_data().decode())

    def says(self, name: str) -> str:
        """A property of the metadata, such as `pdfaid:part`; “” where it is not there."""
        found = re.search(rf"<{name}>(.*?)</{name}>", self.metadata, re.DOTALL)
        return found[1] if found else ""

    @property
    def files(self) -> dict[str, bytes]:
        return {name: contents[0] for name, contents in self.reader.attachments.items()}
