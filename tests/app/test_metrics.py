"""Counters belong to one service, and show what is inside at the moment they are asked."""

from latentia.app.gate import Gate
from latentia.app.limits import Limits
from latentia.app.metrics import Metrics
from latentia.app.operation.encode import Encode
from latentia.app.worker import Batch


def test_two_services_count_for_themselves():
    gates = Gate(Limits()), Gate(Limits())
    one, other = map(Metrics, gates)
    one.answered("encode", 200, 0.2)
    one.worked("encode", Batch(Encode(), 3, 50, 0.1))
    assert b'latentia_rows_total{operation="encode"} 50.0' in one.text()
    assert b'latentia_batch_requests_sum{operation="encode"} 3.0' in one.text()
    assert b'operation="encode"' not in other.text()


def test_a_request_of_many_portions_is_counted_once_and_all_its_seconds():
    metrics = Metrics(Gate(Limits()))
    for requests, rows in ((1, 50), (0, 0), (0, 0)):
        metrics.worked("encode", Batch(Encode(), requests, rows, 0.5))
    assert b'latentia_batch_requests_count{operation="encode"} 1.0' in metrics.text()
    assert b'latentia_rows_total{operation="encode"} 50.0' in metrics.text()
    assert b'latentia_model_seconds_total{operation="encode"} 1.5' in metrics.text()


def test_what_is_inside_is_asked_of_the_gate():
    gate = Gate(Limits())
    metrics = Metrics(gate)
    with gate.enter() as ticket:
        ticket.hold_rows(7)
        assert b"latentia_requests_inside 1.0" in metrics.text()
        assert b"latentia_rows_inside 7.0" in metrics.text()
    assert b"latentia_requests_inside 0.0" in metrics.text()
