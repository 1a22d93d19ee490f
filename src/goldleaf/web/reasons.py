"""Names of what can go wrong, for programs: they stay when the words of a message change, and pages translate by them."""

from __future__ import annotations

import re

REASONS = {
    # signing in
    "the name or the password is wrong": "wrong_password",
    "the old password is wrong": "wrong_old_password",
    "too many wrong attempts": "too_many_attempts",
    "nobody is signed in": "not_signed_in",
    "this token opens nothing": "token_invalid",
    "this link does not open anything": "setup_link_invalid",
    "this invitation is used up or out of date": "invitation_invalid",
    "there is an owner already": "owner_exists",
    "the request does not carry the session's token": "csrf_missing",
    # people and roles
    "your role does not allow this": "role_too_low",
    "only an admin may do this": "admin_only",
    "annotators do not see others' answers in this project": "blind",
    "this cannot be a password": "bad_password",
    "this cannot be the name of a user": "bad_user_name",
    "this name is taken": "name_taken",
    "nobody else is an admin": "last_admin",
    "there is no such user": "no_such_user",
    "the project has no such member": "no_such_member",
    # what is not there
    "there is no such project": "no_such_project",
    "there is no such record": "no_such_record",
    "the project has no such record": "no_such_record",
    "this record was not given to you": "record_not_given",
    # conflicts
    "another answer has this id": "id_taken",
    "another decision has this id": "id_taken",
    "there is no answer of yours to correct": "nothing_to_correct",
    "you have answered this record already": "answered_already",
    # files
    "the file is empty": "empty_file",
    "the file is too large": "too_large",
    "the body is too large": "too_large",
    "cannot tell the format": "unknown_format",
    "not valid JSON": "bad_json",
    "not valid UTF-8": "bad_encoding",
    "no column holds the text": "no_text_column",
    "no such text column": "no_such_text_column",
    "no such label column": "no_such_label_column",
    "which field is this column?": "which_field",
    "labels for a record that the project does not have": "labels_without_record",
    "the file does not say who annotated": "no_annotator",
    "these are not the scores of the value": "bad_scores",
    # values
    "unknown label": "unknown_label",
    "no such label": "no_such_label",
    "this cannot be a label": "bad_label",
    "a field cannot be without labels": "last_label",
    "answers with this label need another one in its place": "label_needed",
    "the label has been removed meanwhile": "label_removed",
    "the schema has no such field": "unknown_field",
    "exactly one label belongs here": "one_label",
    "not a list of spans": "bad_spans",
    "not a span": "bad_spans",
    "the span lies outside the text": "span_outside",
    "tags and tokens differ in number": "tags_and_tokens",
    "tags need tokens, and the record has none": "no_tokens",
    "the text is too long": "text_too_long",
    # the server
    "the disk is full": "disk_full",
    "another process is writing to the database": "busy",
    "the server made a mistake; nothing more is known here": "failed",
}


REMARKS = {
    "kept_splits": r"(?P<n>\d+) records are in another split already .*",
    "predictions_left": r"(?P<n>\d+) records bring predictions .*",
    "nothing_suggested": r"the file suggests nothing: .*",
    "malformed_tags": r".*: (?P<n>\d+) tags in (?P<sentences>\d+) sentences stand where (?P<scheme>\S+) does not allow them.*",
    "columns_passed_over": r".*: columns passed over: (?P<names>.*)",
}
"""What an import remarks beside its counts, by name; the numbers and names in it are its parts."""


def remark_of(message: str) -> dict[str, str]:
    """A remark of an import: its `message` and, where it has a name, its `reason` and its parts."""
    for reason, pattern in REMARKS.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return {"message": message, "reason": reason, **found.groupdict()}
    return {"message": message}


def reason_of(message: str) -> str | None:
    """The name of what a message says; None where it has none."""
    return REASONS.get(message)
