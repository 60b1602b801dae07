"""Kaggle's real client, against a server on 127.0.0.1."""

from __future__ import annotations

import fcntl
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hitcast.errors import SourceError
from hitcast.sources.kaggle import fetch, parts, sign_in
from hitcast.sources.kaggle.download import download
from tests.sources.kaggle_server import (
    DATASET,
    DOWNLOAD,
    INTROSPECT,
    KEY,
    STORAGE,
    TOKEN,
    USER,
    WAYS,
    KaggleServer,
    noise,
    zipped,
)

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
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
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


def _noise(server: KaggleServer, gives: str) -> bytes:
    """Let the server give a file that is worth going on with, and return its content."""
    content = noise(1 << 20)
    server.gives, server.archive = gives, zipped(tracks__csv=content)
    return content


def _went_on(server: KaggleServer) -> bool:
    """Whether two bodies were read: a whole one, and the rest of it from near its middle."""
    (first, whole), (second, rest) = server.bodies
    assert first == second
    assert whole == ""
    size = len(server.body(first) or b"")
    return bool(rest) and size / 2 - (1 << 16) <= int(rest[6:-1]) <= size / 2


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_the_file_is_downloaded_and_unzipped_alone(
    gives: str, server: KaggleServer, folder: Path
) -> None:
    server.gives = gives
    path = download(DATASET, "tracks.csv", folder)
    assert path == folder / "tracks.csv"
    assert path.read_bytes() == CSV
    assert list(folder.iterdir()) == [path]


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", ["file", "zipped"])
def test_a_file_that_kaggle_gives_alone_comes_without_the_archive(
    gives: str, server: KaggleServer, folder: Path
) -> None:
    server.gives = gives
    download(DATASET, "tracks.csv", folder)
    assert server.bodies == [("tracks.csv", "")]
    assert f"{STORAGE}archive.zip" not in server.paths


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_a_file_in_a_folder_of_the_dataset_is_found(
    gives: str, server: KaggleServer, folder: Path
) -> None:
    server.gives, server.archive = gives, zipped(**{"data/tracks__csv": CSV, "tracks__csv": b""})
    path = download(DATASET, "data/tracks.csv", folder)
    assert path == folder / "tracks.csv"
    assert path.read_bytes() == CSV


@pytest.mark.usefixtures("key")
def test_a_format_that_is_a_zip_by_nature_is_left_as_it_is(
    server: KaggleServer, folder: Path
) -> None:
    book = zipped(**{"xl/workbook__xml": b"<workbook/>"})
    server.archive = zipped(tracks__xlsx=book)
    assert download(DATASET, "tracks.xlsx", folder).read_bytes() == book


@pytest.mark.usefixtures("key")
def test_a_file_that_kaggle_does_not_give_alone_comes_out_of_the_archive(
    server: KaggleServer, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.gives = "archive"
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV
    assert server.bodies == [("archive.zip", "")]
    assert "does not give tracks.csv alone; taking the whole archive" in capfd.readouterr().err


@pytest.mark.usefixtures("key")
def test_the_bar_with_the_time_left_is_on_stderr_and_stdout_stays_clean(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    download(DATASET, "tracks.csv", folder)
    out, err = capfd.readouterr()
    assert out == ""
    assert f"{DATASET}: tracks.csv, 0.1 MB" in err
    assert re.search(r"100%.*\[\d\d:\d\d<\d\d:\d\d, .*B/s\]", err)


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
@pytest.mark.parametrize("gives", WAYS)
def test_a_download_cut_off_once_goes_on_where_it_ended(
    gives: str, server: KaggleServer, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content, server.cut_offs = _noise(server, gives), 1
    path = download(DATASET, "tracks.csv", folder)
    assert path.read_bytes() == content
    assert _went_on(server)
    assert list(folder.iterdir()) == [path]
    err = capfd.readouterr().err
    assert re.search(r"was cut off after 0\.5 of 1\.0 MB; going on from there", err)
    assert "signature" not in err


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_a_download_that_cannot_be_continued_starts_over_when_it_is_cut_off(
    gives: str, server: KaggleServer, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.gives, server.resumable, server.cut_offs = gives, False, 1
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV
    assert [span for _, span in server.bodies] == ["", ""]
    assert "starting over" in capfd.readouterr().err


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_a_download_always_cut_off_fails_and_a_rerun_succeeds(
    gives: str, server: KaggleServer, folder: Path
) -> None:
    server.gives, server.resumable, server.cut_offs = gives, False, 3
    assert "was cut off 3 times" in _failure(folder)
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_a_rerun_goes_on_where_the_last_one_gave_up(
    gives: str, server: KaggleServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "ATTEMPTS", 1)
    content, server.cut_offs = _noise(server, gives), 1
    with pytest.raises(SourceError, match="run it again: it goes on from there"):
        download(DATASET, "tracks.csv", folder)
    assert not (folder / "tracks.csv").exists()
    assert download(DATASET, "tracks.csv", folder).read_bytes() == content
    assert _went_on(server)
    assert list(folder.iterdir()) == [folder / "tracks.csv"]


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("outage", [503, None], ids=["answered", "silent"])
def test_an_outage_after_the_cut_is_waited_for(
    outage: int | None, server: KaggleServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, server.cut_offs = _noise(server, "file"), 1
    pauses: list[float] = []

    def strike() -> None:
        server.status, server.silent = outage, set() if outage else {DOWNLOAD}

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:  # After the attempt that found nobody.
            server.status, server.silent = None, set()

    server.halfway = strike
    # The download's own clock alone: other threads sleep by the real one.
    monkeypatch.setattr(fetch, "time", SimpleNamespace(sleep=pause))
    download(DATASET, "tracks.csv", folder, patience=0.5)
    assert (folder / "tracks.csv").read_bytes() == content
    assert _went_on(server)
    assert len(pauses) == 2


@pytest.mark.usefixtures("key")
def test_a_refusal_in_between_leaves_what_had_come(
    server: KaggleServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "ATTEMPTS", 1)
    content, server.cut_offs = _noise(server, "file"), 1
    for server.status in (None, 429):
        with pytest.raises(SourceError):
            download(DATASET, "tracks.csv", folder)
    server.status = None
    assert download(DATASET, "tracks.csv", folder).read_bytes() == content
    assert _went_on(server)


@pytest.mark.usefixtures("key")
def test_a_download_that_was_killed_is_continued_by_the_next_run(
    server: KaggleServer, folder: Path
) -> None:
    content, server.cut_offs, server.stall_seconds = _noise(server, "file"), 1, 60.0
    call = f"download({DATASET!r}, 'tracks.csv', Path({str(folder)!r}))"
    code = f"from pathlib import Path; from {download.__module__} import download; {call}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as running:
        while not any(path.stat().st_size > 400_000 for path in folder.rglob("*.file")):
            assert running.poll() is None
            time.sleep(0.02)
        running.kill()
    assert not (folder / "tracks.csv").exists()
    assert download(DATASET, "tracks.csv", folder).read_bytes() == content
    assert _went_on(server)
    assert list(folder.iterdir()) == [folder / "tracks.csv"]


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_another_version_of_the_dataset_starts_over(
    gives: str, server: KaggleServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "ATTEMPTS", 1)
    _noise(server, gives)
    server.cut_offs = 1
    with pytest.raises(SourceError):
        download(DATASET, "tracks.csv", folder)
    content = _noise(server, gives)  # Of the same length.
    assert download(DATASET, "tracks.csv", folder).read_bytes() == content


@pytest.mark.usefixtures("key")
def test_a_new_version_between_two_attempts_starts_over(server: KaggleServer, folder: Path) -> None:
    server.archive = zipped(tracks__csv=noise(1 << 20))
    server.cut_offs, second = 1, noise((1 << 20) + 77)
    server.halfway = lambda: setattr(server, "archive", zipped(tracks__csv=second))
    assert download(DATASET, "tracks.csv", folder).read_bytes() == second


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "cut off"])
def test_an_error_sent_in_place_of_the_rest_is_not_taken_for_the_file(
    whole: bool, server: KaggleServer, folder: Path
) -> None:
    """Without the storage's checksum too: it has none for what was put together from parts."""
    content, server.checksum = _noise(server, "file"), ""
    server.cut_offs, server.range_failures, server.failure_is_whole = 1, 1, whole
    assert download(DATASET, "tracks.csv", folder).read_bytes() == content
    assert server.range_failures == 0
    assert [span for _, span in server.bodies] == ["", ""]


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_what_arrives_damaged_is_fetched_again_and_then_refused(
    gives: str, server: KaggleServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "ATTEMPTS", 2)
    server.gives, server.checksum = gives, "AAAAAAAAAAAAAAAAAAAAAA=="
    message = _failure(folder)
    assert "arrived damaged 2 times, last (MD5 " in message
    assert "Kaggle says AAAAAAAAAAAAAAAAAAAAAA==" in message
    assert server.downloads == 2


@pytest.mark.usefixtures("key")
def test_a_checksum_of_what_is_stored_compressed_is_not_compared(
    server: KaggleServer, folder: Path
) -> None:
    server.stored_as, server.checksum = "gzip", "AAAAAAAAAAAAAAAAAAAAAA=="
    assert download(DATASET, "tracks.csv", folder).read_bytes() == CSV


@pytest.mark.usefixtures("key")
def test_two_downloads_to_one_folder_do_not_disturb_each_other(
    server: KaggleServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "ATTEMPTS", 1)
    content, server.cut_offs = _noise(server, "file"), 1
    with pytest.raises(SourceError):
        download(DATASET, "tracks.csv", folder)
    (part,) = folder.rglob("*.file")
    before = part.read_bytes()
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    server.half_sent = False
    assert download(DATASET, "tracks.csv", folder).read_bytes() == content
    os.close(held)
    assert part.read_bytes() == before
    assert [span for _, span in server.bodies] == ["", ""]


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_on_a_volume_the_download_grows_on_a_local_disk(
    gives: str,
    server: KaggleServer,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A volume can't be appended to; /dev/shm is another file system, as the local disk there."""
    content, server.cut_offs = _noise(server, gives), 1
    monkeypatch.setattr(parts, "VOLUMES", tmp_path)
    seen: list[Path] = []
    with tempfile.TemporaryDirectory(dir="/dev/shm") as disk:
        monkeypatch.setattr(tempfile, "tempdir", disk)
        server.halfway = lambda: seen.extend(folder.iterdir())
        path = download(DATASET, "tracks.csv", folder)
        assert list(Path(disk).iterdir()) == []
    assert seen == []
    assert path.read_bytes() == content
    assert list(folder.iterdir()) == [path]
    assert _went_on(server)


@pytest.mark.usefixtures("key")
def test_on_a_volume_nothing_stays_of_a_download_given_up(
    server: KaggleServer, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "VOLUMES", tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server.archive, server.cut_offs = zipped(tracks__csv=noise(1 << 20)), 9
    before = set(tmp_path.iterdir())
    assert "run it again: it starts over" in _failure(folder)
    assert set(tmp_path.iterdir()) == before | {folder}


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_a_server_that_falls_silent_is_not_waited_on_forever(
    gives: str, server: KaggleServer, folder: Path
) -> None:
    server.gives, server.cut_offs, server.stall_seconds = gives, 1, 60.0
    assert download(DATASET, "tracks.csv", folder, patience=0.5).read_bytes() == CSV
    assert server.downloads == 2
    assert server.outlasted == 0


@pytest.mark.usefixtures("key")
def test_a_kaggle_that_does_not_answer_at_all_is_named(server: KaggleServer, folder: Path) -> None:
    server.silent = {DOWNLOAD}
    assert _failure(folder).startswith("Kaggle can't be reached (ReadTimeout).")


def test_a_sign_in_that_is_not_answered_is_named(
    server: KaggleServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
    monkeypatch.setattr(sign_in, "SECONDS_TO_IMPORT", 0.0)
    server.silent = {INTROSPECT}
    assert _failure(folder).startswith("Kaggle can't be reached (ReadTimeout).")


@pytest.mark.usefixtures("key")
def test_a_failed_download_leaves_the_older_file_as_it_was(
    server: KaggleServer, folder: Path
) -> None:
    path = download(DATASET, "tracks.csv", folder)
    server.gives, server.archive = "archive", b"<html>Down for maintenance</html>"
    with pytest.raises(SourceError):
        download(DATASET, "tracks.csv", folder)
    assert path.read_bytes() == CSV
    assert list(folder.iterdir()) == [path]


def _interrupted(server: KaggleServer, folder: Path) -> None:
    """Download, and press Control-C when half of it has come."""
    main = threading.main_thread().ident
    assert main is not None
    server.cut_offs, server.stall_seconds = 1, 1.0
    server.halfway = lambda: signal.pthread_kill(main, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        download(DATASET, "tracks.csv", folder)
    server.halfway = None


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_control_c_in_the_middle_leaves_nothing_that_cannot_be_continued(
    gives: str, server: KaggleServer, folder: Path
) -> None:
    server.gives, server.archive = gives, zipped(tracks__csv=noise(8 << 20))
    server.resumable = False
    _interrupted(server, folder)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("key")
def test_after_control_c_the_next_run_goes_on(server: KaggleServer, folder: Path) -> None:
    content = noise(8 << 20)
    server.archive = zipped(tracks__csv=content)
    _interrupted(server, folder)
    assert not (folder / "tracks.csv").exists()
    path = download(DATASET, "tracks.csv", folder)
    assert path.read_bytes() == content
    assert server.bodies[1][1].startswith("bytes=")
    assert list(folder.iterdir()) == [path]


@pytest.mark.usefixtures("key")
def test_an_answer_that_is_no_zip_is_refused(server: KaggleServer, folder: Path) -> None:
    server.gives, server.archive = "archive", b"<html>Down for maintenance</html>"
    assert "should have sent a zip archive; the 0.0 MB that came" in _failure(folder)


@pytest.mark.usefixtures("key")
def test_a_web_page_in_place_of_the_file_is_refused(server: KaggleServer, folder: Path) -> None:
    server.archive = zipped(tracks__csv=b"\n<!DOCTYPE html><title>Down for maintenance</title>")
    assert "should have sent tracks.csv; a web page came" in _failure(folder)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", ["zipped", "archive"])
def test_a_damaged_archive_is_refused(gives: str, server: KaggleServer, folder: Path) -> None:
    whole = zipped(tracks__csv=noise(1 << 20))
    damaged = whole[:5000] + b"damaged" + whole[5007:]
    if gives == "archive":
        server.gives, server.archive = gives, damaged
    else:
        server.archive = zipped(tracks__csv=damaged)
    assert "can't be unzipped (Bad CRC-32 for file 'tracks.csv')" in _failure(folder)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("gives", WAYS)
def test_an_archive_larger_than_the_free_space_is_not_begun(
    gives: str, server: KaggleServer, folder: Path
) -> None:
    server.gives, server.announced = gives, 10**18
    message = _failure(folder)
    assert "No room for the download" in message
    assert "1,000,000,000,000.0 MB to write" in message


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("content", [noise(1 << 20), bytes(1 << 20)], ids=["download", "unzip"])
@pytest.mark.parametrize("gives", WAYS)
def test_a_disk_that_takes_no_more_is_named_and_a_rerun_succeeds(
    gives: str, content: bytes, server: KaggleServer, folder: Path
) -> None:
    """The limit on file sizes stops the real write, on any machine and without root."""
    server.gives, server.archive = gives, zipped(tracks__csv=content)
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
