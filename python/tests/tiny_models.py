"""Tiny random models of several architectures for tests, without tokenizers, and float64 where transformers rounds inside."""

import torch
import transformers
from torch.overrides import TorchFunctionMode

WORDS = 50
_decoder = {
    "vocab_size": WORDS,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 4,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
_gpt2 = {"vocab_size": WORDS, "n_embd": 16, "n_layer": 3, "n_head": 2, "n_positions": 64, "bos_token_id": 1, "eos_token_id": 2}
_plain = {name: value for name, value in _decoder.items() if name != "head_dim"}
_mixed = ["sliding_attention", "sliding_attention", "full_attention"]

CONFIGS = {
    "llama": lambda: transformers.LlamaConfig(**_decoder),
    "gpt2": lambda: transformers.GPT2Config(**_gpt2),
    "gemma2": lambda: transformers.Gemma2Config(**_decoder, sliding_window=4, final_logit_softcapping=3.0),
    "gemma3": lambda: transformers.Gemma3TextConfig(**_decoder, sliding_window=4, layer_types=_mixed),
    "mistral": lambda: transformers.MistralConfig(**_decoder, sliding_window=5),
    "qwen2": lambda: transformers.Qwen2Config(**_decoder, use_sliding_window=True, sliding_window=4, max_window_layers=1),
    "qwen3": lambda: transformers.Qwen3Config(**_decoder, tie_word_embeddings=True),
    "gpt_neox": lambda: transformers.GPTNeoXConfig(**{k: v for k, v in _plain.items() if k != "num_key_value_heads"}),
    "cohere": lambda: transformers.CohereConfig(**_plain, logit_scale=0.25),
    "granite": lambda: transformers.GraniteConfig(**_plain, logits_scaling=3.0),
    "phi": lambda: transformers.PhiConfig(**_plain),
}


def tiny(name: str, seed: int = 0, dtype: torch.dtype = torch.float64, attention: str | None = None) -> torch.nn.Module:
    """A model with its head, in evaluation mode; sdpa unless the architecture lacks it. Weights are large enough to matter."""
    torch.manual_seed(seed)
    attention = attention or ("eager" if name == "gemma2" else "sdpa")
    model = transformers.AutoModelForCausalLM.from_config(CONFIGS[name](), dtype=dtype, attn_implementation=attention)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, dtype=dtype))
    return model.eval()


class Float64Inside(TorchFunctionMode):
    """Takes every cast to float32 inside a model as one to float64: norms and softmaxes of transformers round to float32 even
    in float64 models, which would hide or fake differences of 1e-7."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if func is torch.Tensor.float:
            return args[0].double()
        if func in (torch.Tensor.to, torch.Tensor.type):
            args = tuple(torch.float64 if arg is torch.float32 else arg for arg in args)
        if kwargs.get("dtype") is torch.float32:
            kwargs["dtype"] = torch.float64
        return func(*args, **kwargs)
