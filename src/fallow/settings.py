"""One settings class; every setting can be given as an environment variable with the prefix ``FALLOW_``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one process. The register's own settings live in the register, under its acts."""

    model_config = SettingsConfigDict(env_prefix="FALLOW_", extra="ignore")

    register_path: Path | None = Field(
        None,
        validation_alias="FALLOW_REGISTER",
        description="The register file that commands use when none is named.",
    )
    user: str | None = Field(None, description="Who you are; every act names a person.")
    role: str | None = Field(None, description="The role you act in: enter, review, approve, read, steward.")
    organisation: str | None = Field(None, description="The organisation you act for.")
    lang: str = Field("en", description="Language of messages and documents: en or uk.")
    keys: Path = Field(
        Path.home() / ".config" / "fallow" / "keys",
        description="Folder of the keys that stay outside register files: instance keys and personal keys.",
    )
    max_file_bytes: int = Field(4 * 1024**3, description="Largest input file that is read, in bytes.")
    max_line_bytes: int = Field(64 * 1024**2, description="Longest line of a text file that is read, in bytes.")
    max_rows: int = Field(5_000_000, description="Most rows that one import takes.")


@cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()  # type: ignore[call-arg]  # every setting has a default; one is named by an alias
