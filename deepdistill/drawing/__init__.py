"""Drawings as inline SVG and the parts of a page: what reports are made of. Knows no form."""
