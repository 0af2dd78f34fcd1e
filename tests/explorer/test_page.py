"""The page's files: their types, what a browser lets them do, and who may ask for them."""

import pytest

from latentia.errors import MachineError
from latentia.explorer.page import POLICY, require_page


def test_files_have_the_types_that_browsers_ask_for(exploring, inked_run):
    client = exploring(inked_run)
    kinds = {"": "text/html", "module.js": "text/javascript", "code.wasm": "application/wasm"}
    for path, kind in kinds.items():
        answer = client.get(f"/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == kind
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_policy_lets_text_become_a_program_or_anything_leave():
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["connect-src"] == "'self'" and rules["default-src"] == "'self'"
    assert "unsafe-inline" not in POLICY and "http" not in POLICY


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
        # Within another page it is not shown either.
        (
            {
                "sec-fetch-site": "cross-site",
                "sec-fetch-mode": "navigate",
                "sec-fetch-dest": "iframe",
            },
            403,
        ),
        (
            {
                "sec-fetch-site": "cross-site",
                "sec-fetch-mode": "navigate",
                "sec-fetch-dest": "document",
            },
            200,
        ),
    ],
)
def test_only_a_link_leads_here_from_elsewhere(exploring, inked_run, headers, status):
    assert exploring(inked_run).get("/", headers=headers).status_code == status


def test_nothing_outside_of_its_folder_is_a_file(exploring, inked_run):
    client = exploring(inked_run)
    for path in ("/../conftest.py", "/%2e%2e/conftest.py", "/..%2f..%2fetc/passwd"):
        assert client.get(path).status_code == 404


def test_a_page_that_was_not_built_says_how_it_is(tmp_path, says):
    with pytest.raises(MachineError) as caught:
        require_page(tmp_path)
    says(caught.value, "without the explorer's page", str(tmp_path), "Node 20.19", "npm run build")
    (tmp_path / "index.html").write_text("")
    require_page(tmp_path)
