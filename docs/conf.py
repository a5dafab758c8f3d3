"""Sphinx configuration. Nothing is fetched: no fonts, scripts or inventories from elsewhere."""

from __future__ import annotations

from fallow import __version__

project = "Fallow"
author = "The Fallow developers"
project_copyright = "The Fallow developers; Apache-2.0"
release = version = __version__
language = "en"

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 4
exclude_patterns = ["_build", "pictures"]
nitpicky = True

html_theme = "furo"
html_title = f"Fallow {version}"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
pygments_style = "friendly"
