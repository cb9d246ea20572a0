"""What every page for a browser is made of: one file that needs no other and runs no script, light or dark.

Whatever comes from a sheet or the API is text, and stays text.
"""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from batch_dialer.reports.saving import write_file

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5c6570; --paper: #ffffff; --line: #dfe3e8; --fill: #f4f6f8;
  --bar: #2f6fb2; --bad: #a3320b; --bad-fill: #fdece5; --value: #e3eefa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ea; --soft: #9aa4ae; --paper: #15181b; --line: #30363c;
  --fill: #1e2226; --bar: #5b9bdd; --bad: #ff9d78; --bad-fill: #3a2119; --value: #1d3a57; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .4rem 0; max-width: 46rem; }
.soft { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.facts li { flex: 1 1 9rem; padding: .6rem .85rem; background: var(--fill); border-radius: .5rem; }
.facts b { display: block; font-size: 1.35rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.facts span { color: var(--soft); font-size: .875rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; font-size: .875rem; }
td.number, th.number { text-align: right; white-space: nowrap; padding-right: 1.5rem; }

td small { display: block; color: var(--soft); font-size: .8125rem; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: .15rem .75rem; align-items: center;
  font-variant-numeric: tabular-nums; font-size: .875rem; }
.bars i { display: block; height: .8rem; min-width: 2px; background: var(--bar); border-radius: .2rem;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
figure { margin: .75rem 0 0; padding: .75rem 1rem; background: var(--fill); border-radius: .5rem; }
figcaption { color: var(--soft); font-size: .875rem; margin-bottom: .35rem; }
blockquote { margin: 0 0 .5rem; font-size: 1.05rem; white-space: pre-line; }
mark { background: var(--value); color: inherit; border-radius: .2rem; padding: 0 .2em; }
mark.missing, .bad { background: var(--bad-fill); color: var(--bad); }
.bad { padding: .6rem .85rem; border-radius: .5rem; max-width: none; }
.bad a { color: inherit; }
figure .bad { padding: .3rem .6rem; font-size: .875rem; }
.facts + .bad { margin-top: .75rem; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: 0; font-size: .875rem; }
dt { color: var(--soft); } dd { margin: 0; }
@media print { body { padding: 0; max-width: none; } figure, tr, .facts li { break-inside: avoid; }
  h2 { break-after: avoid; } }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; } }
"""

_ALLOWED = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for a page: nothing."""


def write_page(path: Path, title: str, parts: Iterable[str]) -> None:
    """Write the page *title* with *parts*, which are HTML, to *path*; raise `UsageError` where it cannot be written."""
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    content = head + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    write_file(path, content.encode("utf-8", "replace"))


def text(words: object) -> str:
    """Return *words* as text of a page, whatever is in them."""
    return escape(str(words))


def table(headers: Sequence[str], lines: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Return a table of *lines*, whose cells are HTML; the columns in *numbers* are aligned to the right."""
    kinds = [' class="number"' if place in numbers else "" for place in range(len(headers))]
    head = "".join(f'<th scope="col"{kind}>{text(header)}</th>' for header, kind in zip(headers, kinds, strict=True))
    body = "\n".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(line, kinds, strict=True)) + "</tr>"
        for line in lines
    )
    return f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'


def bars(counts: Sequence[tuple[str, int]]) -> str:
    """Return a bar for each of *counts*, with its name and its number."""
    most = max((count for _, count in counts), default=0) or 1
    lines = (
        f'<span>{text(name)}</span><i style="width:{100 * count / most:.1f}%"></i><span>{count:,}</span>'
        for name, count in counts
    )
    return '<div class="bars">' + "\n".join(lines) + "</div>"
