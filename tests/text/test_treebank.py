"""Words by the Treebank's rules: what NLTK says, without NLTK."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.tokenize import NLTKWordTokenizer

from goldleaf.text.treebank import word_spans


def with_pythons_engine(rules):
    """NLTK's rules as Python reads them; with the package `regex` installed, NLTK takes other characters for letters and spaces."""
    return [(re.compile(pattern.pattern), to) for pattern, to in rules]


class Peer(NLTKWordTokenizer):
    STARTING_QUOTES = with_pythons_engine(NLTKWordTokenizer.STARTING_QUOTES)
    ENDING_QUOTES = with_pythons_engine(NLTKWordTokenizer.ENDING_QUOTES)
    PUNCTUATION = with_pythons_engine(NLTKWordTokenizer.PUNCTUATION)


PEER = Peer()
PIECES = st.lists(
    st.sampled_from(
        [
            *[
                "can't",
                "cannot",
                "I'm",
                "they've",
                '"',
                "''",
                "``",
                "'",
                "“",
                "”",
                "’",
                "«",
                "(",
                ")",
                "[",
                "]",
                "<",
                "{",
            ],
            *[
                ",",
                ".",
                "...",
                "..",
                ":",
                ";",
                "?",
                "!",
                "--",
                "–",
                "$3.88",
                "%",
                "&",
                "*",
                " ",
                "  ",
                "\n",
                "\t",
                "'tis",
            ],
            *[
                "'twas",
                "gimme",
                "wanna",
                "gonna",
                "d'ye",
                "more'n",
                "word",
                "Word.",
                "U.S.",
                "é",
                "ß",
                "中",
                "مر",
                "0",
                "1,000",
            ],
        ]
    )
)


PLAIN = st.text("ab19.,:+/- \n\té中", max_size=30)
"""What is cut without the rules, for these have nothing to say of it, and its near neighbours."""


def said(tokenize, text):
    try:
        return list(tokenize(text))
    except (ValueError, StopIteration, RuntimeError):
        return "no alignment"


@settings(max_examples=1500, deadline=None)
@given(PIECES.map("".join) | st.text(max_size=60) | PLAIN)
def test_the_words_are_those_of_nltk(text):
    assert said(word_spans, text) == said(PEER.span_tokenize, text)


def test_a_contraction_is_two_words_and_the_last_period_one():
    assert word_spans("Don't stop.") == [(0, 2), (2, 5), (6, 10), (10, 11)]
