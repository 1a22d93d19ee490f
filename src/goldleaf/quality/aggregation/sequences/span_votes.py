"""What every annotator says of every token that matters, given what they said of the token before: the votes of a model of sequences.

Where nobody marked anything there is nothing to decide. So the tokens that are kept are those that somebody marked, and the one behind each
run of them: runs are the chains. The other tokens are counted (`unmarked`), since leaving them alone tells of annotators, too.

What is said (m) and was said before (l) is 0 for nothing, 1 + 2k for the first token of a span with label k, 2 + 2k for a later one; before
the first token of a record nothing was said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from goldleaf.quality.aggregation.sequences.chains import Ends, Packed, pack
from goldleaf.quality.aggregation.sequences.span_tokens import Laid
from goldleaf.quality.aggregation.votes import Sparse, count_from, sum_by
from goldleaf.quality.labels import Answers, Bools, Ints

Array = TypeVar("Array", bound=np.ndarray[Any, Any])


@dataclass(frozen=True, slots=True)
class Told:
    """n kept tokens, in the order of `packed` (token `kept[i]` of the laid ones stands at `packed.place[i]`), and the u combinations of an
    annotator, what they said before (`before`) and what they say (`says`) that occur.

    `by_token @ x` `[u, S] -> [n, S]` sums what each vote's combination says, `by_pair @ x` `[n, S] -> [u, S]` what is known of the tokens
    of a combination. Combinations that share annotator and `before` share a `row`; `rows` says how many there are, `quiet` `[annotators]`
    which combination is nothing after nothing. `votes` `[n, 1 + 2E]` counts what is said of a token, `unmarked` `[annotators]` the tokens
    of an annotator's records that nobody marked, `silent` counts those tokens once. `records` is how many there are. `last` `[n]`: whether
    a kept token is the last of its chain. `record` `[chains]` and `answers` `[n]`: how many there are of a token's record; `of_token`,
    `of_vote`: the place of the token and the combination of each vote.
    """

    packed: Packed
    ends: Ends
    kept: Ints
    last: Bools
    record: Ints
    annotator: Ints
    before: Ints
    says: Ints
    row: Ints
    rows: int
    quiet: Ints
    by_token: Sparse
    by_pair: Sparse
    votes: Ints
    answers: Ints
    unmarked: Ints
    silent: int
    records: int
    of_token: Ints
    of_vote: Ints


def tell(answers: Answers, laid: Laid) -> Told:
    """The votes of the answers. A label k of `laid.labels` is 1 + 2k and 2 + 2k."""
    said = 1 + 2 * len(laid.labels)
    kept, may_end = _kept(laid)
    sizes = np.diff(laid.first)
    record = np.repeat(np.arange(len(sizes)), sizes)[kept]
    begins = np.r_[True, (np.diff(kept) != 1) | (np.diff(record) != 0)] if len(kept) else np.zeros(0, bool)
    heads = np.flatnonzero(begins)
    packed = pack(np.diff(np.r_[heads, len(kept)]), states=said + 1)
    last = np.r_[heads[1:], len(kept)] - 1 if len(kept) else np.zeros(0, np.int64)
    ends = Ends(_placed(may_end[kept], packed.place), *_by_rank(laid, kept, record, (heads, last), packed))
    token, tag, before, annotator = _votes(answers, laid, kept, record, begins)
    quiet = np.arange(len(answers.annotators)) * said * said
    key = (annotator * said + before) * said + tag
    pairs = np.unique(np.r_[key, quiet])
    of_vote = np.searchsorted(pairs, key)
    place = packed.place[token]
    rows, row = np.unique(pairs // said, return_inverse=True)
    per_record = np.bincount(record, minlength=len(sizes))
    unmarked = np.bincount(answers.annotator, (sizes - per_record)[answers.record], minlength=len(answers.annotators))
    return Told(
        packed, ends, kept, np.isin(np.arange(len(kept)), last), record[heads], pairs // said // said, pairs // said % said, pairs % said,
        row, len(rows), np.searchsorted(pairs, quiet), sum_by(place, of_vote, len(kept), len(pairs)), sum_by(of_vote, place, len(pairs),
        len(kept)), np.bincount(place * said + tag, minlength=len(kept) * said).reshape(len(kept), said),
        _placed(np.bincount(answers.record, minlength=len(sizes))[record], packed.place), unmarked.astype(np.int64), int(laid.first[-1]) -
        len(kept), len(sizes), place, of_vote,
    )  # fmt: skip


def _kept(laid: Laid) -> tuple[Ints, Bools]:
    """The tokens that somebody marked and those behind them, and where a span may end, of all tokens."""
    count = int(laid.first[-1])
    cover = np.zeros(count + 1, np.int64)
    np.add.at(cover, laid.begin, 1)
    np.add.at(cover, laid.stop, -1)
    marked = cover.cumsum()[:count] > 0
    may_end = np.zeros(count, bool)
    may_end[laid.stop - 1] = True
    behind = np.zeros(count, bool)
    behind[1:] = marked[:-1]
    firsts = laid.first[:-1]
    behind[firsts[firsts < count]] = False
    return np.flatnonzero(marked | behind), may_end


def _by_rank(laid: Laid, kept: Ints, record: Ints, edges: tuple[Ints, Ints], packed: Packed) -> tuple[Ints, Bools]:
    """`inner` and `closed` of the chains, in the order of `packed`."""
    heads, last = edges
    inner = (kept[heads] > laid.first[record[heads]]).astype(np.int64)
    closed = kept[last] + 1 < laid.first[record[last] + 1]
    return _placed(inner, packed.rank), _placed(closed, packed.rank)


def _placed(values: Array, place: Ints) -> Array:
    found = np.empty_like(values)
    found[place] = values
    return found


def _votes(answers: Answers, laid: Laid, kept: Ints, record: Ints, begins: Bools) -> tuple[Ints, Ints, Ints, Ints]:
    """Of each vote, answer after answer: the kept token, what is said, what was said before, who says it."""
    per_record = np.bincount(record, minlength=len(laid.first) - 1)
    first = np.r_[0, per_record.cumsum()]
    sizes = per_record[answers.record]
    base = np.r_[0, sizes.cumsum()]
    token = count_from(first[answers.record], sizes)
    tag = np.zeros(base[-1], np.int64)
    start = np.searchsorted(kept, laid.begin) - first[answers.record[laid.answer]] + base[laid.answer]
    length = laid.stop - laid.begin
    later = count_from(np.zeros(len(length), np.int64), length) > 0
    tag[count_from(start, length)] = np.repeat(1 + 2 * laid.label, length) + later
    before = np.r_[0, tag[:-1]] if len(tag) else tag
    before[begins[token]] = 0
    return token, tag, before, np.repeat(answers.annotator, sizes)
