"""Auto: the method that the shape of the votes allows, and why.

Pooled confusions, unless the votes cannot tell who is right more often; then the majority, which does not ask. That is so where

- there is one label, or no record has two answers;
- fewer than four annotators answered: of two who differ, or of three where one stands alone, any may be the better;
- records have two or three answers (under `FEW` on average) and one annotator gave one on more than `HUB` of them: everyone is compared
  with that one only, and who of the two is right is told by nothing;
- annotators say one label each, whatever they see: more than `CONSTANT` of the votes beyond what the labels' frequencies explain. Such
  are labelling functions rather than people, and a model would take the label for the annotator's habit;
- annotators gave few answers each to few records, and the model, though it is held to the majority's frequencies (`pooled`), would leave a
  label fewer than `KEPT` of the records that most votes give it (of labels with `COMMON` of the records): it takes it for an error of all.

(docs/design/0024 has the figures.) With a model's predictions the pooled confusions take them as what is known beforehand, by how much
they are worth: see `fit_with_model`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from goldleaf.measure import fit_temperature
from goldleaf.quality.aggregation.majority import fit_majority
from goldleaf.quality.aggregation.pooled import FEW_ANSWERS, HELD, fit_pooled
from goldleaf.quality.aggregation.votes import LEAST, Fitted, Matrix, Votes, pick_best, share_votes, softmax, truth_of

FEW, HUB, CONSTANT, FEWEST = 2.5, 0.75, 0.5, 4
KEPT, COMMON = 0.5, 0.05
VANISHING = "too few to tell a label that is rare from one that is often missed, and the model would drop most of what votes give it"


def fit_auto(votes: Votes, *, seed: int = 0, predicted: Matrix | None = None) -> Fitted:
    """`reason_` and `method_` say what was taken, and why."""
    if predicted is not None:
        fitted, temperature = fit_with_model(votes, predicted, seed=seed)
        reason = f"{_shape(votes)}; the model's opinion counts with its logits divided by {temperature:.2g}"
        return _named(fitted, "pooled", reason)
    if why := _why_majority(votes):
        return _named(fit_majority(votes, seed=seed), "majority", why)
    fitted = fit_pooled(votes, seed=seed)
    if _vanishing(votes, fitted):
        return _named(fit_majority(votes, seed=seed), "majority", f"{_shape(votes)}: {VANISHING}")
    reason = f"{_shape(votes)}: each annotator's confusions, drawn towards what all confuse"
    return _named(fitted, "pooled", reason)


def _vanishing(votes: Votes, fitted: Fitted) -> bool:
    """Whether so few answers an annotator, and records, leave it open that a label is hardly there, and the model says so."""
    if len(votes) >= FEW_ANSWERS * votes.annotators or votes.records >= HELD:
        return False
    before, after = pick_best(share_votes(votes)).mean(axis=0), truth_of(fitted).mean(axis=0)
    common = before >= COMMON
    return bool((after[common] < KEPT * before[common]).any())


def fit_with_model(votes: Votes, predicted: Matrix, *, seed: int = 0) -> tuple[Fitted, float]:
    """Pooled confusions with a model's out-of-sample probabilities `[records, classes]` (NaN: the model says nothing), and T.

    T is the temperature at which the model makes the classes that the annotators alone give most likely: a model that knows little is
    hot, and counts for little. What it adds to a record is log p[i, k] - log mean_i p[i, k] at that temperature: what it says of
    this record beyond how frequent it takes the classes to be.
    """
    known = ~np.isnan(predicted).any(axis=1)
    if votes.classes < 2 or not known.any():
        return fit_pooled(votes, seed=seed), 1.0
    alone = (fit_majority(votes) if _why_majority(votes) else fit_pooled(votes, seed=seed)).probabilities_
    logits = np.log(np.maximum(predicted[known], LEAST))
    temperature = fit_temperature(logits, alone[known].argmax(axis=1))
    model, _ = softmax(logits / temperature)
    opinion = np.zeros_like(alone)
    opinion[known] = np.log(np.maximum(model, LEAST)) - np.log(np.maximum(model.mean(axis=0), LEAST))
    return fit_pooled(votes, seed=seed, opinion=opinion), temperature


def _why_majority(votes: Votes) -> str:
    """Why the votes cannot tell who is right more often; empty where they can."""
    per_record = np.bincount(votes.record, minlength=votes.records)
    several = per_record > 1
    if votes.classes < 2:
        return "there is one label"
    if not several.any():
        return "no record has two answers"
    if votes.annotators < FEWEST:
        return f"{votes.annotators} annotators: too few to tell from their answers who is right more often"
    compared = several[votes.record]
    most = np.bincount(votes.annotator[compared]).max() / several.sum()
    if per_record[several].mean() < FEW and most > HUB:
        return (
            f"{per_record[several].mean():.1f} answers a record, one of them almost always by the same annotator: "
            "nothing tells who of the two is right more often"
        )
    beyond = _constant(votes)
    if beyond > CONSTANT:
        return f"{beyond:.0%} of the answers come from annotators who give one label whatever they see"
    return ""


def _constant(votes: Votes) -> float:
    """The share of votes of annotators who say one label only, less the share that would be so if all drew from the labels at random."""
    answers = np.bincount(votes.annotator, minlength=votes.annotators)
    cell = np.bincount(votes.annotator * votes.classes + votes.label, minlength=votes.annotators * votes.classes)
    most = cell.reshape(votes.annotators, votes.classes).max(axis=1)
    frequency = np.bincount(votes.label, minlength=votes.classes) / len(votes)
    expected = (frequency ** answers[:, np.newaxis]).sum(axis=1)
    return float((answers * ((most == answers) - expected)).sum() / len(votes))


def _shape(votes: Votes) -> str:
    return (
        f"{len(votes) / votes.records:.1f} answers a record of {votes.annotators:,} annotators with "
        f"{len(votes) / votes.annotators:.0f} each"
    )


def _named(fitted: Fitted, method: str, reason: str) -> Fitted:
    return replace(fitted, reason_=reason, method_=method)
