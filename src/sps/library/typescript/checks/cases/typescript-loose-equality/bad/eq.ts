if (input.value == 0) reset();
