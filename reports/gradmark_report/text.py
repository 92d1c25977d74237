"""Text from result files is untrusted: it reaches terminals, Markdown and pages only after it went through here."""

import re
import unicodedata

LONGEST = 2_000_000  # a topology's XML is the longest text there is


def harmless(text: str) -> str:
    """Without control characters (which steer terminals), direction overrides (which make text lie) and lone
    surrogates (which no file can hold); line breaks and tabs stay."""
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
        else "\N{REPLACEMENT CHARACTER}"
        for character in text[:LONGEST]
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


def markdown(text: str) -> str:
    """As literal text in a Markdown sentence or table cell. Dots stay: they mean nothing inside a line."""
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def markdown_code(text: str) -> str:
    """As a code span, which no backtick can leave."""
    clean = one_line(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", clean)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {clean} {fence}" if longest else f"`{clean}`"
