"""What the service says of itself holds: schemathesis asks at random, by the contract and not."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks

FEW = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def contract(request, live):
    url, _ = live(request.getfixturevalue(request.param), rows=4)
    config = schemathesis.Config.from_dict({"generation": {"mode": "all"}})
    return schemathesis.openapi.from_url(f"{url}/openapi.json", config=config)


def held(case):
    if "X-Deadline" in case.headers:
        case.headers["X-Deadline"] = "30"  # a busy machine may need more than a second
    response = case.call()
    case.validate_response(
        response,
        checks=[
            checks.not_a_server_error,
            checks.CHECKS.get_one("status_code_conformance"),
            checks.CHECKS.get_one("content_type_conformance"),
            checks.CHECKS.get_one("response_schema_conformance"),
        ],
    )
    return response.status_code


@pytest.mark.parametrize("contract", ["table_run", "inked_run", "told_run"], indirect=True)
def test_no_request_is_a_failure_and_every_answer_is_foreseen(contract):
    seen = []
    for found in contract.get_all_operations():
        operation = found.ok()

        @seed(0)
        @FEW
        @given(case=operation.as_strategy())
        def ask(case):
            seen.append((case.path, held(case)))

        ask()
    answered = {path for path, status in seen if status == 200}
    assert {"/v1/sample", "/v1/decode", "/health", "/metrics"} <= answered
    assert any(status == 422 for _, status in seen)
