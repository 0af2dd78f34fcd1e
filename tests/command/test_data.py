"""`latentia data` and `latentia doctor`."""


def test_the_list_has_names_places_and_formats(latentia):
    found = latentia("data", "list", "--json").json
    assert set(found["names"]) >= {"mnist5k", "digits", "mnist", "fashion-mnist"}
    assert "embedded" in found["names"]["mnist5k"]
    assert set(found["formats"]) >= {"csv", "npy", "parquet", "idx", "image-folder"}
    text = latentia("data", "list").out
    assert all(name in text for name in found["names"])


def test_a_check_says_what_training_would_do(latentia, table_path):
    said = latentia("data", "check", table_path)
    assert said.code == 0
    for part in (
        "80 of shape 3",
        "64 train, 8 validation, 8 test",
        "would use likelihood  gaussian",
    ):
        assert part in said.out, part
    found = latentia("data", "check", table_path, "--json").json
    assert found["n"] == 80
    assert found["schema"]["columns"] == ["height", "weight", "depth"]


def test_what_is_embedded_is_fetched_without_a_network(latentia):
    assert latentia("data", "fetch", "mnist5k").code == 0


def test_the_doctor_lists_versions_and_data(latentia):
    found = latentia("doctor", "--json").json
    assert found["packages"]["torch"].startswith("2.")
    assert found["problems"] == []
    assert "mnist5k" in found["data"]
    assert "all is well" in latentia("doctor").out


def test_a_problem_is_said_with_its_mend_and_the_exit_code_of_the_machine(latentia, monkeypatch):
    from latentia.command import doctor

    monkeypatch.setattr(doctor, "_writable", lambda folder: False)
    said = latentia("doctor")
    assert said.code == 5
    assert "cannot be written: run from another folder" in said.out
    assert "all is well" not in said.out
