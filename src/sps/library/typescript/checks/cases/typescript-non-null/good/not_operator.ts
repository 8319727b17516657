const hidden = !visible && a !== b;
class Box { private value!: string; }
