"""Fine-tuning a small pretrained encoder: the only room that knows torch."""

from goldleaf.train.costs import Estimate
from goldleaf.train.estimate import estimate
from goldleaf.train.export import export_bundle
from goldleaf.train.loop import Progress, TrainingError
from goldleaf.train.recipe import Recipe, load_recipe, recipe_from_dict, recipe_to_dict
from goldleaf.train.run import SeedRun, Training, history_of, run_folder, train
from goldleaf.train.tune import Trial, Tuning, tune

__all__ = [
    "Estimate",
    "Progress",
    "Recipe",
    "SeedRun",
    "Training",
    "TrainingError",
    "Trial",
    "Tuning",
    "estimate",
    "export_bundle",
    "history_of",
    "load_recipe",
    "recipe_from_dict",
    "recipe_to_dict",
    "run_folder",
    "train",
    "tune",
]
