"""Characters that some page, file or database cannot hold. They are left out on the way in: nobody types them."""

import re

# Control characters but tab and line ends, DEL, C1 controls, lone surrogates, and Unicode's noncharacters.
_PLANES = "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
UNHOLDABLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_PLANES}]")


def holdable(text: str) -> str:
    """`text` without the characters that HTML, XML or a database cannot hold."""
    return UNHOLDABLE.sub("", text)
