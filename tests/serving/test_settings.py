from pathlib import Path

import pytest

from tests.serving.conftest import settings_of


def test_a_key_from_a_file_does_not_end_with_its_newline() -> None:
    key = settings_of(admin_key="secret\n").admin_key
    assert key is not None
    assert key.get_secret_value() == "secret"
    assert settings_of(admin_key=" \n").admin_key is None


@pytest.mark.parametrize("name", ["api_keys", "version_keys"])
def test_keys_that_are_none_open_nothing_in_silence(name: str) -> None:
    assert getattr(settings_of(**{name: ""}), name) == ()
    with pytest.raises(ValueError, match="expected values with commas between them, got none"):
        settings_of(**{name: " , "})


def test_versions_of_another_registry_have_a_cache_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    own = settings_of(home=tmp_path).cache_folder
    assert own == tmp_path / "model_cache/spotify"
    here = settings_of(home=tmp_path, tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    assert here.cache_folder == own
    others = {
        settings_of(home=tmp_path, tracking_uri=uri).cache_folder
        for uri in ("http://127.0.0.1:5000", "http://127.0.0.1:5001")
    }
    assert len({own, *others}) == 3
