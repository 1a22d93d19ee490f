"""A report as a table, as JSON and as one page."""

import io
import json
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from goldleaf.core import Example, Field, InputError, Prediction, Record, Schema, Span
from goldleaf.evaluate import evaluate
from goldleaf.report import Report, print_report

EVIL = '<script>alert("x")</script> & [bold]you[/bold] \x1b[31m\x00'
LABELS = ("城市", "<b>日期</b>", "$x$", "[red]时间")
SCHEMA = Schema(
    (
        Field("intent", "choice", ("buy", "a_&_b")),
        Field("slots", "spans", LABELS),
        Field("pos", "tags", ("N", "V")),
        Field("topics", "choice", ("food", "room"), many=True),
    )
)
HISTORY = [{"seed": 0, "step": n, "loss": 1 / n, "rate": 1e-4, "score": 0.5 if n % 2 else None} for n in range(1, 6)]


def make_report(*, history=HISTORY, title="Evaluation of <i>shop</i>") -> Report:
    texts = [EVIL, "我要去北京 tomorrow", "ימים ולילות 🇫🇷 e\u0301"]
    tokens = ((0, 1), (2, 3))
    examples, predictions = [], []
    for n, text in enumerate(texts):
        values = {
            "intent": "buy",
            "slots": [Span(0, 2, LABELS[0]), Span(3, 5, LABELS[n])],
            "pos": ["N", "V"],
            "topics": ["food"],
        }
        wrong = {
            "intent": "a_&_b",
            "slots": [Span(0, 2, LABELS[0]), Span(3, 5, LABELS[3])],
            "pos": ["N", "N"],
            "topics": [],
        }
        scores = {
            "intent": {"buy": 0.2, "a_&_b": 0.8},
            "slots": [0.9, 0.6],
            "pos": [0.9, 0.7],
            "topics": {"food": 0.1, "room": 0.2},
        }
        examples.append(Example(Record(f"r<{n}>", text, tokens=tokens), values))
        predictions.append(Prediction(f"r<{n}>", wrong, scores))
    baseline = [Prediction(p.record, {"intent": "buy"}) for p in predictions]
    train = [Example(Record("t", "x"), {"intent": "buy", "slots": [], "pos": ["N"], "topics": ["food"]})]
    return evaluate(SCHEMA, examples, predictions, title=title, baseline=baseline, train=train, history=history)


@pytest.fixture(scope="module")
def report() -> Report:
    return make_report()


@pytest.fixture(scope="module")
def page(report) -> str:
    return report.to_html()


class Outline(HTMLParser):
    """The tags that are open, the tags that were seen, their attributes, and the text."""

    VOID = frozenset({"meta", "path", "use", "rect", "br", "link", "img"})

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes, self.text = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def outline_of(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    outline.close()
    return outline


def text_of(report: Report, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    print_report(report, console)
    return console.file.getvalue()


def test_no_text_of_a_record_or_label_becomes_markup(page):
    outline = outline_of(page)
    assert not outline.seen & {"script", "b>日期<", "i"}
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; [bold]you" in page
    assert "<b>日期" not in page
    assert not [name for name, _ in outline.attributes if name.startswith("on")]


def test_control_characters_are_shown_not_sent(page):
    assert "\x00" not in page
    assert "\x1b" not in page
    assert "\u2400" in page


def test_tags_are_closed_in_order(page):
    assert outline_of(page).open == []


def test_the_page_needs_nothing_else(page):
    outline = outline_of(page)
    assert not outline.seen & {"link", "img", "iframe", "object"}
    addresses = [value for name, value in outline.attributes if name in ("src", "href", "xlink:href") and value]
    assert all(address.startswith("#") for address in addresses)
    assert "url(http" not in page
    assert "@import" not in page
    assert set(re.findall(r"https?://[^\s\"'<>]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_every_reference_inside_a_plot_has_its_target(page):
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    wanted = set(re.findall(r'(?:url\(#|href="#)([^")]+)', page))
    assert wanted
    assert wanted <= ids


def test_chinese_in_plots_stays_text_in_the_fonts_of_the_page(page):
    plots = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL))
    assert re.search(r"<text[^>]*>城市</text>", plots)
    assert "font-family" not in plots
    assert "DejaVu" not in plots


def test_a_dollar_sign_in_a_label_is_no_mathematics(page):
    assert re.search(r"<text[^>]*>\$x\$</text>", page)


def test_the_page_follows_light_and_dark(page):
    assert "prefers-color-scheme:dark" in page
    plots = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL))
    assert "var(--ink)" in plots
    colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]+)", plots))
    assert colours == set()


def test_gold_and_predicted_spans_are_marked_in_the_text():
    fields = (Field("slots", "spans", ("city", "day")),)
    examples = [Example(Record("r", "to Paris & Rome"), {"slots": [Span(3, 8, "city"), Span(11, 15, "city")]})]
    predictions = [Prediction("r", {"slots": [Span(3, 8, "city"), Span(0, 2, "day")]}, {"slots": [0.9, 0.6]})]
    page = evaluate(Schema(fields), examples, predictions).to_html()
    assert (
        'to <mark class="right">Paris</mark><span class="chip right">city</span> &amp; '
        '<mark class="missed">Rome</mark><span class="chip missed">city</span>'
    ) in page
    assert '<mark class="wrong">to</mark><span class="chip wrong">day</span>' in page
    assert "60 % sure" in page


def test_nested_spans_are_both_shown():
    field = Field("slots", "spans", ("org", "place"), overlap="nested")
    examples = [Example(Record("r", "Bank of Paris"), {"slots": [Span(0, 13, "org"), Span(8, 13, "place")]})]
    page = evaluate(Schema((field,)), examples, [Prediction("r", {"slots": []})]).to_html()
    assert '<span class="chip missed">org</span><span class="chip missed">place</span>' in page
    assert outline_of(page).open == []


def test_a_long_text_is_cut_and_says_so():
    field = Field("slots", "spans", ("city",))
    examples = [Example(Record("r", "x" * 90_000 + "Paris"), {"slots": [Span(90_000, 90_005, "city")]})]
    page = evaluate(Schema((field,)), examples, [Prediction("r", {"slots": []})]).to_html()
    assert "… xxx" in page
    assert '<mark class="missed">Paris</mark>' in page
    assert len(page) < 100_000


def test_the_baseline_unseen_labels_and_training_stand_in_page_and_table(report, page):
    text = text_of(report)
    for shown in (page, text):
        assert "TF-IDF" in shown
        assert "never seen in training" in shown
    assert "validation score, best 50.00 %" in page
    assert "model minus baseline" in page


def test_without_training_curves_there_is_no_training_section():
    assert "<h2>Training</h2>" not in make_report(history=()).to_html()


def test_the_table_takes_no_markup_and_no_terminal_codes_from_data(report):
    text = text_of(report, width=160)
    assert "[red]时间" in text
    assert "[bold]you" in text
    assert "\x1b" not in text
    assert "\x00" not in text


def test_the_table_says_each_score_with_its_interval(report):
    lines = text_of(report).splitlines()
    slots = next(line for line in lines if "slots" in line and "precision" in line)
    # of two spans a record, the first is right, the second is not
    assert "50.00" in slots
    assert "50.00 .. 50.00" in slots
    assert any("exact match" in line and "0.00" in line for line in lines)


def test_json_holds_every_measured_value(report):
    data = json.loads(json.dumps(report.to_json()))
    assert data == report.data
    assert set(data) == {"records", "groups", "fields", "exact_match", "baseline", "history"}


def test_the_page_is_the_same_each_time(report):
    assert report.to_html() == report.to_html()


def test_a_page_is_written_whole(report, tmp_path):
    report.save_html(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == report.to_html()
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_page_that_cannot_be_written_is_one_clear_error(report, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        report.save_html(tmp_path / "absent" / "report.html")


def test_half_a_surrogate_pair_in_a_text_does_not_stop_the_page(tmp_path):
    examples = [Example(Record("r", "bad \ud83d here"), {"intent": "buy"})]
    report = evaluate(Schema(SCHEMA.fields[:1]), examples, [Prediction("r", {"intent": "a_&_b"})])
    report.save_html(tmp_path / "report.html")
    assert "bad \ufffd here" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_no_labels_at_all_and_one_label_are_no_failure():
    schema = Schema((Field("slots", "spans", ("city",)),))
    for gold in ([], [Span(0, 1, "city")]):
        report = evaluate(schema, [Example(Record("r", "x"), {"slots": gold})], [Prediction("r", {"slots": gold})])
        assert "No errors." in report.to_html()
        assert text_of(report)


def test_a_hundred_and_fifty_labels_are_drawn_by_their_most_frequent():
    names = tuple(f"intent_{n:03}" for n in range(150))
    field = Field("intent", "choice", names)
    examples = [Example(Record(str(n), "x"), {"intent": name}) for n, name in enumerate(names)]
    predictions = [Prediction(str(n), {"intent": names[n - n % 2]}) for n in range(150)]
    report = evaluate(Schema((field,)), examples, predictions)
    page = report.to_html()
    assert "The 40 most frequent of 150 labels" in page
    assert "The 24 most confused of 150 labels" in page
    assert "30 most frequent of 150" in text_of(report)
