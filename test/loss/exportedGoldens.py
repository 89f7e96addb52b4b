"""Values and gradients by autograd of exported modules at the inputs of cases.json, in float64 and float32."""
import importlib
import json

import torch


def plain(x):
    return x if x - x == 0 else str(x)


results = {"float64": [], "float32": []}
for case in json.load(open("cases.json")):
    module = importlib.import_module(case["module"])
    function = getattr(module, module.__all__[0])
    for name in results:
        dtype = getattr(torch, name)
        leaves = {k: torch.tensor([float(x)], dtype=dtype, requires_grad=True) for k, x in case["inputs"]}
        loss = function(**leaves)
        slopes = torch.autograd.grad(loss.sum(), list(leaves.values()), allow_unused=True)
        by_name = {k: 0.0 if g is None else g.item() for k, g in zip(leaves, slopes)}
        results[name].append([plain(loss.item()), plain(by_name.get("lw", 0.0)), plain(by_name.get("ll", 0.0))])
print(json.dumps(results))
