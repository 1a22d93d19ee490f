"""Fine-tuning a small pretrained encoder: the only room that knows torch."""

from goldleaf.train.export import export_bundle
from goldleaf.train.loop import Progress, TrainingError
from goldleaf.train.recipe import Recipe, load_recipe, recipe_from_dict, recipe_to_dict
from goldleaf.train.run import SeedRun, Training, history_of, run_folder, train

__all__ = [
    "Progress",
    "Recipe",
    "SeedRun",
    "Training",
    "TrainingError",
    "export_bundle",
    "history_of",
    "load_recipe",
    "recipe_from_dict",
    "recipe_to_dict",
    "run_folder",
    "train",
]
