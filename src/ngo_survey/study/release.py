"""Whether results of a study may be released at all."""

from __future__ import annotations

from ngo_survey.study.study import Study


def check_release(study: Study) -> None:
    """Refuse a release of what is not protected: for whatever hands results to others.

    Raises
    ------
    ConfigError: disclosure control is off, or the preset is for those who may see the answers.
    """
    if study.unprotected:
        key = "off" if study.unprotected == "off" else "preset"
        raise study.mistake(
            "results that are not protected cannot be released",
            f"disclosure.{key}",
            study.section("disclosure")[key],
            "write disclosure: public, or small study, and build again",
        )
