#!/usr/bin/env bash
terraform state rm aws_sqs_queue.old
