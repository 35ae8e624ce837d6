"""HTML in fewer bytes."""

import re

from django.utils.safestring import SafeString

BLOCKS = "t[dhr]|thead|tbody|label|option|details|summary|div"
# HTML lets these out: the next cell, row or option ends the one before.
END_TAGS = re.compile(r"</(?:t[dhr]|option)>\s*")
BEFORE_BLOCK = re.compile(rf"\n(?=</?(?:{BLOCKS})\b)")


def without_indents(html: str) -> SafeString:
    """The same page without the indents and line ends of its templates, and without end tags that HTML does not need.

    A browser makes the same document of it. Not for pages with <pre> or <textarea>.
    """
    lines = "\n".join(filter(None, map(str.strip, html.split("\n"))))
    return SafeString(END_TAGS.sub("", BEFORE_BLOCK.sub("", lines)))
