"""Kinds of work: what an operation that the profiler saw does, by its name."""

from __future__ import annotations

from collections.abc import Iterator

from torch.autograd.profiler_util import FunctionEvent

KINDS = {
    "products": "products",
    "random": "random numbers",
    "data": "rows gathered, black and white drawn",
    "forward": "elementwise",
    "backward": "elementwise, backward",
    "reductions": "sums and maxima",
    "optimizer": "Adam",
    "copies": "copies and fills",
    "calls": "calls",
}
_NAMES = {
    "products": {
        *("mm", "addmm", "bmm", "baddbmm", "mkldnn_convolution", "convolution_backward"),
        *("_slow_conv2d_forward", "thnn_conv2d", "convolution", "convolution_overrideable"),
    },
    "random": {"normal_", "uniform_", "random_", "bernoulli_", "exponential_", "randperm"},
    "reductions": {
        *("sum", "mean", "amax", "max", "logsumexp", "_softmax", "cumsum", "norm", "all", "any"),
        *("_logsumexp", "logcumsumexp", "_softmax_backward_data"),
    },
    "optimizer": {"_fused_adamw_", "_foreach_add_", "_foreach_sub_"},
    "copies": {"copy_", "fill_", "zero_", "cat", "stack", "index_put_"},
}
_KIND_OF = {name: kind for kind, names in _NAMES.items() for name in names}
# These make no number: views, memory, and names for what others do.
_NONE = {
    *("view", "_unsafe_view", "t", "transpose", "permute", "expand", "slice", "select", "alias"),
    *("split", "split_with_sizes", "unsqueeze", "squeeze", "detach", "as_strided", "unbind"),
    *("empty", "empty_like", "empty_strided", "reshape", "_reshape_alias", "chunk", "detach_"),
    *("linear", "matmul", "conv2d", "_convolution", "to", "_to_copy", "contiguous", "clone"),
    *("resolve_conj", "resolve_neg", "item", "_local_scalar_dense", "is_nonzero", "result_type"),
    *("zeros", "zeros_like", "ones_like", "full", "full_like", "rand_like", "randn", "randn_like"),
    *("new_zeros", "new_full", "expand_as", "numpy_T", "flatten", "unflatten", "lift_fresh"),
    *("narrow", "view_as", "set_", "resize_", "arange", "scalar_tensor", "new_empty"),
}


def kind_of(event: FunctionEvent) -> str:
    """Return the kind of work that an event's own time is."""
    above = list(_above(event))
    name = plain(event.name)
    if name == "returned":
        return "copies"
    if name in _KIND_OF and not ("data" in above and _KIND_OF[name] != "random"):
        return _KIND_OF[name]
    if "data" in above:
        return "data"
    fused = "cpp_fused" in name
    if not fused and (name == event.name or name in _NONE):
        return "calls"
    back = any(each.startswith(_BACK) for each in above)
    return "backward" if back else "forward"


def plain(name: str) -> str:
    """Return an operation's name, whether Python calls it or a graph that is all C++.

    Example:
        >>> plain("aten::mm"), plain("aoti_torch_cpu_addmm_out"), plain("my own")
        ('mm', 'addmm', 'my own')
    """
    if name.startswith("aoti_torch_cpu_"):
        return name.removeprefix("aoti_torch_cpu_").removesuffix("_out")
    return name.removeprefix("aten::")


_BACK = ("autograd::engine::evaluate_function", "CompiledFunctionBackward")


def _above(event: FunctionEvent) -> Iterator[str]:
    while (event := event.cpu_parent) is not None:
        yield event.name
