"""Trained classifiers as teachers of rules: read exactly where they are small, else followed."""
