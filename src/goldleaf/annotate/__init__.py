"""Who gets which record next, and what becomes of the answers: the rules, and the queue in the store."""

from goldleaf.annotate.answering import SAID, Answered, Outcome, Question, Submission, answer, check_submission
from goldleaf.annotate.disagreement import disagreement, rank
from goldleaf.annotate.filling import apply_settings, fill, put_in_order, rank_again, rank_of, set_priorities
from goldleaf.annotate.places import ANSWERED, HOLDING, Places, Said, State, move, outcome
from goldleaf.annotate.queue import (
    MOST_HELD,
    Annotated,
    at,
    change_state,
    close_record,
    end_leases,
    hand_out,
    lease_end,
    mark_shown,
    release,
    renew,
)
from goldleaf.annotate.rules import chance, in_control, is_check, position
from goldleaf.annotate.settings import (
    ORDERS,
    Order,
    ProjectSettings,
    change_settings,
    settings_from_dict,
    settings_to_dict,
)

__all__ = [
    "ANSWERED",
    "HOLDING",
    "MOST_HELD",
    "ORDERS",
    "SAID",
    "Annotated",
    "Answered",
    "Order",
    "Outcome",
    "Places",
    "ProjectSettings",
    "Question",
    "Said",
    "State",
    "Submission",
    "answer",
    "apply_settings",
    "at",
    "chance",
    "change_settings",
    "change_state",
    "check_submission",
    "close_record",
    "disagreement",
    "end_leases",
    "fill",
    "hand_out",
    "in_control",
    "is_check",
    "lease_end",
    "mark_shown",
    "move",
    "outcome",
    "position",
    "put_in_order",
    "rank",
    "rank_again",
    "rank_of",
    "release",
    "renew",
    "set_priorities",
    "settings_from_dict",
    "settings_to_dict",
]
