"""Networks: tensors to tensors, knowing no probability. One architecture per file."""
