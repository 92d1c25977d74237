from collections.abc import Iterator

import browser as browsers
import pytest


@pytest.fixture(scope="session")
def browser() -> Iterator[browsers.Browser]:
    if browsers.CHROMIUM is None or browsers.DRIVER is None:
        pytest.skip("there is no Chromium with its driver here (Debian's packages chromium, chromium-driver)")
    with browsers.browser() as one:
        yield one
