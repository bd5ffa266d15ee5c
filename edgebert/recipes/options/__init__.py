"""Every option of every stage, once: the command line, the recipe files and Python share these fields.

The text under a field is its help on the command line. A default here is the recommendation; a recipe file
changes what it names, an option on the command line wins over both.
"""

from edgebert.recipes.options.distill import Candidates, DistillOptions, Init, Schedule, Term
from edgebert.recipes.options.files import ConvertOptions, Format, Isa, Layout, QuantizeOptions
from edgebert.recipes.options.phone import PhoneOptions
from edgebert.recipes.options.predict import PredictOptions
from edgebert.recipes.options.proof import BudgetOptions, ProfileOptions, VerifyOptions
from edgebert.recipes.options.source import DataOptions, FinetuneOptions, Kind, Source

__all__ = [
    "BudgetOptions", "Candidates", "ConvertOptions", "DataOptions", "DistillOptions", "FinetuneOptions", "Format",
    "Init", "Isa", "Kind", "Layout", "PhoneOptions", "PredictOptions", "ProfileOptions", "QuantizeOptions", "Schedule",
    "Source", "Term", "VerifyOptions",
]  # fmt: skip
