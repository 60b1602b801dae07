"""Kaggle's real client, against a server on 127.0.0.1."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitcast.errors import SourceError
from hitcast.sources.kaggle import download
from tests.sources.kaggle_server import DATASET, KEY, TOKEN, USER, KaggleServer, noise, zipped

CSV = b"track_id,tempo\na,120.5\nb,98\n" * 5000


@pytest.fixture
def server() -> Iterator[KaggleServer]:
    with KaggleServer(zipped(tracks__csv=CSV, readme__md=b"hello")) as running:
        yield running


@pytest.fixture(autouse=True)
def fresh_client(
    server: KaggleServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A home of its own, no credentials, and a client that was not imported before."""
    for name in os.environ:
        if name.upper().startswith("KAGGLE_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    (home / ".kaggle").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
    monkeypatch.setenv("HTTP_PROXY", server.url)
    _forget_the_client()
    yield
    _forget_the_client()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_USERNAME", USER)
    monkeypatch.setenv("KAGGLE_KEY", KEY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sources"


def _forget_the_client() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "kaggle"]:
        del sys.modules[name]


def _failure(folder: Path, file: str = "tracks.csv", dataset: str = DATASET) -> str:
    """Download in vain, see that nothing is left, and return the error's one line."""
    with pytest.raises(SourceError) as caught:
        download(dataset, file, folder, patience=0.5)
    assert list(folder.iterdir()) == []
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.usefixtures("key")
def test_the_file_is_downloaded_and_unzipped_alone(folder: Path) -> None:
    path = download(DATASET, "tracks.csv", folder)
    assert path == folder / "tracks.csv"
    assert path.read_bytes() == CSV
    assert list(folder.iterdir()) == [path]


@pytest.mark.usefixtures("key")
def test_the_bar_with_the_time_left_is_on_stderr_and_stdout_stays_clean(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    download(DATASET, "tracks.csv", folder)
    out, err = capfd.readouterr()
    assert out == ""
    assert re.search(rf"{DATASET}: 100%.*\[\d\d:\d\d<\d\d:\d\d, .*B/s\]", err)


@pytest.mark.usefixtures("key")
def test_what_the_client_prints_goes_to_stderr(
    server: KaggleServer, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.newest_client = "999.0"
    download(DATASET, "tracks.csv", folder)
    out, err = capfd.readouterr()
    assert out == ""
    assert "outdated `kaggle` version" in err


@pytest.mark.usefixtures("key")
def test_without_progress_nothing_is_printed(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    download(DATASET, "tracks.csv", folder, progress=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("key")
def test_a_verbose_environment_does_not_print_the_key(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VERBOSE", "1")
    download(DATASET, "tracks.csv", folder)
    assert "Authorization" not in "".join(capfd.readouterr())


@pytest.mark.usefixtures("key")
def test_a_file_already_there_is_replaced_by_the_new_version(
    server: KaggleServer, folder: Path
) -> None:
    download(DATASET, "tracks.csv", folder)
    server.archive = zipped(tracks__csv=b"the second version")
    assert download(DATASET, "tracks.csv", folder).read_bytes() == b"the second version"


def test_a_key_in_kaggle_json_is_enough(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "home" / ".kaggle" / "kaggle.json"
    path.write_text(f'{{"username": "{USER}", "key": "{KEY}"}}')
    path.chmod(0o600)
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV


def test_a_token_in_the_environment_is_enough(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV


def test_a_token_file_is_enough(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "home" / ".kaggle" / "access_token").write_text(f"{TOKEN}\n")
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV


def test_missing_credentials_say_how_to_get_a_key_and_how_to_do_without(
    server: KaggleServer, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    message = _failure(folder)
    assert "found neither" in message
    for part in ("Settings -> API", "~/.kaggle/kaggle.json", "chmod 600", "KAGGLE_USERNAME"):
        assert part in message
    for part in ("KAGGLE_KEY", "KAGGLE_API_TOKEN", "--csv PATH", "--twin ROWS"):
        assert part in message
    assert server.paths == []
    assert capfd.readouterr() == ("", "")


def test_half_a_key_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_USERNAME", USER)
    assert "found KAGGLE_USERNAME." in _failure(folder)


def test_an_unreadable_kaggle_json_is_named(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "home" / ".kaggle" / "kaggle.json"
    path.write_text('{"username": "some')
    path.chmod(0o600)
    assert f"found {path} (which lacks a readable username or key)" in _failure(folder)


def test_a_wrong_key_is_refused_and_not_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_USERNAME", USER)
    monkeypatch.setenv("KAGGLE_KEY", "secret-but-wrong")
    message = _failure(folder)
    assert "refused the credentials (401)" in message
    assert "Settings -> API" in message
    assert "secret-but-wrong" not in message


@pytest.mark.parametrize("token", ["KGAT_secret_wrong", "secret_with\na_break", "secret_\u2013"])
def test_a_wrong_token_is_refused_and_not_repeated(
    token: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", token)
    message = _failure(folder)
    assert re.match("Kaggle refused the token in KAGGLE_API_TOKEN|The Kaggle credentials", message)
    assert "Settings -> API" in message
    assert "secret" not in message


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("status", "expected"),
    [(403, "private or unknown"), (429, "As the test says"), (500, "Run it again later")],
)
def test_an_answer_other_than_the_archive_is_named(
    status: int, expected: str, server: KaggleServer, folder: Path
) -> None:
    server.status = status
    message = _failure(folder)
    assert str(status) in message
    assert expected in message


@pytest.mark.usefixtures("key")
def test_a_refusal_by_the_storage_does_not_quote_its_signed_address(
    server: KaggleServer, folder: Path
) -> None:
    server.storage_status = 403
    message = _failure(folder)
    assert "403" in message
    assert "signature" not in message


@pytest.mark.usefixtures("key")
def test_an_unknown_dataset_is_named(folder: Path) -> None:
    message = _failure(folder, dataset="someone/else")
    assert message.startswith("Kaggle has no dataset someone/else (404).")


def test_a_dataset_without_an_owner_is_refused_before_the_network(
    server: KaggleServer, folder: Path
) -> None:
    with pytest.raises(SourceError, match=r"owner/name; got 'tracks'"):
        download("tracks", "tracks.csv", folder)
    assert server.paths == []


@pytest.mark.usefixtures("key")
def test_a_file_not_in_the_archive_gets_the_list_of_those_that_are(folder: Path) -> None:
    message = _failure(folder, file="songs.csv")
    assert "should hold songs.csv; its archive has ['tracks.csv', 'readme.md']" in message


@pytest.mark.usefixtures("key")
def test_a_file_cannot_leave_the_folder(server: KaggleServer, folder: Path) -> None:
    server.archive = zipped(**{"../../escaped__csv": CSV})
    path = download(DATASET, "../../escaped.csv", folder)
    assert path == folder / "escaped.csv"
    assert path.read_bytes() == CSV
    assert list(folder.parent.rglob("escaped.csv")) == [path]


@pytest.mark.usefixtures("key")
def test_a_download_cut_off_once_starts_over(
    server: KaggleServer, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.cut_offs = 1
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV
    assert server.downloads == 2
    assert "starting over" in capfd.readouterr().err


@pytest.mark.usefixtures("key")
def test_a_download_always_cut_off_fails_and_a_rerun_succeeds(
    server: KaggleServer, folder: Path
) -> None:
    server.cut_offs = 3
    assert "was cut off 3 times" in _failure(folder)
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV


@pytest.mark.usefixtures("key")
def test_a_server_that_falls_silent_is_not_waited_on_forever(
    server: KaggleServer, folder: Path
) -> None:
    server.cut_offs, server.stall_seconds = 1, 20.0
    start = time.monotonic()
    assert download(DATASET, "tracks.csv", folder, patience=0.5).read_bytes() == CSV
    assert time.monotonic() - start < 15
    assert server.downloads == 2


@pytest.mark.usefixtures("key")
def test_a_failed_download_leaves_the_older_file_as_it_was(
    server: KaggleServer, folder: Path
) -> None:
    path = download(DATASET, "tracks.csv", folder)
    server.archive = b"<html>Down for maintenance</html>"
    with pytest.raises(SourceError):
        download(DATASET, "tracks.csv", folder)
    assert path.read_bytes() == CSV
    assert list(folder.iterdir()) == [path]


@pytest.mark.usefixtures("key")
def test_control_c_in_the_middle_leaves_nothing(server: KaggleServer, folder: Path) -> None:
    main = threading.main_thread().ident
    assert main is not None
    server.archive = zipped(tracks__csv=noise(8 << 20))
    server.cut_offs, server.stall_seconds = 1, 1.0
    server.halfway = lambda: signal.pthread_kill(main, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        download(DATASET, "tracks.csv", folder)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("key")
def test_an_answer_that_is_no_zip_is_refused(server: KaggleServer, folder: Path) -> None:
    server.archive = b"<html>Down for maintenance</html>"
    assert "should have sent a zip archive; the 0.0 MB that came" in _failure(folder)


@pytest.mark.usefixtures("key")
def test_a_damaged_archive_is_refused(server: KaggleServer, folder: Path) -> None:
    whole = zipped(tracks__csv=noise(1 << 20))
    server.archive = whole[:5000] + b"damaged" + whole[5007:]
    assert "can't be unzipped (Bad CRC-32 for file 'tracks.csv')" in _failure(folder)


@pytest.mark.usefixtures("key")
def test_an_archive_larger_than_the_free_space_is_not_begun(
    server: KaggleServer, folder: Path
) -> None:
    server.announced = 10**18
    message = _failure(folder)
    assert "No room for the download" in message
    assert "1,000,000,000,000.0 MB to write" in message


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("content", [noise(1 << 20), bytes(1 << 20)], ids=["download", "unzip"])
def test_a_disk_that_takes_no_more_is_named_and_a_rerun_succeeds(
    content: bytes, server: KaggleServer, folder: Path
) -> None:
    """The limit on file sizes stops the real write, on any machine and without root."""
    server.archive = zipped(tracks__csv=content)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, hard))
    try:
        assert "No room for the download" in _failure(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert download(DATASET, "tracks.csv", folder).read_bytes() == content


@pytest.mark.usefixtures("key")
def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="Can't write the download to"):
        download(DATASET, "tracks.csv", tmp_path / "file")


@pytest.mark.usefixtures("key")
def test_a_server_that_is_not_there_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with KaggleServer(b"") as stopped:
        monkeypatch.setenv("HTTP_PROXY", stopped.url)
    assert _failure(folder).startswith("Kaggle can't be reached (")


@pytest.mark.usefixtures("key")
def test_a_client_that_does_not_start_is_named(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken" / "kaggle"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("import a_package_that_is_not_installed")
    monkeypatch.syspath_prepend(str(broken.parent))
    assert "No module named 'a_package_that_is_not_installed'" in _failure(folder)
