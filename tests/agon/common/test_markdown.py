"""What hosts write becomes HTML that can do no harm."""

import pytest

from agon.common.markdown import MAX_FORMULA, render, render_formula


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<a href="/" onclick="alert(1)">x</a>',
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:alert(1))",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\href{https://example.org}{x}$",
        r"$\text{<img src=x onerror=alert(1)>}$",
        "$<script>alert(1)</script>$",
        "![x](https://example.org/pixel.png)",
        "![x](//example.org/pixel.png)",
        r"![x](/\example.org/pixel.png)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "```html\n<script>alert(1)</script>\n```",
        '```"><script>alert(1)</script>\nx\n```',
        '<style>body { display: none }</style><p style="color: red">x</p>',
        "<iframe src='https://example.org'></iframe>",
        "<form action='https://example.org'><input name=q></form>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched_from_elsewhere(attack: str) -> None:
    html = str(render(attack))
    opened = {part.split(">")[0].split()[0].lower() for part in html.split("<")[1:] if part.strip()}
    assert not opened & {
        "script",
        "style",
        "iframe",
        "form",
        "input",
        "object",
        "embed",
        "svg",
        "base",
    }
    attributes = " ".join(part.split(">")[0] for part in html.split("<")[1:]).lower()
    for forbidden in (
        "onclick",
        "onerror",
        "style=",
        "javascript:",
        "vbscript:",
        "data:",
        'src="http',
        'src="//',
    ):
        assert forbidden not in attributes
    assert "https://example.org" not in attributes


def test_links_to_elsewhere_give_nothing_away() -> None:
    html = render("[x](https://example.org)")
    assert 'href="https://example.org"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_images_of_this_site_are_shown() -> None:
    assert '<img src="/static/x.png" alt="x">' in render("![x](/static/x.png)")


def test_mathematics_becomes_mathml() -> None:
    html = render("The score $x^2$ is:\n\n$$\n\\frac{a}{b}\n$$\n")
    assert '<math display="inline">' in html
    assert '<math display="block">' in html
    assert "<mfrac>" in html


@pytest.mark.parametrize(
    "source", [r"\frac{", r"\left(", "x" * (MAX_FORMULA + 1), r"\begin{matrix}", "^", r"\\sqrt["]
)
def test_a_formula_that_cannot_be_read_shows_its_source_or_its_best_reading(source: str) -> None:
    html = str(render_formula(source))
    assert "<math" in html or f'<code class="formula-source">{source}</code>' in html


def test_code_is_highlighted_and_an_unknown_language_is_shown_as_it_is() -> None:
    assert '<span class="k">def</span>' in render("```python\ndef f(): ...\n```")
    assert "&lt;x&gt;" in render("```no-such-language\n<x>\n```")


def test_headings_stand_below_the_title_of_the_page_and_can_be_linked_to() -> None:
    html = render("# How it is scored\n\n## 数据\n")
    assert '<h2 id="s-how-it-is-scored">' in html
    assert '<h3 id="s-数据">' in html


def test_tables_keep_their_alignment_without_inline_style() -> None:
    html = render("| a | b |\n|:--|--:|\n| 1 | 2 |\n")
    assert '<th class="align-right" scope="col">b</th>' in html
    assert "style" not in html


def test_two_dashes_of_an_option_stay_two_dashes() -> None:
    assert "--check" in render("Run it with --check.")
