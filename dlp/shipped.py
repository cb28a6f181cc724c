"""Where the files that come with the program lie: the example configuration, patterns, models.

Takes a name as it stands in the source tree; gives its path, in the installed package (dlp/data) or, for a source
checkout, beside the package. A file that is in neither place is a broken installation: ConfigError.
"""

from __future__ import annotations

from pathlib import Path

from dlp.errors import ConfigError

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The path of a shipped file or folder, such as "patterns" or "config.example.toml"."""
    for place in (_PACKAGE / "data" / name, _PACKAGE.parent / name):
        if place.exists():
            return place
    raise ConfigError(f"{name} is missing from this installation", remedy="install campus-dlp again")
