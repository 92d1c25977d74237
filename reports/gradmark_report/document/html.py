"""A document as a page of HTML that works offline. The template escapes everything; scripts are named to the browser by
their hashes, so that nothing else can run, whatever a result file holds."""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup, escape

from gradmark_report import __version__
from gradmark_report.document.blocks import Answer, Block, Document, Facts, Gallery, Listing, Picture, Text
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


def _json(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


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


def _data(kind: str, image: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


class _Blocks:
    """Renders blocks one after the other, each plot and table with an id of its own."""

    def __init__(self, macros: Any) -> None:
        self.macros, self.count, self.drawn = macros, 0, False

    def render(self, block: Block, section: str) -> Markup:
        self.count += 1
        id_ = f"block-{self.count}"
        if isinstance(block, Text):
            return Markup(self.macros.text(block))
        if isinstance(block, Answer):
            return Markup(self.macros.answer(block))
        if isinstance(block, Facts):
            return Markup(self.macros.facts(block))
        if isinstance(block, Listing):
            return Markup(self.macros.listing(block, id_))
        if isinstance(block, Picture):
            return Markup(self.macros.picture(block, _data("svg+xml", block.svg)))
        if isinstance(block, Gallery):
            return Markup(self.macros.gallery(block, [_data("png", item.png) for item in block.items]))
        return self._plot(block, section)

    def _plot(self, plot: Plot, section: str) -> Markup:
        if plot.chart is None:
            return Markup(self.macros.plot(plot, f"plot-{plot.name}", None, section))
        self.drawn = True
        options = {control.param: [value for value, _ in control.options] for control in plot.controls}
        data = _json({"spec": _compiled(plot.spec()), "options": options})
        return Markup(self.macros.plot(plot, f"plot-{plot.name}", data, section))


def render(document: Document) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.globals["cell_attributes"] = _cell_attributes
    blocks = _Blocks(environment.get_template("blocks.html").module)
    rendered = {
        id(block): blocks.render(block, section.title) for section in document.sections for block in section.blocks
    }
    script, bundle = _file("page.js"), _bundle() if blocks.drawn else ""
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
        drawn=blocks.drawn,
        render_block=lambda block: rendered[id(block)],
    )
