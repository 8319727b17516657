if (input.value === 0 && a !== b) reset();
