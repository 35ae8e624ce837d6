"""Native charts: stacked bars over the cells of a table, readable in grey, with alternative text."""

import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from openpyxl.chart import BarChart, Reference
from openpyxl.chart import Series as BookSeries
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout as PlotLayout
from openpyxl.chart.layout import ManualLayout
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.fill import ColorChoice, PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
)
from openpyxl.worksheet.worksheet import Worksheet

from web.spreadsheets.pages import Written
from web.spreadsheets.sheets import INK, Chart, Layout, Page, Series
from web.spreadsheets.styles import FONT
from web.spreadsheets.text import clean

WITHOUT_ZEROS = "0;;;"
LINKED = f'formatCode="{WITHOUT_ZEROS}"'.encode()
NOT_LINKED = LINKED + b' sourceLinked="0"'  # without it, some programs take the cells' format
CHART_NAME = re.compile(r'name="Chart (\d+)"')


def add_charts(page: Worksheet, sheet: Page, written: Sequence[Written]) -> None:
    if isinstance(sheet, Layout):
        by_name = {one.table: one for one in written}
        for chart in sheet.charts:
            page.add_chart(_chart(page, chart, by_name[chart.table]), chart.at)


def _chart(page: Worksheet, chart: Chart, table: Written) -> BarChart:
    made = BarChart()
    made.type, made.grouping, made.overlap, made.gapWidth = (
        "bar" if chart.lying else "col",
        "stacked",
        100,
        40,
    )
    made.title = _title(chart.title)
    made.width, made.height = chart.width, chart.height
    for one in chart.series:
        cells = Reference(page, min_col=one.column + 1, min_row=table.first, max_row=table.last)
        series = BookSeries(cells, title_from_data=True)
        series.graphicalProperties, series.dLbls = _fill(one), _labels()
        made.series.append(series)
    made.set_categories(
        Reference(page, min_col=chart.labels + 1, min_row=table.first + 1, max_row=table.last)
    )
    made.legend.position, made.legend.txPr = "b", _text(800)
    made.x_axis.delete, made.x_axis.txPr, made.x_axis.title = False, _text(800), None
    made.y_axis.delete, made.y_axis.majorGridlines = True, None
    if chart.lying:
        made.x_axis.scaling.orientation = "maxMin"  # the first row on top
    made.roundedCorners = False
    return made


def _fill(series: Series) -> GraphicalProperties:
    shape = GraphicalProperties(ln=LineProperties(solidFill=series.line, w=9525))
    if series.pattern:
        shape.pattFill = PatternFillProperties(
            prst=series.pattern,
            fgClr=ColorChoice(srgbClr=series.line),
            bgClr=ColorChoice(srgbClr=series.fill),
        )
    else:
        shape.solidFill = series.fill
    return shape


def _labels() -> DataLabelList:
    """The number in each part of a bar, on white, so that it can be read on any fill and in grey."""
    labels = DataLabelList(numFmt=WITHOUT_ZEROS, showVal=True, dLblPos="ctr")
    labels.showSerName = labels.showCatName = labels.showLegendKey = labels.showPercent = False
    labels.txPr = _text(800, bold=True)
    labels.spPr = GraphicalProperties(solidFill="FFFFFF")
    return labels


def _characters(size: int, *, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=INK, latin=Font(typeface=FONT))


def _text(size: int, *, bold: bool = False) -> RichText:
    properties = ParagraphProperties(defRPr=_characters(size, bold=bold))
    return RichText(p=[Paragraph(pPr=properties, endParaRPr=_characters(size, bold=bold))])


def _title(text: str) -> Title:
    run = RegularTextRun(rPr=_characters(1100, bold=True), t=clean(text))
    properties = ParagraphProperties(defRPr=_characters(1100, bold=True))
    title = Title(tx=Text(rich=RichText(p=[Paragraph(pPr=properties, r=[run])])), overlay=False)
    title.layout = PlotLayout(ManualLayout(xMode="edge", yMode="edge", x=0.01, y=0.01))
    return title


def with_alt_text(parts: Mapping[str, bytes], charts: Sequence[Chart]) -> dict[str, bytes]:
    """The parts, with each chart's title and words on its frame; openpyxl has no place for them."""
    left = iter(charts)

    def described(found: re.Match[str]) -> str:
        chart = next(left)
        alt, title = quoteattr(clean(chart.alt)), quoteattr(clean(chart.title))
        return f"{found.group()} descr={alt} title={title}"

    found = dict(parts)
    for path, content in parts.items():
        if path.startswith("xl/drawings/drawing"):
            found[path] = CHART_NAME.sub(described, content.decode()).encode()
        elif path.startswith("xl/charts/chart"):
            found[path] = content.replace(LINKED, NOT_LINKED)
    return found
