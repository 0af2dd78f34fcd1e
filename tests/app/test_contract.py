"""What the service says of itself holds: schemathesis asks at random, by the contract and not."""

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks

from latentia import room

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
    if case.media_type == "application/json":
        case.query = {}  # options stand in the body alone, for which OpenAPI has no word
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


def posts(said):
    return {path[4:]: each["post"] for path, each in said["paths"].items() if "post" in each}


@pytest.mark.parametrize("name", ["table_run", "inked_run", "told_run", "grey_run", "point_run"])
def test_every_answer_is_what_the_contract_says_and_all_of_it(request, serving, inked, name):
    client = serving(request.getfixturevalue(name))
    said = posts(client.get("/openapi.json").json())
    assert set(said) == set(room.names("app.operation"))
    x = [[10.0, None, -1.0], [9.0, 20.0, -1.1]] if name == "table_run" else inked[:2].tolist()
    z = [[0.0] * client.get("/v1/model").json()["latents"]] * 2
    condition = {"condition": {"label": "stroke"}} if name == "told_run" else {}
    for operation, spec in said.items():
        rows = {"examples": {"x": x}, "latents": {"z": z}, "nothing": {}}
        body = rows[room.load("app.operation", operation).takes] | condition
        answer = client.post(f"/v1/{operation}", json=body)
        if (name, operation) == ("point_run", "sample"):
            assert answer.status_code == 409
            continue
        assert answer.status_code == 200, answer.text
        schema = spec["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema_rs.validate(schema, answer.json())
        for changed in ({"more": 1}, {"n": "two"}):
            with pytest.raises(jsonschema_rs.ValidationError):
                jsonschema_rs.validate(schema, answer.json() | changed)
        assert all(one["description"] for one in schema["properties"].values())


def test_every_path_says_what_it_does(table):
    said = posts(table.get("/openapi.json").json())
    told = {each["description"] for each in said.values()}
    assert len(told) == len(said) and not any("whatever becomes" in text for text in told)


def test_options_are_parameters_of_the_query(serving, table_run, told_run):
    client = serving(table_run, rows=7)
    said = posts(client.get("/openapi.json").json())
    for operation, spec in said.items():
        query = {one["name"]: one for one in spec["parameters"] if one["in"] == "query"}
        options = set(room.load("app.operation", operation).options.model_fields)
        assert set(query) == options - {"condition"}  # of a model of p(x)
        assert all(one["description"] and not one["required"] for one in query.values())
        if operation == "sample":
            assert query["n"]["schema"]["maximum"] == 7
            assert query["values"]["schema"]["enum"] == ["mean", "draw"]
    of_c = posts(serving(told_run).get("/openapi.json").json())
    for spec in of_c.values():
        (condition,) = [one for one in spec["parameters"] if one["name"] == "condition"]
        assert condition["schema"] == {"type": "string"}
