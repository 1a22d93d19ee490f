"""TF-IDF with logistic regression."""

from goldleaf.core import Example, Field, Prediction, Record, Schema
from goldleaf.evaluate import evaluate, tfidf_baseline

MOOD = Field("mood", "choice", ("good", "bad"))
TOPICS = Field("topics", "choice", ("food", "room", "staff"), many=True)
GOOD = ["what a lovely day", "lovely food and lovely people", "we love it", "I love this place"]
BAD = ["what an awful day", "awful food and awful people", "we hate it", "I hate this place"]


def examples_of(field, pairs):
    return [Example(Record(str(n), text), {field.name: value}) for n, (text, value) in enumerate(pairs)]


def test_the_baseline_learns_words_that_decide():
    train = examples_of(MOOD, [(t, "good") for t in GOOD] + [(t, "bad") for t in BAD])
    found = tfidf_baseline(Schema((MOOD,)), train, [Record("x", "a lovely room"), Record("y", "an awful room")])
    assert [(p.record, p.values["mood"]) for p in found] == [("x", "good"), ("y", "bad")]
    scores = found[0].scores["mood"]
    assert scores["good"] > 0.5
    assert abs(sum(scores.values()) - 1) < 1e-6


def test_chinese_is_learned_from_its_words_and_characters():
    train = examples_of(MOOD, [("味道很好", "good"), ("服务很好", "good"), ("味道很差", "bad"), ("服务很差", "bad")])
    found = tfidf_baseline(Schema((MOOD,)), train, [Record("x", "环境很好"), Record("y", "环境很差")])
    assert [p.values["mood"] for p in found] == ["good", "bad"]


def test_many_labels_are_learned_each():
    texts = {"food": "the soup was cold", "room": "the bed was hard", "staff": "the waiter was rude"}
    pairs = [(text, [topic]) for topic, text in texts.items()] * 4
    pairs += [(f"{texts['food']} and {texts['room']}", ["food", "room"])] * 4
    found = tfidf_baseline(Schema((TOPICS,)), examples_of(TOPICS, pairs), [Record("x", "cold soup, hard bed")])
    assert found[0].values["topics"] == ["food", "room"]


def test_what_cannot_be_learned_is_left_out():
    one_class = examples_of(MOOD, [(t, "good") for t in GOOD])
    assert tfidf_baseline(Schema((MOOD,)), one_class, [Record("x", "a day")])[0].values == {}
    assert tfidf_baseline(Schema((MOOD,)), [], [Record("x", "a day")])[0].values == {}
    assert tfidf_baseline(Schema((MOOD,)), examples_of(MOOD, [("a", "good"), ("b", "bad")]), []) == []


def test_texts_without_words_are_learned_from_their_characters():
    train = examples_of(MOOD, [(":-)", "good"), (":-( :-(", "bad")] * 3)
    assert tfidf_baseline(Schema((MOOD,)), train, [Record("x", ":-(")])[0].values == {"mood": "bad"}
    blank = examples_of(MOOD, [(" ", "good"), ("  ", "bad")])
    assert tfidf_baseline(Schema((MOOD,)), blank, [Record("x", "a")])[0].values == {}


def test_fields_that_it_cannot_predict_have_no_score_beside_the_model():
    spans = Field("slots", "spans", ("city",))
    schema = Schema((MOOD, spans))
    train = examples_of(MOOD, [(t, "good") for t in GOOD] + [(t, "bad") for t in BAD])
    test = [Example(Record("x", "lovely"), {"mood": "good", "slots": []})]
    model = [Prediction("x", {"mood": "good", "slots": []})]
    data = evaluate(schema, test, model, baseline=tfidf_baseline(schema, train, [e.record for e in test])).data
    assert list(data["baseline"]["fields"]) == ["mood"]
