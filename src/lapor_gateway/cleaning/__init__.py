"""Makes files from strangers fit to be handed on: known by their content, without metadata, without anything active."""

from lapor_gateway.cleaning.files import Cleaned, Unfit, clean_file

__all__ = ["Cleaned", "Unfit", "clean_file"]
