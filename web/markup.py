"""HTML in fewer bytes."""

import re

from django.utils.safestring import SafeString

INDENT = re.compile(r"\s*\n\s*")
BLOCKS = (
    "t[dhr]|thead|tbody|table|caption|label|option|select|details|summary|div|p|ul|form|nav|section|h[12]"
)
# HTML lets these out: the next cell, row or option ends the one before.
END_TAGS = re.compile(r"</(?:t[dhr]|option)>\s*")
BEFORE_BLOCK = re.compile(rf"\n(?=</?(?:{BLOCKS})\b)")
INSIDE_BLOCK = re.compile(r"(?<=<td>)\n|(?<=<li>)\n|(?<=<label>)\n|(?<=<p>)\n|\n(?=</li>)")


def without_indents(html: str) -> SafeString:
    """The same page without the indents and line ends of its templates, and without end tags that HTML does not need.

    A browser makes the same document of it. Not for pages with <pre> or <textarea>.
    """
    lines = INSIDE_BLOCK.sub("", BEFORE_BLOCK.sub("", INDENT.sub("\n", html)))
    return SafeString(END_TAGS.sub("", lines))
