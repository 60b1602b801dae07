"""Take one file out of a zip archive."""

import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from hitcast.errors import SourceError
from hitcast.sources.kaggle.parts import require_room
from hitcast.sources.kaggle.refusals import WITHOUT_KAGGLE, megabytes

CHUNK = 1 << 20


def wrapped_member(body: Path, file: str) -> str | None:
    """The name under which `file` is zipped in `body`, or None if `body` is the file itself.

    Kaggle sends large files zipped, one by one (pull request 1184 of Kaggle/kaggle-cli). A format
    that is a zip by nature, such as xlsx, holds no file of its own name.
    """
    if not zipfile.is_zipfile(body):
        return None
    try:
        with zipfile.ZipFile(body) as bundle:
            names = bundle.namelist()
    except zipfile.BadZipFile:
        return file  # Unzipping it will say what is wrong.
    wanted = PurePosixPath(file).name
    return next((name for name in names if PurePosixPath(name).name == wanted), None)


def unzip(archive: Path, file: str, part: Path) -> None:
    """Unzip `file`, and nothing else, to `part`; zipfile checks its length and checksum.

    Raises:
        SourceError: if the archive is none, is damaged or has no such file.
        OSError: if the disk can't take it.
    """
    try:
        with zipfile.ZipFile(archive) as bundle:
            names = [name for name in bundle.namelist() if not name.endswith("/")]
            if file not in names:
                raise SourceError(
                    f"The Kaggle dataset should hold {file}; its archive has {names[:10]}"
                    f"{' and more' if len(names) > 10 else ''}. Name one of them in conf/."
                )
            require_room(part.parent, bundle.getinfo(file).file_size)
            with bundle.open(file) as member, part.open("wb") as out:
                shutil.copyfileobj(member, out, CHUNK)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(
            f"Kaggle should have sent a zip archive; the {megabytes(archive.stat().st_size)} that "
            f"came can't be unzipped ({error}). Run it again, or go {WITHOUT_KAGGLE}"
        ) from error
