"""Modules of torch from elsewhere: run as they are, read by what they compute."""
