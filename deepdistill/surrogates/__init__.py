"""Blocks of networks told by formulas: searched, judged, exchanged, saved."""
