"""The Markdown of the user guide as HTML, with everything typed escaped."""

import pytest

from web.markdown import anchor, to_html

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("## Signing in", '<h2 id="signing-in">Signing in</h2>'),
        ("one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>"),
        ("- a\n  goes on\n- b", "<ul><li>a goes on</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("![A page](pictures/a.png)", '<p><img src="/x/pictures/a.png" alt="A page" loading="lazy"></p>'),
        (
            "**b** *e* `c*d*` [l](#a)",
            '<p><strong>b</strong> <em>e</em> <code>c*d*</code> <a href="#a">l</a></p>',
        ),
        ("<script>alert('x')</script>", "<p>&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;</p>"),
        ('![" onload="x](a.png)', '<p><img src="/x/a.png" alt="&quot; onload=&quot;x" loading="lazy"></p>'),
    ],
)
def test_blocks_and_marks(text: str, html: str) -> None:
    assert to_html(text, lambda path: f"/x/{path}") == html


def test_a_table_has_headings_in_its_first_row_and_column() -> None:
    html = to_html("## Words\n\n| a | b |\n|---|:-:|\n| 1 | **2** |", str)
    assert '<caption class="govuk-visually-hidden">Words</caption>' in html
    assert "<thead><tr><th" in html
    assert '<th scope="col">a</th><th scope="col">b</th>' in html
    assert '<tr><th scope="row">1</th><td data-label="b"><strong>2</strong></td></tr>' in html
    assert "---" not in html


def test_anchors_are_as_on_github() -> None:
    assert anchor("If somebody else submitted, and `code`!") == "if-somebody-else-submitted-and-code"
