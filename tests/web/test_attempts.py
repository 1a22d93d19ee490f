"""How often somebody may be wrong."""

from goldleaf.web.attempts import PER_ADDRESS, PER_PERSON, PER_PERSON_AND_ADDRESS, WINDOW, Attempts


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_after_too_many_failures_one_waits_until_the_first_of_them_is_out_of_the_window():
    clock = Clock()
    attempts = Attempts(clock)
    for second in range(PER_PERSON_AND_ADDRESS):
        assert attempts.wait("a", "bob") == 0
        clock.now = float(second)
        attempts.failed("a", "bob")
    assert attempts.wait("a", "bob") == WINDOW - (PER_PERSON_AND_ADDRESS - 1)
    clock.now = WINDOW
    assert attempts.wait("a", "bob") == 0


def test_others_at_the_same_address_and_the_same_name_elsewhere_are_not_held_up():
    attempts = Attempts(Clock())
    for _ in range(PER_PERSON_AND_ADDRESS):
        attempts.failed("a", "bob")
    assert attempts.wait("a", "eve") == 0
    assert attempts.wait("b", "bob") == 0


def test_an_address_that_tries_many_names_and_a_name_tried_from_everywhere_are_held_up():
    attempts = Attempts(Clock())
    for number in range(PER_ADDRESS):
        attempts.failed("a", f"name{number}")
    assert attempts.wait("a", "another") == WINDOW
    for number in range(PER_PERSON):
        attempts.failed(f"address{number}", "bob")
    assert attempts.wait("new", "bob") == WINDOW


def test_success_forgets_ones_own_failures_and_not_those_of_the_address():
    attempts = Attempts(Clock())
    for _ in range(PER_ADDRESS):
        attempts.failed("a", "bob")
    attempts.passed("a", "bob")
    assert attempts.wait("b", "bob") == 0
    assert attempts.wait("a", "bob") == WINDOW
