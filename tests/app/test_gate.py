"""What is in is counted, what would be too much is turned away, and all of it is given back."""

import pytest

from latentia.app.gate import Gate
from latentia.app.limits import Limits
from latentia.app.problems import Refused


@pytest.fixture
def gate():
    return Gate(Limits(requests=2, rows=10, size=100))


def refused(status, call, *given):
    with pytest.raises(Refused) as caught:
        call(*given)
    assert caught.value.status == status
    return caught.value


def test_the_third_of_two_is_told_when_to_come_again(gate):
    with gate.enter(), gate.enter():
        assert gate.full
        assert int(refused(429, gate.enter).headers["Retry-After"]) >= 1
    assert not gate.full and gate.requests == 0


def test_bytes_and_rows_of_all_are_bounded_and_given_back(gate):
    with gate.enter() as one, gate.enter() as other:
        one.hold_bytes(500)
        assert "500 bytes of at most 800" in str(refused(429, other.hold_bytes, 301))
        other.hold_bytes(300)
        one.hold_rows(40)
        assert "40 rows of at most 40" in str(refused(429, other.hold_rows, 1))
        assert (gate.rows, gate.size) == (40, 800)
    assert (gate.requests, gate.rows, gate.size) == (0, 0, 0)


def test_an_error_inside_gives_back_too(gate):
    with pytest.raises(KeyError), gate.enter() as ticket:
        ticket.hold_rows(3)
        raise KeyError
    assert (gate.requests, gate.rows) == (0, 0)


def test_the_time_to_come_again_is_the_time_that_the_work_takes(gate):
    for _ in range(200):
        gate.took(4.0)
    with gate.enter(), gate.enter():
        assert gate.retry_after == 8
        for _ in range(200):
            gate.took(1000.0)
        assert gate.retry_after == 60
        for _ in range(400):
            gate.took(0.001)
        assert gate.retry_after == 1


def test_a_closing_gate_lets_nobody_in(gate):
    with gate.enter() as ticket:
        gate.draining = True
        assert refused(503, gate.enter).headers["Connection"] == "close"
        ticket.hold_rows(1)  # who is in goes on
