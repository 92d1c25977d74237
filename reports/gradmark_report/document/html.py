"""A document as a page of HTML that works offline. The template escapes everything; scripts are named to the browser by
their hashes, so that nothing else can run, whatever a result file holds."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from gradmark_report import __version__
from gradmark_report.document import Block, Document
from gradmark_report.plots import theme
from gradmark_report.plots.plot import Cell, Column, Plot
from gradmark_report.plots.static import VEGA_LITE

FOLDER = Path(__file__).parent


@cache
def _bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed in one script; of them the page sees vegaEmbed alone."""
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE)
    return bundle.replace("</script", "<\\/script")


def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _compiled(spec: Mapping[str, Any]) -> dict[str, Any]:
    """As Vega, so that the browser has less to do and what cannot be drawn is found here. The records are left out of
    the compiler's way, and come back as columns: {"name": ..., "columns": [...], "rows": [[...], ...]}."""
    datasets = spec.get("datasets", {})
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(
        {**spec, "datasets": {name: [] for name in datasets}}, vl_version=VEGA_LITE
    )
    for source in compiled["data"]:
        if source["name"] in datasets:
            del source["values"]
            records = datasets[source["name"]]
            source["columns"] = list(dict.fromkeys(key for record in records for key in record))
            source["rows"] = [[record.get(column) for column in source["columns"]] for record in records]
    return compiled


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _cell_attributes(column: Column, cell: Cell) -> Markup:
    classes = [name for name, there in (("n", column.number), ("c", column.code), ("w", len(cell.text) > 60)) if there]
    if cell.mark:
        classes.append(cell.mark)
    attributes = f' class="{escape(" ".join(classes))}"' if classes else ""
    if cell.sort is not None and str(cell.sort) != cell.text:
        sort = f"{cell.sort:.6g}" if isinstance(cell.sort, float) else str(cell.sort)
        attributes += f' data-s="{escape(sort)}"'
    return Markup(attributes)


def _image(kind: str, image: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


def _chart(plot: Plot) -> Markup:
    options = {control.param: [value for value, _ in control.options] for control in plot.controls}
    made = {"spec": _compiled(plot.spec()), "options": options}
    # It cannot end the script element that it stands in.
    return htmlsafe_json_dumps(made, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def render(document: Document) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.globals.update(cell_attributes=_cell_attributes, image=_image, chart=_chart)
    macros, number = environment.get_template("blocks.html").module, count(1)

    def block(shown: Block, section: str) -> Markup:
        """By the macro that is called like its type, with an id of its own."""
        return Markup(getattr(macros, type(shown).__name__.lower())(shown, f"block-{next(number)}", section))

    drawn = any(isinstance(one, Plot) and one.chart for section in document.sections for one in section.blocks)
    script, bundle = _file("page.js"), _bundle() if drawn else ""
    scripts = " ".join(_hash(one) for one in (script, bundle) if one)
    policy = f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:"
    policy += "; base-uri 'none'; form-action 'none'"
    return environment.get_template("page.html").render(
        page=document,
        policy=policy,
        version=__version__,
        css=Markup(theme.css() + _file("page.css")),
        script=Markup(script),
        bundle=Markup(bundle),
        block=block,
    )
