"""Finetuning of Hugging Face models by loss programs: the PyTorch engine behind losslattice's jobs and events."""

__version__ = "0.1.0"
