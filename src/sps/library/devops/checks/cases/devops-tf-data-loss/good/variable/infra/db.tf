  force_destroy = var.scratch
