import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import browser as browsers
import jsonschema_rs
import pytest
from altair.vegalite.v6 import schema as vega_lite
from gradmark_report.plots.plot import Plot


@pytest.fixture(scope="session")
def browser() -> Iterator[browsers.Browser]:
    if browsers.CHROMIUM is None or browsers.DRIVER is None:
        pytest.skip("there is no Chromium with its driver here (Debian's packages chromium, chromium-driver)")
    with browsers.browser() as one:
        yield one


def _with_quoted_references(schema: dict[str, Any]) -> dict[str, Any]:
    """Names of Vega-Lite's types have signs that no address may have."""
    return {
        name: quote(value, safe="#/") if name == "$ref" and isinstance(value, str) else value
        for name, value in schema.items()
    }


@pytest.fixture(scope="session", autouse=True)
def every_chart_keeps_to_vega_lites_schema() -> Iterator[None]:
    """Whichever test makes it: gradmark-report itself leaves this check out."""
    file = Path(vega_lite.__file__).parent / "vega-lite-schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"), object_hook=_with_quoted_references)
    validator = jsonschema_rs.Draft7Validator(schema)
    made = Plot.spec

    def checked(plot: Plot, *arguments: Any, **keywords: Any) -> dict[str, Any]:
        spec = made(plot, *arguments, **keywords)
        # Colours of the theme are variables of the page's style, which the schema knows nothing of.
        validator.validate({name: value for name, value in spec.items() if name != "config"})
        return spec

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Plot, "spec", checked)
        yield
