"""The process that typesets one PDF and ends: `python typesetter.py FOLDER TEMPLATE FONTS MOMENT STANDARD…`.

The only file that knows typst. A process of its own, because typst keeps what the last ten documents took (350 MB for
a paper of 1,000 actions), and because nothing that goes wrong here may take a server down.

It reads nothing but FOLDER (the templates, files to attach, and `data.json`) and the fonts: no network, no fonts of
the machine, no clock. It writes the PDF to standard output, or what is wrong to standard error.
"""

import sys
from pathlib import Path
from typing import Any

import typst


def main(folder: str, template: str, fonts: str, moment: str, *standards: str) -> None:
    typefaces = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(fonts)]
    )
    compiler: Any = typst.Compiler(
        Path(folder) / template, root=Path(folder), font_paths=typefaces, ignore_system_fonts=True
    )
    try:
        made = compiler.compile(
            format="pdf",
            sys_inputs={"data": (Path(folder) / "data.json").read_text(encoding="utf-8")},
            pdf_standards=list(standards),
            timestamp=int(moment),
        )
    except typst.TypstError as error:
        sys.exit(error.diagnostic or str(error))
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main(*sys.argv[1:])
